-- Milestones, chats, disputes and their decisions. Each statement bears the name of what refuses it.

-- name: milestone_amount
update booking.milestone set amount_cents = -1;

-- name: milestone_order
update booking.milestone set order_id = 'ord_x';

-- name: milestone_delivered
update booking.milestone set status = 'delivered', review_until = now();

-- name: milestone_reviewed
update booking.milestone set status = 'delivered', delivered_at = now();

-- name: milestone_settled
update booking.milestone set status = 'approved';

-- name: chat_message_pkey
insert into booking.chat_message (chat_thread_id, sequence, message_id, author_user_id, body)
values ('cth_1', 2, 'cms_x', 'usr_buyer', 'Again.');

-- name: chat_message_body
insert into booking.chat_message (chat_thread_id, sequence, message_id, author_user_id, body)
values ('cth_1', 3, 'cms_x', 'usr_buyer', '');

-- name: dispute_one_open
insert into booking.dispute (dispute_id, order_id, opened_by, opened_by_user_id, reason, status)
values ('dsp_x', 'ord_4', 'provider', 'usr_second', 'lies', 'under_review');

-- name: dispute_chargeback
update booking.dispute set status = 'chargeback';

-- name: dispute_withdrawn
update booking.dispute set status = 'resolved_buyer', outcome = 'withdrawn', resolved_at = now();

-- name: dispute_resolved
update booking.dispute set status = 'split';

-- name: dispute_opened_by
update booking.dispute set opened_by = 'neighbour';

-- name: dispute_milestone
update booking.dispute set milestone_id = 'mst_1';

-- name: dispute_decision_four_eyes
update booking.dispute_decision set status = 'approved', decided_by = proposed_by, decided_at = now();

-- name: dispute_decision_decided
update booking.dispute_decision set status = 'approved';

-- name: dispute_decision_refund
update booking.dispute_decision set result = 'resolved_provider';

-- name: dispute_decision_one_open
insert into booking.dispute_decision (decision_id, dispute_id, result, refund_subtotal_cents, fee_refundable,
  reason, approval_role, proposed_by)
values ('dcs_x', 'dsp_1', 'resolved_buyer', 4000, true, 'x', 'agent', 'usr_agent');

-- name: dispute_statement_author
insert into booking.dispute_statement (statement_id, dispute_id, author_user_id, author, body)
values ('dst_x', 'dsp_1', 'usr_buyer', 'neighbour', 'I saw it.');

-- name: dispute_statement_body
insert into booking.dispute_statement (statement_id, dispute_id, author_user_id, author, body)
values ('dst_x', 'dsp_1', 'usr_buyer', 'buyer', '');

-- name: adjustment_kind
insert into booking.adjustment (adjustment_id, order_id, kind, title, amount_cents, charge_cents, asked_by)
values ('adj_x', 'ord_1', 'gift', 'For nothing', 100, 0, 'usr_buyer');

-- name: adjustment_amounts
insert into booking.adjustment (adjustment_id, order_id, kind, title, amount_cents, charge_cents, asked_by)
values ('adj_x', 'ord_1', 'refund', 'Nothing', 0, 0, 'usr_provider');

-- name: adjustment_paid
insert into booking.adjustment (adjustment_id, order_id, kind, title, amount_cents, charge_cents, asked_by)
values ('adj_x', 'ord_1', 'tip', 'Thanks', 100, 100, 'usr_buyer');

-- name: adjustment_payment
insert into booking.adjustment (adjustment_id, order_id, kind, title, amount_cents, charge_cents, payment_id, asked_by)
values ('adj_x', 'ord_2', 'tip', 'Thanks', 100, 100, 'pay_1', 'usr_buyer');
