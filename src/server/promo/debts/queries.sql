-- name: get_debt(topup_id)^
-- What is owed for one payment; zeros where nothing was taken back.
select t.topup_id, t.campaign_id, coalesce(r.taken_cents, 0)::bigint as taken_cents,
       coalesce(r.returned_cents, 0)::bigint as returned_cents, coalesce(s.settled_cents, 0)::bigint as settled_cents
from promo_topup t
left join lateral (
  select sum(taken_cents) as taken_cents, sum(returned_cents) as returned_cents
  from promo_receivable where topup_id = t.topup_id
) r on true
left join lateral (
  select sum(amount_cents) as settled_cents
  from promo_debt_settlement where topup_id = t.topup_id and status = 'approved'
) s on true
where t.topup_id = :topup_id;

-- name: debts_of(campaign_id, after, limit)
-- A campaign's payments of which something was taken back, oldest first, each with what is owed for it.
select t.topup_id, t.campaign_id, r.taken_cents::bigint as taken_cents, r.returned_cents::bigint as returned_cents,
       coalesce(s.settled_cents, 0)::bigint as settled_cents
from promo_topup t
join lateral (
  select sum(taken_cents) as taken_cents, sum(returned_cents) as returned_cents
  from promo_receivable where topup_id = t.topup_id having count(*) > 0
) r on true
left join lateral (
  select sum(amount_cents) as settled_cents
  from promo_debt_settlement where topup_id = t.topup_id and status = 'approved'
) s on true
where t.campaign_id = :campaign_id and (:after::text is null or t.topup_id > :after::text)
order by t.topup_id
limit :limit;

-- name: settlements_of(topup_ids)
-- What was proposed and approved about payments, oldest first.
select * from promo_debt_settlement where topup_id = any(:topup_ids::text[]) order by settlement_id;

-- name: get_settlement(settlement_id)^
-- One settlement.
select * from promo_debt_settlement where settlement_id = :settlement_id;

-- name: collected_by(adjustment_id)^
-- What the click stream took for an adjustment; no row where it took nothing.
select a.adjustment_id, a.campaign_id, -a.cash_cents as cash_cents,
       exists (select from promo_debt_settlement s where s.adjustment_id = a.adjustment_id) as settles
from promo_adjustment a join promo_debit d on d.debit_id = a.adjustment_id
where a.adjustment_id = :adjustment_id and d.outcome = 'applied';

-- name: insert_settlement(settlement_id, topup_id, method, amount_cents, adjustment_id, reason, status, proposed_by, now)!
-- Stores a proposal.
insert into promo_debt_settlement
  (settlement_id, topup_id, method, amount_cents, adjustment_id, reason, status, proposed_by, proposed_at)
values
  (:settlement_id, :topup_id, :method, :amount_cents, :adjustment_id, :reason, :status, :proposed_by, :now);

-- name: approve_settlement(settlement_id, status, version, approved_by, now)!
-- Approves a settlement; its campaign is locked, so nobody else has.
update promo_debt_settlement
set status = :status, version = :version, approved_by = :approved_by, approved_at = :now
where settlement_id = :settlement_id;
