-- name: payments_of(order_id)
-- Every payment of an order, the oldest first.
select * from booking.payment where order_id = :order_id order by sequence;

-- name: payment_order(payment_id)^
-- Whose order a payment is of.
select order_id from booking.payment where payment_id = :payment_id;

-- name: insert_payment(payment_id, order_id, sequence, purpose, amount_cents, subtotal_cents, tip_cents, currency, payment_method_id, now)!
-- Begins a payment; the caller holds the order.
insert into booking.payment
  (payment_id, order_id, sequence, purpose, amount_cents, subtotal_cents, tip_cents, currency, payment_method_id,
   off_session, created_at, updated_at)
values
  (:payment_id, :order_id, :sequence, :purpose, :amount_cents, :subtotal_cents, :tip_cents, :currency,
   :payment_method_id::text, :payment_method_id::text is not null, :now, :now);

-- name: save_payment(payment_id, expected, status, captured_cents, stripe_payment_intent_id, stripe_charge_id, capture_before, failure_code, given_up_at, late, captured_at, now)^
-- Writes where a payment is now; no row where it is no longer where it was read.
update booking.payment
set status = :status, captured_cents = :captured_cents, stripe_payment_intent_id = :stripe_payment_intent_id,
    stripe_charge_id = :stripe_charge_id, capture_before = :capture_before, failure_code = :failure_code,
    given_up_at = :given_up_at, late = :late, captured_at = :captured_at, updated_at = :now
where payment_id = :payment_id and status = :expected
returning payment_id;

-- name: add_refunded(payment_id, cents, now)!
-- Counts what a payment gives back, or no longer does.
update booking.payment set refunded_cents = refunded_cents + :cents, updated_at = :now where payment_id = :payment_id;

-- name: add_withdrawn(payment_id, withdrawn_cents, reinstated_cents, now)!
-- Counts what a bank took of a payment, and what it brought back.
update booking.payment
set withdrawn_cents = withdrawn_cents + :withdrawn_cents, reinstated_cents = reinstated_cents + :reinstated_cents,
    updated_at = :now
where payment_id = :payment_id;

-- name: name_principal(order_id, stripe_payment_intent_id)!
-- Writes the payment that pays for the order into the order, which the caller holds. Locks: order.
update booking.order
set stripe_payment_intent_id = :stripe_payment_intent_id, connect_transfer_group = order_id
where order_id = :order_id;

-- name: keep_promise(order_id, payment_method_id, now)!
-- Keeps the saved card that an order is to be charged to; the latest word counts.
insert into booking.card_promise (order_id, payment_method_id, created_at)
values (:order_id, :payment_method_id, :now)
on conflict (order_id) do update set payment_method_id = excluded.payment_method_id, created_at = excluded.created_at;

-- name: promise_of(order_id)^
-- The saved card that an order is to be charged to.
select payment_method_id from booking.card_promise where order_id = :order_id;

-- name: balance_of(order_id)^
-- Where an order's money is.
select * from booking.refund_balance where order_id = :order_id;

-- name: lock_balance(order_id)^
-- The same, holding it until the transaction ends. Locks: refund balance.
select * from booking.refund_balance where order_id = :order_id for update;

-- name: insert_balance(order_id, now)!
-- Opens the balance of an order at its first capture; the caller holds the order.
insert into booking.refund_balance (order_id, updated_at) values (:order_id, :now);

