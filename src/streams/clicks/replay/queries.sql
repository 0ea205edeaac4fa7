-- name: partitions()
-- The partitions of which anything was decided.
select partition from stream_partition where log = 'clicks' order by partition;

-- name: first_place(partition, since, until)^
-- Where a partition's clicks of a time begin in its log.
select min(d.log_offset) as log_offset, count(*) as clicks
from promo_click_decision d
join promo_event e on e.event_id = d.event_id and e.campaign_id = d.campaign_id
where d.log_partition = :partition and d.revision = 1 and e.rule_ts >= :since and e.rule_ts < :until
  and e.event_id >= promo_event_bound((:since::timestamptz at time zone 'UTC')::date - 8)
  and e.event_id < promo_event_bound((:until::timestamptz at time zone 'UTC')::date + 2);

-- name: clicks_from(partition, log_offset, log_index, limit)
-- A partition's clicks behind a place, in the log's order, each with what was decided first.
select d.log_offset, d.log_index, d.event_id, d.campaign_id, d.verdict, d.rule, d.rule_version, d.click_key,
       d.billed_cents, d.facts::text as facts, e.impression_id, e.city, e.ip_hash, e.ua_hash, e.ts, e.rule_ts
from promo_click_decision d
join promo_event e on e.event_id = d.event_id and e.campaign_id = d.campaign_id
where d.log_partition = :partition and d.revision = 1
  and (d.log_offset, d.log_index) > (:log_offset::bigint, :log_index::int)
order by d.log_offset, d.log_index
limit :limit;

-- name: controls_before(partition, log_offset)
-- What a partition's log had said last of each thing before a place, requests for money aside.
select distinct on (kind, key) log_offset, kind, key, version, payload::text as payload, received_at
from promo_control
where log_partition = :partition and log_offset < :log_offset and kind <> 'debit'
order by kind, key, version desc;

-- name: controls_from(partition, log_offset)
-- What a partition's log says from a place on, in its order.
select log_offset, kind, key, version, payload::text as payload, received_at
from promo_control
where log_partition = :partition and log_offset >= :log_offset
order by log_offset;

-- name: taken_before(partition, log_offset)
-- What requests had taken out of each campaign's budget before a place, as positive amounts.
select l.campaign_id, -sum(l.amount_cents)::bigint as cents
from promo_debit d join promo_budget_ledger l on l.entry_id = d.entry_id
where d.log_partition = :partition and d.log_offset < :log_offset
group by l.campaign_id;

-- name: chains_from(partition, log_offset, log_end)
-- Each campaign's spend entries from a place on, up to another where there is one, in their chain's order.
with placed as (
  select l.campaign_id, min(l.sequence) as first, max(l.sequence) as last
  from promo_click_decision d
  join promo_budget_ledger l on l.campaign_id = d.campaign_id and l.click_key = d.click_key and l.kind = 'spend'
  where d.log_partition = :partition and d.revision = 1 and d.billed_cents > 0 and d.log_offset >= :log_offset
    and (:log_end::bigint is null or d.log_offset < :log_end::bigint)
  group by l.campaign_id
  union all
  select l.campaign_id, min(l.sequence), max(l.sequence)
  from promo_debit d join promo_budget_ledger l on l.entry_id = d.entry_id
  where d.log_partition = :partition and d.log_offset >= :log_offset
    and (:log_end::bigint is null or d.log_offset < :log_end::bigint)
  group by l.campaign_id
), part as (
  select campaign_id, min(first) as first, max(last) as last from placed group by campaign_id
)
select l.campaign_id, l.sequence, l.entry_id, l.previous_hash, l.hash, l.amount_cents
from part join promo_budget_ledger l on l.campaign_id = part.campaign_id and l.chain = 'spend'
  and l.sequence between part.first and part.last
order by l.campaign_id, l.sequence;

-- name: spent_before(campaign_ids, sequences)
-- What these spend chains come to before a sequence, by kind and budget day.
select l.campaign_id, l.kind, l.budget_day, sum(l.promo_cents)::bigint as promo_cents,
       sum(l.cash_cents)::bigint as cash_cents
from unnest(:campaign_ids::text[], :sequences::bigint[]) as b (campaign_id, sequence)
join promo_budget_ledger l on l.campaign_id = b.campaign_id and l.chain = 'spend' and l.sequence < b.sequence
group by l.campaign_id, l.kind, l.budget_day;

-- name: standing_heads(campaign_ids)
-- Where spend chains stand that nothing was added to.
select campaign_id, sequence, promo_cents, cash_cents, hash
from promo_spend_head where campaign_id = any(:campaign_ids::text[]);

-- name: campaigns_from(partition, log_offset)
-- The campaigns of a partition's clicks from a place on.
select distinct campaign_id from promo_click_decision
where log_partition = :partition and log_offset >= :log_offset and revision = 1;
