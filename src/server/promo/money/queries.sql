-- name: open_funding_head(campaign_id)!
-- Makes a campaign's funding head where it has none yet.
insert into promo_funding_head (campaign_id) values (:campaign_id) on conflict do nothing;

-- name: lock_funding_head(campaign_id)^
-- Where the funding chain stands, held until the transaction ends. Locks: campaign heads.
select campaign_id, sequence, promo_cents, cash_cents, hash
from promo_funding_head
where campaign_id = :campaign_id
for no key update;

-- name: move_funding_head(campaign_id, sequence, promo_cents, cash_cents, hash, now)!
-- Where the funding chain stands now. Locks: campaign heads.
update promo_funding_head
set sequence = :sequence, promo_cents = :promo_cents, cash_cents = :cash_cents, hash = :hash, updated_at = :now
where campaign_id = :campaign_id;

-- name: insert_entry(entry_id, campaign_id, kind, amount_cents, promo_cents, cash_cents, processor, processor_ref, reason, chain, sequence, click_key, budget_day, credit_source, reverses_entry_id, previous_hash, hash, now)!
-- Writes an entry, for good.
insert into promo_budget_ledger
  (entry_id, campaign_id, kind, amount_cents, promo_cents, cash_cents, processor, processor_ref, reason, chain, sequence,
   click_key, budget_day, credit_source, reverses_entry_id, previous_hash, hash, created_at)
values
  (:entry_id, :campaign_id, :kind, :amount_cents, :promo_cents, :cash_cents, :processor, :processor_ref, :reason, :chain,
   :sequence, :click_key, :budget_day, :credit_source, :reverses_entry_id, :previous_hash, :hash, :now);

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