-- name: save_balance(order_id, charged_cents, refunded_cents, subtotal_cents, subtotal_returned_cents, fee_cents, fee_returned_cents, fee_forfeited_cents, credit_cents, credit_returned_cents, credit_forfeited_cents, tax_cents, tax_returned_cents, tax_forfeited_cents, commission_cents, commission_returned_cents, tip_cents, tip_returned_cents, withdrawn_cents, reinstated_cents, transferred_cents, reversed_cents, now)!
-- Writes an order's balance, which the caller holds. Locks: refund balance.
update booking.refund_balance
set charged_cents = :charged_cents, refunded_cents = :refunded_cents, subtotal_cents = :subtotal_cents,
    subtotal_returned_cents = :subtotal_returned_cents, fee_cents = :fee_cents,
    fee_returned_cents = :fee_returned_cents, fee_forfeited_cents = :fee_forfeited_cents,
    credit_cents = :credit_cents, credit_returned_cents = :credit_returned_cents,
    credit_forfeited_cents = :credit_forfeited_cents, tax_cents = :tax_cents, tax_returned_cents = :tax_returned_cents,
    tax_forfeited_cents = :tax_forfeited_cents, commission_cents = :commission_cents,
    commission_returned_cents = :commission_returned_cents, tip_cents = :tip_cents,
    tip_returned_cents = :tip_returned_cents, withdrawn_cents = :withdrawn_cents,
    reinstated_cents = :reinstated_cents, transferred_cents = :transferred_cents, reversed_cents = :reversed_cents,
    updated_at = :now
where order_id = :order_id;

-- name: release_subtotal(order_id, milestone_id, amount_cents, now)^
-- Lets a milestone's share of the subtotal be paid out, once. Locks: refund balance.
with released as (
  insert into booking.milestone_release (order_id, milestone_id, amount_cents, created_at)
  values (:order_id, :milestone_id, :amount_cents, :now)
  on conflict do nothing
  returning amount_cents
)
update booking.refund_balance b
set released_subtotal_cents = b.released_subtotal_cents + r.amount_cents, updated_at = :now
from released r
where b.order_id = :order_id
returning b.order_id;

-- name: release_whole(order_id, at, now)!
-- Lets everything payable be paid out from an instant on; the earlier word counts. Locks: refund balance.
update booking.refund_balance
set released_from = least(released_from, :at), updated_at = :now
where order_id = :order_id;

-- name: refund_set_of(order_id, cause, cause_id)
-- What a cause has given back already, piece by piece.
select r.*, p.stripe_charge_id from booking.refund r join booking.payment p on p.payment_id = r.payment_id
where r.order_id = :order_id and r.cause = :cause and r.cause_id = :cause_id
order by r.refund_id;

-- name: refunds_of(order_id)
-- Every refund of an order, the oldest first.
select r.*, p.stripe_charge_id from booking.refund r join booking.payment p on p.payment_id = r.payment_id
where r.order_id = :order_id
order by r.refund_id;

-- name: refund_set(refund_set_id)
-- The pieces of one refund.
select r.*, p.stripe_charge_id from booking.refund r join booking.payment p on p.payment_id = r.payment_id
where r.refund_set_id = :refund_set_id
order by r.refund_id;

-- name: refund(refund_id)^
-- One piece of a refund.
select r.*, p.stripe_charge_id from booking.refund r join booking.payment p on p.payment_id = r.payment_id
where r.refund_id = :refund_id;

-- name: insert_refund(refund_id, refund_set_id, order_id, payment_id, cause, cause_id, status, amount_cents, subtotal_cents, platform_fee_cents, tax_cents, tip_cents, credit_cents, commission_cents, fee_refundable, currency, reply_kind, stripe_refund_id, settled_at, now)*!
-- Reserves what goes back, piece by piece.
insert into booking.refund
  (refund_id, refund_set_id, order_id, payment_id, cause, cause_id, status, amount_cents, subtotal_cents,
   platform_fee_cents, tax_cents, tip_cents, credit_cents, commission_cents, fee_refundable, currency, reply_kind,
   stripe_refund_id, settled_at, created_at, updated_at)
values
  (:refund_id, :refund_set_id, :order_id, :payment_id, :cause, :cause_id, :status, :amount_cents, :subtotal_cents,
   :platform_fee_cents, :tax_cents, :tip_cents, :credit_cents, :commission_cents, :fee_refundable, :currency,
   :reply_kind, :stripe_refund_id, :settled_at, :now, :now);

