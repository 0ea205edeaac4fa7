-- Cases, refunds, holds and evidence. Each statement bears the name of what refuses it.

-- name: support_case_one_open
insert into support_case (case_id, type, status, severity, opened_by_user, opener_role, leg_id, status_since)
values ('sca_x', 'booking', 'escalated', 'low', 'usr_second', 'seller', 'ord_4', now());

-- name: support_case_leg
update support_case set leg_id = 'ord_x' where case_id = 'sca_1';

-- name: support_case_group
update support_case set lbg_id = 'lbg_x' where case_id = 'sca_1';

-- name: support_case_closed
update support_case set status = 'closed' where case_id = 'sca_1';

-- name: support_case_merged_closed
update support_case set merged_into_case_id = 'sca_2' where case_id = 'sca_1';

-- name: support_case_not_its_own
update support_case set merged_into_case_id = case_id, status = 'closed', closed_at = now(), closed_reason =
  'merged' where case_id = 'sca_1';

-- name: support_case_status_check
update support_case set status = 'forgotten' where case_id = 'sca_1';

-- name: support_case_per_processor_dispute
update support_case set processor_dispute_id = 'dp_1';

-- name: support_event_once
insert into support_event (evt_id, case_id, sequence, action) values ('sev_x', 'sca_1', 1, 'x');

-- name: support_message_internal_author
insert into support_message (msg_id, case_id, author_role, author_user_id, body_md, visibility)
values ('smg_x', 'sca_1', 'buyer', 'usr_buyer', 'x', 'internal');

-- name: support_refund_amounts
update support_refund set amount_cents = -1111;

-- name: support_refund_parts
update support_refund set platform_fee_cents = 1101;

-- name: support_refund_four_eyes
update support_refund set approved_by = proposed_by;

-- name: support_refund_approved
update support_refund set approved_by = null;

-- name: support_refund_failed
update support_refund set status = 'failed';

-- name: support_refund_processor_ref
insert into support_refund (refund_id, case_id, share, currency, amount_cents, subtotal_cents, platform_fee_cents,
  platform_fee_tax_cents, fee_refundable, reason, status, proposed_by, processor_ref)
values ('srf_x', 'sca_1', '{}', 'usd', 1, 1, 0, 0, true, 'x', 'proposed', 'usr_agent', 're_1');

-- name: support_refund_set_once
insert into support_refund (refund_id, case_id, share, currency, amount_cents, subtotal_cents, platform_fee_cents,
  platform_fee_tax_cents, fee_refundable, reason, status, proposed_by, refund_set_id)
values ('srf_x', 'sca_1', '{}', 'usd', 1, 1, 0, 0, true, 'x', 'proposed', 'usr_agent', 'rfs_1');

-- name: support_refund_currency
update support_refund set currency = 'USD';

-- name: support_refund_share
update support_refund set share = '[]';

-- name: support_refund_credit
update support_refund set credit_cents = -1;

-- name: support_refund_reserved
update support_refund set refund_set_id = null;

-- name: support_refund_rejected
update support_refund set status = 'failed', failure_reason = 'rejected';

-- name: refund_limit_currency
insert into refund_limit (refund_limit_id, currency, agent_approves_cents, agent_grants_cents, created_by)
values ('rlm_x', 'USD', 1, 1, 'usr_lead');

-- name: refund_limit_amounts
insert into refund_limit (refund_limit_id, currency, agent_approves_cents, agent_grants_cents, created_by)
values ('rlm_x', 'usd', -1, 1, 'usr_lead');

-- name: payout_hold_amount
update payout_hold set amount_cents = 0;

-- name: payout_hold_released
update payout_hold set status = 'released';

-- name: payout_hold_target
update payout_hold set order_id = 'fso_1';

-- name: payout_hold_expiry
update payout_hold set expires_at = created_at;

-- name: evidence_object_stored
update evidence_object set status = 'stored';

-- name: processor_dispute_submitted
update processor_dispute set submitted_at = now();

-- name: sla_policy_once
insert into sla_policy select 'slp_x', type, severity, calendar_id, 1, 1, 1 from sla_policy limit 1;
