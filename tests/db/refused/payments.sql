-- Payments, refunds, transfers, and the processor's calls and events. Each statement bears the name of what refuses it.

-- name: payment_amounts
update booking.payment set refunded_cents = captured_cents + 1;

-- name: payment_captured
update booking.payment set status = 'authorized';

-- name: payment_charge
update booking.payment set stripe_charge_id = null;

-- name: payment_chargeback
update booking.payment set reinstated_cents = withdrawn_cents + 1;

-- name: payment_captured_once
update booking.payment set captured_at = null;

-- name: payment_parts
update booking.payment set subtotal_cents = -1 where payment_id = 'pay_2';

-- name: payment_extra
update booking.payment set purpose = 'tip', subtotal_cents = 0;

-- name: payment_off_session
update booking.payment set off_session = true;

-- name: payment_one_adjustment
insert into booking.payment (payment_id, order_id, sequence, purpose, amount_cents, subtotal_cents, currency)
values ('pay_x', 'ord_1', 3, 'adjustment', 1, 1, 'usd');

-- name: payment_intent
insert into booking.payment (payment_id, order_id, sequence, purpose, amount_cents, currency,
  stripe_payment_intent_id)
values ('pay_x', 'ord_2', 1, 'principal', 1, 'usd', 'pi_1');

-- name: payment_sequence
insert into booking.payment (payment_id, order_id, sequence, purpose, amount_cents, currency)
values ('pay_x', 'ord_1', 1, 'principal', 1, 'usd');

-- name: refund_amounts
update booking.refund set amount_cents = -1111;

-- name: refund_parts
update booking.refund set amount_cents = 1112;

-- name: refund_kept_fee
update booking.refund set fee_refundable = false;

-- name: refund_succeeded
update booking.refund set stripe_refund_id = null;

-- name: refund_failed
update booking.refund set status = 'failed';

-- name: refund_attempts
update booking.refund set attempts = 0;

-- name: refund_cause_once
insert into booking.refund (refund_id, refund_set_id, order_id, payment_id, cause, cause_id, amount_cents,
  subtotal_cents, fee_refundable, currency)
values ('rfd_x', 'rfs_x', 'ord_1', 'pay_1', 'support', 'srf_1', 1, 1, true, 'usd');

-- name: refund_line_amount
insert into booking.refund_line (refund_set_id, order_id, position, amount_cents) values ('rfs_1', 'ord_1', 1, 0);

-- name: refund_balance_released
update booking.refund_balance set released_subtotal_cents = subtotal_cents + 1;

-- name: milestone_release_amount
insert into booking.milestone_release (order_id, milestone_id, amount_cents) values ('ord_2', 'mst_1', -1);

-- name: milestone_release_milestone
insert into booking.milestone_release (order_id, milestone_id, amount_cents) values ('ord_1', 'mst_1', 1);

-- name: chargeback_amounts
update booking.chargeback set reinstated_cents = withdrawn_cents + 1;

-- name: money_finding_differs
insert into booking.money_finding (finding_id, order_id, name, expected_cents, found_cents, found_on)
values ('fnd_x', 'ord_1', 'refunded = refunds', 1, 1, '2026-01-02');

-- name: money_finding_once
insert into booking.money_finding (finding_id, order_id, name, expected_cents, found_cents, found_on)
values ('fnd_x', 'ord_1', 'refunded = refunds', 1, 2, '2026-01-01');

-- name: transfer_settled
update booking.transfer set settled_at = null;

-- name: transfer_reversal_settled
update booking.transfer_reversal set settled_at = null;

-- name: refund_payment
update booking.refund set order_id = 'ord_2';

-- name: refund_once
insert into booking.refund (refund_id, refund_set_id, order_id, payment_id, cause, cause_id, amount_cents,
  subtotal_cents, fee_refundable, currency)
values ('rfd_x', 'rfs_1', 'ord_1', 'pay_1', 'support', 'srf_2', 1, 1, true, 'usd');

-- name: refund_balance_charged
update booking.refund_balance set refunded_cents = charged_cents + 1;

-- name: refund_balance_subtotal
update booking.refund_balance set subtotal_returned_cents = subtotal_cents + 1;

-- name: refund_balance_fee
update booking.refund_balance set fee_forfeited_cents = fee_cents;

-- name: refund_balance_credit
update booking.refund_balance set credit_forfeited_cents = credit_cents;

-- name: refund_balance_tax
update booking.refund_balance set tax_forfeited_cents = tax_cents;

-- name: refund_balance_commission
update booking.refund_balance set commission_returned_cents = commission_cents + 1;

-- name: refund_balance_tip
update booking.refund_balance set tip_returned_cents = tip_cents + 1;

-- name: refund_balance_chargeback
update booking.refund_balance set reinstated_cents = withdrawn_cents + 1;

-- name: refund_balance_transfers
update booking.refund_balance set reversed_cents = transferred_cents + 1;

-- name: transfer_amounts
update booking.transfer set reversed_cents = amount_cents + 1;

-- name: transfer_milestone
update booking.transfer set milestone_id = 'mst_1';

-- name: transfer_stripe_once
insert into booking.transfer (transfer_id, order_id, payment_id, provider_user_id, amount_cents, currency,
  stripe_transfer_id)
values ('trf_x', 'ord_1', 'pay_1', 'usr_provider', 1, 'usd', 'tr_1');

-- name: transfer_reversal_amount
update booking.transfer_reversal set amount_cents = 0;

-- name: provider_debt_amounts
update booking.provider_debt set paid_cents = amount_cents + 1;

-- name: provider_debt_once
insert into booking.provider_debt (debt_id, provider_user_id, order_id, cause_id, amount_cents, currency)
values ('pdt_x', 'usr_provider', 'ord_1', 'rfd_1', 1, 'usd');

-- name: stripe_call_key
insert into payments.stripe_call (call_id, idempotency_key, method, params_hash, params, slice,
  owner_kind, owner_id)
values ('spc_x', 'capture:ord_1:1', 'x', sha256('x'), '{}', 'booking', 'order', 'ord_1');

-- name: stripe_call_outcome
update payments.stripe_call set outcome = null;

-- name: webhook_event_pkey
insert into payments.webhook_event (event_id, type, livemode, payload) values ('evt_1', 'x', false, '{}');

-- name: webhook_event_reason
update payments.webhook_event set status = 'parked';