-- name: save_refund(refund_id, expected, status, attempts, stripe_refund_id, failure_reason, settled_at, now)^
-- Writes where a refund is now; no row where it is no longer where it was read.
update booking.refund
set status = :status, attempts = :attempts, stripe_refund_id = :stripe_refund_id, failure_reason = :failure_reason,
    settled_at = :settled_at, updated_at = :now
where refund_id = :refund_id and status = :expected
returning refund_id;

-- name: lines_left(order_id)
-- The lines that make up the subtotal, with what is left of each.
select l.id, l.position, greatest(0, l.total_cents - coalesce((
    select sum(r.amount_cents) from booking.refund_line r
    where r.order_id = l.order_id and r.position = l.position and exists (
      select from booking.refund f where f.refund_set_id = r.refund_set_id and f.status <> 'void')), 0))::bigint
  as left_cents
from booking.line_item l
where l.order_id = :order_id and l.kind <> 'refund'
order by l.position;

-- name: insert_refund_line(refund_set_id, order_id, position, amount_cents)*!
-- Writes what of a line goes back.
insert into booking.refund_line (refund_set_id, order_id, position, amount_cents)
values (:refund_set_id, :order_id, :position, :amount_cents);

-- name: transfers_of(order_id)
-- Every transfer of an order, the oldest first.
select t.*, p.stripe_charge_id from booking.transfer t join booking.payment p on p.payment_id = t.payment_id
where t.order_id = :order_id
order by t.transfer_id;

-- name: transfer_order(transfer_id)^
-- Whose order a transfer is of.
select order_id from booking.transfer where transfer_id = :transfer_id;

-- name: insert_transfer(transfer_id, order_id, payment_id, milestone_id, provider_user_id, amount_cents, currency, now)!
-- Begins a transfer; the caller holds the order.
insert into booking.transfer
  (transfer_id, order_id, payment_id, milestone_id, provider_user_id, amount_cents, currency, created_at, updated_at)
values
  (:transfer_id, :order_id, :payment_id, :milestone_id, :provider_user_id, :amount_cents, :currency, :now, :now);

-- name: settle_transfer(transfer_id, status, stripe_transfer_id, failure_reason, settled_at, now)^
-- Writes what came of a transfer; no row where that is written already.
update booking.transfer
set status = :status, stripe_transfer_id = :stripe_transfer_id, failure_reason = :failure_reason,
    settled_at = :settled_at, updated_at = :now
where transfer_id = :transfer_id and status = 'pending'
returning *;

-- name: add_reversed(transfer_id, cents, now)!
-- Counts what of a transfer is taken back, or no longer is.
update booking.transfer set reversed_cents = reversed_cents + :cents, updated_at = :now
where transfer_id = :transfer_id;

-- name: insert_reversal(reversal_id, transfer_id, amount_cents, debt_id, now)!
-- Begins to take a part of a transfer back; the caller holds the order.
insert into booking.transfer_reversal (reversal_id, transfer_id, amount_cents, debt_id, created_at, updated_at)
values (:reversal_id, :transfer_id, :amount_cents, :debt_id, :now, :now);

-- name: reversal(reversal_id)^
-- One reversal, and whose order it is of.
select v.*, t.order_id, t.provider_user_id, t.currency
from booking.transfer_reversal v join booking.transfer t on t.transfer_id = v.transfer_id
where v.reversal_id = :reversal_id;

-- name: reversals_of(order_id)
-- Every reversal of an order's transfers, the oldest first.
select v.* from booking.transfer_reversal v join booking.transfer t on t.transfer_id = v.transfer_id
where t.order_id = :order_id
order by v.reversal_id;

-- name: settle_reversal(reversal_id, status, stripe_reversal_id, failure_reason, settled_at, now)^
-- Writes what came of a reversal; no row where that is written already.
update booking.transfer_reversal
set status = :status, stripe_reversal_id = :stripe_reversal_id, failure_reason = :failure_reason,
    settled_at = :settled_at, updated_at = :now
where reversal_id = :reversal_id and status = 'pending'
returning *;

