-- name: insert_topup(topup_id, campaign_id, payer_user_id, amount_cents, cause, status, now)^
-- Begins a payment; no row where an automatic one is under way for the campaign.
insert into promo_topup
  (topup_id, campaign_id, payer_user_id, amount_cents, cause, status, created_at, updated_at)
values (:topup_id, :campaign_id, :payer_user_id, :amount_cents, :cause, :status, :now, :now)
on conflict (campaign_id) where cause = 'automatic' and status in ('pending', 'requires_action') do nothing
returning topup_id;

-- name: get_topup(topup_id)^
-- One payment.
select * from promo_topup where topup_id = :topup_id;

-- name: list_topups(campaign_id, before, limit)
-- A campaign's payments, newest first: ids sort by time.
select * from promo_topup
where campaign_id = :campaign_id and (:before::text is null or topup_id < :before::text)
order by topup_id desc
limit :limit;

-- name: save_topup(topup_id, expected_version, status, payment_intent_id, charge_id, entry_id, failure_code, decline_code, version, now)$
-- Writes a changed payment, if it is still what the change was made from; null where it is not.
update promo_topup
set status = :status, payment_intent_id = :payment_intent_id, charge_id = :charge_id, entry_id = :entry_id,
    failure_code = :failure_code, decline_code = :decline_code, version = :version, updated_at = :now
where topup_id = :topup_id and version = :expected_version
returning topup_id;

-- name: raise_receivable(processor_ref, topup_id, taken_cents, returned_cents, now)^
-- Keeps what was taken back of a payment and what came again. Neither sum ever falls: a look at the processor may be
-- older than another.
insert into promo_receivable (processor_ref, topup_id, taken_cents, returned_cents, created_at, updated_at)
values (:processor_ref, :topup_id, :taken_cents, :returned_cents, :now, :now)
on conflict (processor_ref) do update
set taken_cents = greatest(promo_receivable.taken_cents, excluded.taken_cents),
    returned_cents = greatest(promo_receivable.returned_cents, excluded.returned_cents), updated_at = excluded.updated_at
returning taken_cents, returned_cents;

-- name: missing_of(topup_id)$
-- What was taken back of one payment and has not come again.
select coalesce(sum(taken_cents - returned_cents), 0)::bigint from promo_receivable where topup_id = :topup_id;

-- name: owed_by(campaign_id)$
-- What is owed for a campaign's payments: what is missing of each, less what was settled of it.
select coalesce(sum(greatest(0, r.missing_cents - coalesce(s.settled_cents, 0))), 0)::bigint
from promo_topup t
join lateral (
  select sum(taken_cents - returned_cents) as missing_cents from promo_receivable where topup_id = t.topup_id
) r on true
left join lateral (
  select sum(amount_cents) as settled_cents
  from promo_debt_settlement where topup_id = t.topup_id and status = 'approved'
) s on true
where t.campaign_id = :campaign_id;

-- name: refunds_of(topup_id)$
-- What of a payment we refund, or may have refunded, ourselves.
select coalesce(sum(amount_cents), 0)::bigint from promo_withdrawal_part
where topup_id = :topup_id and status in ('pending', 'succeeded');
