-- name: store_controls(partition, offsets, kinds, keys, versions, payloads, received)
-- Keeps control records with their places in the log, but for those that are no newer than what the partition has; tells
-- which are kept.
insert into promo_control (log_partition, log_offset, kind, key, version, payload, received_at)
select :partition::int, r.log_offset, r.kind, r.key, r.version, r.payload::jsonb, r.received_at
from unnest(:offsets::bigint[], :kinds::text[], :keys::text[], :versions::bigint[], :payloads::text[],
            :received::timestamptz[]) as r (log_offset, kind, key, version, payload, received_at)
where r.version > coalesce((
  select max(c.version) from promo_control c
  where c.kind = r.kind and c.key = r.key and c.log_partition = :partition::int), 0)
returning log_offset;

-- name: funded_at(partition, campaign_id, before)^
-- What had been put into a campaign's budget by what the log said before an offset; no row where it said nothing.
select (payload ->> 'funded_promo_cents')::bigint as promo_cents, (payload ->> 'funded_cash_cents')::bigint as cash_cents
from promo_control
where kind = 'campaign' and key = :campaign_id and log_partition = :partition and log_offset < :before
order by version desc
limit 1;

-- name: open_spend_head(campaign_id)!
-- Makes a campaign's spend head where it has none yet.
insert into promo_spend_head (campaign_id) values (:campaign_id) on conflict do nothing;

-- name: lock_spend_head(campaign_id)^
-- Where the spend chain stands, held until the transaction ends. Locks: campaign heads.
select campaign_id, sequence, promo_cents, cash_cents, hash
from promo_spend_head
where campaign_id = :campaign_id
for no key update;

-- name: move_spend_head(campaign_id, sequence, promo_cents, cash_cents, hash, now)!
-- Where the spend chain stands now. Locks: campaign heads.
update promo_spend_head
set sequence = :sequence, promo_cents = :promo_cents, cash_cents = :cash_cents, hash = :hash, updated_at = :now
where campaign_id = :campaign_id;

-- name: insert_taken(entry_id, campaign_id, amount_cents, promo_cents, cash_cents, reason, sequence, previous_hash, hash, now)!
-- Writes what a request took, for good.
insert into promo_budget_ledger
  (entry_id, campaign_id, kind, amount_cents, promo_cents, cash_cents, reason, chain, sequence, previous_hash, hash,
   created_at)
values
  (:entry_id, :campaign_id, 'adjustment', :amount_cents, :promo_cents, :cash_cents, :reason, 'spend', :sequence,
   :previous_hash, :hash, :now);

-- name: settle_debit(debit_id, campaign_id, outcome, entry_id, partition, log_offset, now)!
-- What became of a request, for good.
insert into promo_debit (debit_id, campaign_id, outcome, entry_id, log_partition, log_offset, decided_at)
values (:debit_id, :campaign_id, :outcome, :entry_id, :partition, :log_offset, :now);

-- name: newest_controls(partition)
-- What a partition's log has said last of each campaign, and of everything else that stands until it is said anew.
select distinct on (kind, key) log_offset, kind, key, version, payload::text as payload, received_at
from promo_control
where log_partition = :partition and kind <> 'debit'
order by kind, key, version desc;

-- name: taken_by_debits(partition)
-- What was taken out of each campaign's budget other than by clicks, as positive amounts.
select l.campaign_id, -sum(l.amount_cents)::bigint as cents
from promo_debit d join promo_budget_ledger l on l.entry_id = d.entry_id
where d.log_partition = :partition
group by l.campaign_id;

-- name: known_clicks(event_ids, campaign_ids, click_keys)
-- Which clicks are there already, and whose impression was billed: their numbers, from 1. One look-up each.
select k.number, e.there is not null as is_there, b.billed is not null as is_billed
from unnest(:event_ids::text[], :campaign_ids::text[], :click_keys::text[])
  with ordinality as k (event_id, campaign_id, click_key, number)
left join lateral (
  select true as there from promo_event e
  where e.event_id = k.event_id and e.campaign_id = k.campaign_id limit 1) e on true
left join lateral (
  select true as billed from promo_budget_ledger l
  where l.campaign_id = k.campaign_id and l.click_key = k.click_key and l.kind = 'spend' limit 1) b on true
where e.there or b.billed;