-- name: debts_of(order_id)
-- What the provider owes for an order, the oldest first, with what is being taken of it right now.
select d.*, coalesce((
    select sum(v.amount_cents) from booking.transfer_reversal v
    where v.debt_id = d.debt_id and v.status = 'pending'), 0)::bigint as collecting_cents
from booking.provider_debt d
where d.order_id = :order_id
order by d.debt_id;

-- name: open_debts_of_provider(provider_user_id, limit)
-- What a provider owes for whatever order, the oldest first.
select debt_id from booking.provider_debt
where provider_user_id = :provider_user_id and paid_cents + forgiven_cents < amount_cents
order by debt_id
limit :limit;

-- name: debt_order(debt_id)^
-- Whose order a debt is of.
select order_id from booking.provider_debt where debt_id = :debt_id;

-- name: insert_debt(debt_id, provider_user_id, order_id, cause_id, amount_cents, currency, now)!
-- Books what a provider could not give back, once for its cause.
insert into booking.provider_debt
  (debt_id, provider_user_id, order_id, cause_id, amount_cents, currency, created_at, updated_at)
values (:debt_id, :provider_user_id, :order_id, :cause_id, :amount_cents, :currency, :now, :now)
on conflict (order_id, cause_id) do nothing;

-- name: add_to_debt(debt_id, paid_cents, forgiven_cents, now)!
-- Counts what was paid of a debt, or is owed no longer.
update booking.provider_debt
set paid_cents = paid_cents + :paid_cents, forgiven_cents = forgiven_cents + :forgiven_cents, updated_at = :now
where debt_id = :debt_id;

-- name: chargeback(processor_dispute_id)^
-- What a bank's complaint has moved so far.
select * from booking.chargeback where processor_dispute_id = :processor_dispute_id;

-- name: chargebacks_of(order_id)
-- Every complaint about an order's charges.
select c.* from booking.chargeback c join booking.payment p on p.payment_id = c.payment_id
where p.order_id = :order_id
order by c.created_at, c.processor_dispute_id;

-- name: save_chargeback(processor_dispute_id, payment_id, status, charge_refundable, closed, withdrawn_cents, reinstated_cents, now)!
-- Writes what the processor told last of a complaint. Sums only grow.
insert into booking.chargeback
  (processor_dispute_id, payment_id, status, charge_refundable, closed, withdrawn_cents, reinstated_cents, created_at,
   updated_at)
values
  (:processor_dispute_id, :payment_id, :status, :charge_refundable, :closed, :withdrawn_cents, :reinstated_cents, :now,
   :now)
on conflict (processor_dispute_id) do update
  set status = excluded.status, charge_refundable = excluded.charge_refundable,
      closed = chargeback.closed or excluded.closed,
      withdrawn_cents = greatest(chargeback.withdrawn_cents, excluded.withdrawn_cents),
      reinstated_cents = greatest(chargeback.reinstated_cents, excluded.reinstated_cents),
      updated_at = excluded.updated_at;

-- name: newest_release(order_id)^
-- The milestone that was approved last.
select milestone_id from booking.milestone_release where order_id = :order_id
order by created_at desc, milestone_id desc
limit 1;

-- name: failed_transfers(order_id)^
-- How often a payout of an order failed, and when it last did.
select count(*) as failures, max(updated_at) as last_at from booking.transfer
where order_id = :order_id and status = 'failed';

-- name: payee(provider_user_id)^
-- The account that a provider is paid to.
select stripe_account_id, payouts_enabled, time_zone from booking.provider_profile
where provider_user_id = :provider_user_id;

-- name: keep_account(provider_user_id, stripe_account_id, now)^
-- Keeps a provider's account; the first one stands.
update booking.provider_profile
set stripe_account_id = coalesce(stripe_account_id, :stripe_account_id), updated_at = :now
where provider_user_id = :provider_user_id
returning stripe_account_id;

