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
