-- For each invariant, what breaks it: statements that the owner runs on the world of tests/db/world, with guards
-- removed where they would refuse.

-- name: idempotency_keys_are_answered()
update core.idempotency_key set response = null;

-- name: slots_do_not_overlap()
alter table booking.order drop constraint order_slot_excl;
update booking.order set busy_from = start_ts - interval '7 days', busy_to = end_ts + interval '7 days'
where holds_slot;

-- name: running_orders_hold_their_slot()
update booking.order set holds_slot = false where order_id = 'ord_1';

-- name: order_totals_add_up()
alter table booking.order drop constraint order_total;
update booking.order set total_cents = total_cents + 1 where order_id = 'ord_1';

-- name: order_subtotals_are_their_lines()
update booking.line_item set unit_cents = 1, total_cents = 1 where id = 'lin_4';

-- name: order_histories_are_whole()
update booking.order set version = version + 1 where order_id = 'ord_2';

-- name: order_histories_connect()
update booking.order set status = 'completed', holds_slot = false where order_id = 'ord_1';

-- name: pending_requests_belong_to_negotiated_orders()
update booking.order set status = 'declined' where order_id = 'ord_3';

-- name: requests_are_shown_with_their_orders()
update booking.request set shown_at = now();
update booking.order set shown_at = null;

-- name: agreed_orders_are_shown()
update booking.order set shown_at = null where order_id = 'ord_2';

-- name: awarded_invites_have_one_winner()
update booking.invite set status = 'awarded';

-- name: invites_stay_within_their_cap()
insert into booking.invite_recipient (invite_id, recipient_user_id, status, order_id)
values ('inv_1', 'usr_provider', 'new', 'ord_2');

-- name: invited_orders_match_their_recipient()
update booking.invite_recipient set recipient_user_id = 'usr_provider';

-- name: milestones_share_out_the_subtotal()
update booking.milestone set amount_cents = amount_cents - 1 where milestone_id = 'mst_1';

-- name: disputed_orders_have_an_open_dispute()
update booking.dispute set status = 'resolved_provider', outcome = 'withdrawn', resolved_at = now();

-- name: chats_have_no_gap()
insert into booking.chat_message (chat_thread_id, sequence, message_id, author_user_id, body)
values ('cth_1', 4, 'cms_4', 'usr_buyer', 'The third is missing.');

-- name: principal_payments_are_known()
update booking.order set stripe_payment_intent_id = 'pi_unknown' where order_id = 'ord_1';

-- name: charges_are_what_was_captured()
update booking.payment set captured_cents = captured_cents - 1 where payment_id = 'pay_1';

-- name: charges_consist_of_their_parts()
update booking.refund_balance set tip_cents = tip_cents - 1;

-- name: refund_balances_are_the_fold_of_refunds()
update booking.refund set status = 'void';

-- name: refunds_come_from_lines()
update booking.refund_line set amount_cents = amount_cents - 1;

-- name: late_payments_go_back_whole()
update booking.payment set late = true where payment_id = 'pay_1';

-- name: banks_took_what_their_complaints_say()
update booking.chargeback set reinstated_cents = 0;

-- name: money_is_explained()
update booking.refund_balance set charged_cents = charged_cents + 1;

-- name: releases_are_their_milestones()
update booking.refund_balance set released_subtotal_cents = 1;

-- name: debts_are_paid_by_reversals()
update booking.provider_debt set paid_cents = 1;

-- name: whole_refunds_leave_nothing_open()
update booking.refund_balance set subtotal_returned_cents = subtotal_cents;

-- name: payments_are_refunded_once()
update booking.payment set refunded_cents = 0;

-- name: transfers_are_reversed_once()
update booking.transfer set reversed_cents = 0;

-- name: balances_know_their_transfers()
update booking.refund_balance set transferred_cents = transferred_cents + 1;

-- name: providers_get_no_more_than_the_order_brings()
update booking.refund_balance set transferred_cents = 20000;

-- name: case_histories_are_whole()
update support_case set version = version + 1 where case_id = 'sca_1';

-- name: support_refunds_mirror_bookings()
update support_refund set processor_ref = 're_other';

-- name: holds_stay_within_the_payout()
update payout_hold set amount_cents = 10000;

-- name: credit_balances_are_the_fold_of_entries()
update credit_account set balance_cents = balance_cents + 1;

-- name: credit_chains_connect()
update credit_account set hash = '\xff';

-- name: credit_is_left_in_grants()
update credit_grant set remaining_cents = remaining_cents - 1;

-- name: redemptions_name_their_grants()
update credit_redemption set restored_cents = 0;

-- name: debts_stand_alone()
update credit_debt set amount_cents = amount_cents + 1;

-- name: credit_debts_are_paid_by_entries()
update credit_debt set paid_cents = 0;

-- name: campaign_histories_are_whole()
update promo_campaign set version = version + 1 where campaign_id = 'pcmp_1';

-- name: budget_heads_are_the_fold_of_entries()
delete from promo_funding_head;

-- name: budget_chains_connect()
update promo_spend_head set hash = '\xff';

-- name: budgets_are_not_overspent()
update promo_spend_head set cash_cents = -5001;

-- name: credits_stay_within_the_spend()
insert into promo_budget_ledger (entry_id, campaign_id, kind, amount_cents, chain, sequence, promo_cents, cash_cents,
  credit_source, reverses_entry_id, previous_hash, hash)
values ('pble_9', 'pcmp_1', 'credit', 200, 'funding', 3, 0, 200, 'invalid_click', 'pble_3', '\x02', '\x03');

-- name: spend_was_decided()
insert into promo_click_decision (campaign_id, event_id, verdict, click_key, billed_cents, log_partition, log_offset,
  log_index)
values ('pcmp_1', 'pevt_9', 'billed', 'pcmp_1:imp_9', 200, 0, 3, 0);

-- name: rollups_add_up_to_the_spend()
update promo_rollup_15m set spend_cents = spend_cents - 1;

-- name: topups_are_in_the_ledger()
update promo_topup set amount_cents = 4999;

-- name: withdrawals_are_shared_out()
update promo_withdrawal_part set amount_cents = 5001;

-- name: refunds_were_taken_first()
update promo_withdrawal set status = 'refunding';

-- name: restored_budgets_are_their_credits()
update promo_funding_head set restored_cents = 1;

-- name: debts_are_settled_once()
update promo_debt_settlement set amount_cents = 701;

-- name: nothing_runs_of_a_suspended_advertiser()
update promo_campaign set status = 'paused' where campaign_id = 'pcmp_1';
update promo_advertiser set status = 'suspended', suspended_reason = 'stolen cards';

-- name: promo_histories_are_whole()
update promo_topup set version = version + 1;

-- name: credited_clicks_are_revised()
insert into promo_click_decision (campaign_id, event_id, revision, verdict, click_key, log_partition, log_offset,
  log_index)
select campaign_id, event_id, 2, 'invalid', click_key, log_partition, log_offset, log_index
from promo_click_decision where click_key = 'pcmp_1:imp_2';
