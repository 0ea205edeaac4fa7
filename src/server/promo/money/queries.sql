-- name: open_funding_head(campaign_id)!
-- Makes a campaign's funding head where it has none yet.
insert into promo_funding_head (campaign_id) values (:campaign_id) on conflict do nothing;

-- name: lock_funding_head(campaign_id)^
-- Where the funding chain stands, held until the transaction ends. Locks: campaign heads.
select campaign_id, sequence, promo_cents, cash_cents, hash
from promo_funding_head
where campaign_id = :campaign_id
for no key update;

-- name: move_funding_head(campaign_id, sequence, promo_cents, cash_cents, hash, restored_cents, now)!
-- Where the funding chain stands now, and how much more of it gives back invalid clicks. Locks: campaign heads.
update promo_funding_head
set sequence = :sequence, promo_cents = :promo_cents, cash_cents = :cash_cents, hash = :hash,
    restored_cents = restored_cents + :restored_cents, updated_at = :now
where campaign_id = :campaign_id;

-- name: insert_entries(entries, now)!
-- Writes entries, for good: a document each.
insert into promo_budget_ledger
  (entry_id, campaign_id, kind, amount_cents, promo_cents, cash_cents, processor, processor_ref, reason, chain, sequence,
   click_key, budget_day, credit_source, reverses_entry_id, previous_hash, hash, created_at)
select e.entry_id, e.campaign_id, e.kind, e.amount_cents, e.promo_cents, e.cash_cents, e.processor, e.processor_ref,
       e.reason, e.chain, e.sequence, e.click_key, e.budget_day, e.credit_source, e.reverses_entry_id,
       decode(e.previous_hash, 'hex'), decode(e.hash, 'hex'), :now::timestamptz
from jsonb_to_recordset(:entries::jsonb) as e (
  entry_id text, campaign_id text, kind text, amount_cents int, promo_cents int, cash_cents int, processor text,
  processor_ref text, reason text, chain text, sequence bigint, click_key text, budget_day date, credit_source text,
  reverses_entry_id text, previous_hash text, hash text);

-- name: raise_limits_version(campaign_id)$
-- Counts a change of what may be spent; the campaign's row is locked already.
update promo_campaign set limits_version = limits_version + 1 where campaign_id = :campaign_id returning limits_version;

-- name: list_entries(campaign_id, before_time, before_id, limit)
-- A campaign's entries, newest first.
select entry_id, campaign_id, kind, promo_cents, cash_cents, processor_ref, reason, sequence, click_key, budget_day,
       credit_source, reverses_entry_id, previous_hash, hash, created_at
from promo_budget_ledger
where campaign_id = :campaign_id
  and (:before_id::text is null or (created_at, entry_id) < (:before_time::timestamptz, :before_id::text))
order by created_at desc, entry_id desc
limit :limit;

-- name: spent_on(campaign_id, day)$
-- What a campaign's clicks of one of its days cost, as a positive amount.
select coalesce(-sum(amount_cents), 0)::bigint
from promo_budget_ledger
where campaign_id = :campaign_id and budget_day = :day and kind = 'spend';

-- name: partition_moved_at(log_partition)$
-- When the stream last moved on in a partition; null where it never was there.
select updated_at from stream_partition where log = 'clicks' and partition = :log_partition;

-- name: spent_on_days(campaign_ids, days)
-- What each campaign's clicks of one day of its own cost, as positive amounts; no row where nothing was spent.
select l.campaign_id, -sum(l.amount_cents)::bigint as spent_cents
from unnest(:campaign_ids::text[], :days::date[]) as asked (campaign_id, day)
join promo_budget_ledger l on l.campaign_id = asked.campaign_id and l.budget_day = asked.day and l.kind = 'spend'
group by l.campaign_id;

-- name: statement_rows(campaign_id, time_zone, first_day, end_day)
-- What moved by day and kind; everything before the first day is one row without a day.
select case when day >= :first_day::date then day end as day,
       case when day >= :first_day::date then kind end as kind,
       count(*) as entries, sum(promo_cents)::bigint as promo_cents, sum(cash_cents)::bigint as cash_cents
from (
  select kind, promo_cents, cash_cents,
         coalesce(budget_day, (created_at at time zone :time_zone::text)::date) as day
  from promo_budget_ledger where campaign_id = :campaign_id
) entry
where day < :end_day::date
group by 1, 2
order by 1 nulls first, 2;

-- name: insert_adjustment(adjustment_id, campaign_id, promo_cents, cash_cents, reason, status, proposed_by, now)!
-- Stores what somebody proposes.
insert into promo_adjustment
  (adjustment_id, campaign_id, promo_cents, cash_cents, reason, status, proposed_by, proposed_at)
values (:adjustment_id, :campaign_id, :promo_cents, :cash_cents, :reason, :status, :proposed_by, :now);

-- name: get_adjustment(adjustment_id)^
-- One adjustment.
select adjustment_id, campaign_id, promo_cents, cash_cents, reason, status, proposed_by, proposed_at, approved_by,
       approved_at
from promo_adjustment
where adjustment_id = :adjustment_id;

-- name: approve_adjustment(adjustment_id, approved_by, now)$
-- Approves what is still proposed; null where it no longer is.
update promo_adjustment set status = 'approved', approved_by = :approved_by, approved_at = :now
where adjustment_id = :adjustment_id and status = 'proposed'
returning adjustment_id;