-- name: set_payouts_enabled(stripe_account_id, payouts_enabled, now)^
-- Writes whether an account can be paid to; no row where it was known, or is nobody's.
update booking.provider_profile
set payouts_enabled = :payouts_enabled, updated_at = :now
where stripe_account_id = :stripe_account_id and payouts_enabled <> :payouts_enabled
returning provider_user_id;

-- name: owing_to(provider_user_id)
-- The orders that have not paid their provider all that they bring.
select o.order_id from booking.order o
join booking.refund_balance b on b.order_id = o.order_id
where o.provider_user_id = :provider_user_id
  and b.transferred_cents - b.reversed_cents < b.subtotal_cents - b.subtotal_returned_cents - b.commission_cents
    + b.commission_returned_cents + b.tip_cents - b.tip_returned_cents - b.withdrawn_cents + b.reinstated_cents
order by o.order_id;

-- name: stray_payments(before, limit)
-- Payments that should have come to something by then, or to their end; the longest untouched first.
select p.payment_id from booking.payment p
where p.status in ('pending', 'requires_action', 'authorized', 'failed') and p.updated_at < :before
  and not (p.status = 'failed' and p.stripe_payment_intent_id is null)
order by p.updated_at
limit :limit;

-- name: touch_payment(payment_id, now)!
-- Remembers that somebody looked at a payment.
update booking.payment set updated_at = :now where payment_id = :payment_id;

-- name: stray_refunds(before, limit)
-- Refunds of which nothing was heard since then.
select refund_id from booking.refund
where status in ('reserved', 'processing') and updated_at < :before
order by updated_at
limit :limit;

-- name: touch_refund(refund_id, now)!
-- Remembers that somebody looked at a refund.
update booking.refund set updated_at = :now where refund_id = :refund_id;

-- name: orders_to_settle(now, limit)
-- Orders that may have something to pay out or to take back.
select b.order_id from booking.refund_balance b
where b.transferred_cents - b.reversed_cents < b.subtotal_cents - b.subtotal_returned_cents - b.commission_cents
    + b.commission_returned_cents + b.tip_cents - b.tip_returned_cents - b.withdrawn_cents + b.reinstated_cents
  and (b.released_from <= :now or b.released_subtotal_cents > 0)
order by b.updated_at
limit :limit;

-- name: orders_to_check(after, limit)
-- Orders whose money ever moved, by id.
select order_id from booking.refund_balance where order_id > :after order by order_id limit :limit;

-- name: insert_finding(finding_id, order_id, name, expected_cents, found_cents, found_on, now)^
-- Writes what is missing, once a day by its name; no row where that is written already.
insert into booking.money_finding (finding_id, order_id, name, expected_cents, found_cents, found_on, created_at)
values (:finding_id, :order_id, :name, :expected_cents, :found_cents, :found_on, :now)
on conflict (order_id, name, found_on) do nothing
returning finding_id;

-- name: findings_of(order_id)
-- What the reconciliation found about an order, the oldest first.
select * from booking.money_finding where order_id = :order_id order by found_on, name;

-- name: earnings(provider_user_id, time_zone, before_month, after_currency, limit)
-- What a provider was paid and what was taken back, by the month of their zone in which it happened, the newest first.
select month, currency, sum(transferred)::bigint as transferred_cents, sum(reversed)::bigint as reversed_cents,
       count(*) filter (where transferred > 0) as transfers
from (
  select to_char(t.settled_at at time zone :time_zone::text, 'YYYY-MM') as month, t.currency,
         t.amount_cents as transferred, 0 as reversed
  from booking.transfer t
  where t.provider_user_id = :provider_user_id and t.status = 'succeeded'
  union all
  select to_char(v.settled_at at time zone :time_zone::text, 'YYYY-MM'), t.currency, 0, v.amount_cents
  from booking.transfer_reversal v join booking.transfer t on t.transfer_id = v.transfer_id
  where t.provider_user_id = :provider_user_id and v.status = 'succeeded'
) moved
where :before_month::text is null or month < :before_month::text
  or (month = :before_month::text and currency > :after_currency::text)
group by month, currency
order by month desc, currency
limit :limit;