-- name: store_doubtful(partition, event_ids, campaign_ids, impression_ids, types, roles, cities, query_hashes, user_ids, fingerprints, ip_hashes, ua_hashes, received, extras, offsets, indexes, rule_times)
-- Stores those events that are new, the first of each, and tells how many impressions of each campaign and quarter of an
-- hour were among them.
with stored as (
  insert into promo_event
    (event_id, campaign_id, impression_id, type, role, city, query_hash, user_id, anon_fp_hash, ip_hash, ua_hash, ts,
     extra_json, log_partition, log_offset, log_index, rule_ts)
  select d.event_id, d.campaign_id, d.impression_id, d.type, d.role, d.city, d.query_hash, d.user_id, d.anon_fp_hash,
         d.ip_hash, d.ua_hash, d.ts, d.extra_json::jsonb, :partition::int, d.log_offset, d.log_index, d.rule_ts
  from unnest(:event_ids::text[], :campaign_ids::text[], :impression_ids::text[], :types::text[], :roles::text[],
              :cities::text[], :query_hashes::text[], :user_ids::text[], :fingerprints::text[], :ip_hashes::text[],
              :ua_hashes::text[], :received::timestamptz[], :extras::text[], :offsets::bigint[], :indexes::int[],
              :rule_times::timestamptz[])
    as d (event_id, campaign_id, impression_id, type, role, city, query_hash, user_id, anon_fp_hash, ip_hash, ua_hash,
          ts, extra_json, log_offset, log_index, rule_ts)
  order by d.log_offset, d.log_index
  on conflict do nothing
  returning campaign_id, ts, type
)
select campaign_id, date_bin('15 minutes', ts, timestamptz 'epoch') as bucket_start, count(*) as impressions
from stored
where type = 'impression'
group by 1, 2;

-- name: open_spend_heads(campaign_ids)!
-- Makes the spend heads that are missing.
insert into promo_spend_head (campaign_id)
select campaign_id from unnest(:campaign_ids::text[]) as c (campaign_id)
order by campaign_id
on conflict do nothing;

-- name: lock_spend_heads(campaign_ids)
-- Where these spend chains stand, held until the transaction ends. Locks: campaign heads, ascending.
select campaign_id, sequence, promo_cents, cash_cents, hash
from promo_spend_head
where campaign_id = any(:campaign_ids::text[])
order by campaign_id
for no key update;

-- name: entries_there(entry_ids)
-- Which of these entries are written already. One look-up each, however small the table was when the plan was made.
select k.entry_id
from unnest(:entry_ids::text[]) as k (entry_id)
cross join lateral (select true from promo_budget_ledger l where l.entry_id = k.entry_id limit 1) there;

-- name: move_spend_heads(campaign_ids, sequences, promo_cents, cash_cents, hashes, now)!
-- Where these spend chains stand now. Locks: campaign heads, which the caller has already.
update promo_spend_head h
set sequence = n.sequence, promo_cents = n.promo_cents, cash_cents = n.cash_cents, hash = n.hash, updated_at = :now
from unnest(:campaign_ids::text[], :sequences::bigint[], :promo_cents::bigint[], :cash_cents::bigint[], :hashes::bytea[])
  as n (campaign_id, sequence, promo_cents, cash_cents, hash)
where h.campaign_id = n.campaign_id;

-- name: add_to_rollups(campaign_ids, buckets, impressions, clicks, billed, invalid, duplicate, over_delivered, spend)!
-- Adds to the counters of quarters of an hour.
insert into promo_rollup_15m as r
  (campaign_id, bucket_start, impressions, clicks, billed_clicks, invalid_clicks, duplicate_clicks,
   over_delivered_clicks, spend_cents)
select * from unnest(:campaign_ids::text[], :buckets::timestamptz[], :impressions::bigint[], :clicks::bigint[],
                     :billed::bigint[], :invalid::bigint[], :duplicate::bigint[], :over_delivered::bigint[],
                     :spend::bigint[])
on conflict (campaign_id, bucket_start) do update set
  impressions = r.impressions + excluded.impressions,
  clicks = r.clicks + excluded.clicks,
  billed_clicks = r.billed_clicks + excluded.billed_clicks,
  invalid_clicks = r.invalid_clicks + excluded.invalid_clicks,
  duplicate_clicks = r.duplicate_clicks + excluded.duplicate_clicks,
  over_delivered_clicks = r.over_delivered_clicks + excluded.over_delivered_clicks,
  spend_cents = r.spend_cents + excluded.spend_cents;

-- name: spent_in_all(campaign_ids)
-- What was taken from these campaigns' budgets by clicks and otherwise, as positive amounts.
select campaign_id, -(promo_cents + cash_cents) as cents from promo_spend_head where campaign_id = any(:campaign_ids::text[]);

-- name: spent_by_day(campaign_ids, since)
-- What clicks of these campaigns cost on each of their days, as positive amounts.
select campaign_id, budget_day, -sum(amount_cents)::bigint as cents
from promo_budget_ledger
where campaign_id = any(:campaign_ids::text[]) and kind = 'spend' and budget_day >= :since
group by campaign_id, budget_day;
