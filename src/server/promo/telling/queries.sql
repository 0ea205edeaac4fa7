-- name: steps_of(campaign_id)
-- A campaign's history, oldest first.
select event, from_status, to_status, actor_kind, actor_user_id, reason, created_at
from promo_campaign_event where campaign_id = :campaign_id order by sequence;

-- name: movements_of(campaign_id)
-- What moved in a campaign's ledger beside clicks, oldest first.
select entry_id, kind, amount_cents, promo_cents, reason, credit_source, reverses_entry_id, created_at
from promo_budget_ledger where campaign_id = :campaign_id and kind <> 'spend'
order by created_at, entry_id;

-- name: days_of(campaign_id)
-- What the clicks of each day cost, when the last of them was charged.
select budget_day, count(*) as clicks, sum(amount_cents)::bigint as cents, max(created_at) as last
from promo_budget_ledger where campaign_id = :campaign_id and kind = 'spend'
group by budget_day order by budget_day;

-- name: sums_of(campaign_id)^
-- What a campaign's chains add up to, where their heads stand, and what the counters say that its clicks cost.
select coalesce(sum(l.amount_cents) filter (where l.chain = 'funding'), 0)::bigint as funding_cents,
       coalesce(sum(l.amount_cents) filter (where l.chain = 'spend'), 0)::bigint as taken_cents,
       coalesce(-sum(l.amount_cents) filter (where l.kind = 'spend'), 0)::bigint as spend_cents,
       (select coalesce(sum(promo_cents + cash_cents), 0)::bigint from promo_funding_head
        where campaign_id = :campaign_id) as funding_head_cents,
       (select coalesce(sum(promo_cents + cash_cents), 0)::bigint from promo_spend_head
        where campaign_id = :campaign_id) as spend_head_cents,
       (select coalesce(sum(spend_cents), 0)::bigint from promo_rollup_15m
        where campaign_id = :campaign_id) as counted_cents
from promo_budget_ledger l where l.campaign_id = :campaign_id;

-- name: history_of(subject_id)
-- The steps of a payment, a withdrawal, an advertiser or a settlement, oldest first.
select event, from_status, to_status, actor_user_id, created_at
from promo_history where subject_id = :subject_id order by sequence;

-- name: receivables_of(topup_id)
-- What was taken back of a payment, and what came again.
select processor_ref, taken_cents, returned_cents, updated_at
from promo_receivable where topup_id = :topup_id order by created_at, processor_ref;

-- name: settlements_of(topup_id)
-- What ended a part of what is owed for a payment, and what is asked to.
select settlement_id, method, amount_cents, status, reason, coalesce(approved_at, proposed_at) as at
from promo_debt_settlement where topup_id = :topup_id order by settlement_id;

-- name: sums_of_topup(topup_id)^
-- What a payment paid, what its entry says, and what of it goes back or is promised back.
select t.amount_cents::bigint as paid_cents, coalesce(l.amount_cents, 0)::bigint as booked_cents,
       t.entry_id is not null as booked
from promo_topup t left join promo_budget_ledger l on l.entry_id = t.entry_id
where t.topup_id = :topup_id;

-- name: debit_of(debit_id)^
-- What the click stream made of a request, and what it took.
select d.outcome, d.entry_id, d.log_partition, d.log_offset, d.decided_at,
       coalesce(-l.amount_cents, 0)::bigint as taken_cents
from promo_debit d left join promo_budget_ledger l on l.entry_id = d.entry_id
where d.debit_id = :debit_id;
