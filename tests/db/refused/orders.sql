-- Orders, their history and the catalogue they are priced from. Each statement bears the name of what refuses it.

-- name: order_two_parties
update booking.order set buyer_user_id = provider_user_id where order_id = 'ord_1';

-- name: order_end_after_start
update booking.order set end_ts = start_ts where order_id = 'ord_1';

-- name: order_busy_covers
update booking.order set busy_to = start_ts where order_id = 'ord_1';

-- name: order_slot_excl
update booking.order set start_ts = o.start_ts, end_ts = o.end_ts, busy_from = o.busy_from, busy_to = o.busy_to
from booking.order o where booking.order.order_id = 'ord_1' and o.order_id = 'ord_2';

-- name: order_slot_status
update booking.order set status = 'declined' where order_id = 'ord_2';

-- name: order_accepted_holds
update booking.order set holds_slot = false where order_id = 'ord_2';

-- name: order_total
update booking.order set total_cents = total_cents + 1 where order_id = 'ord_1';

-- name: order_amounts
update booking.order set tip_cents = -1, total_cents = total_cents - 1 where order_id = 'ord_2';

-- name: order_credit
update booking.order set credit_cents = 501, total_cents = total_cents - 501 where order_id = 'ord_2';

-- name: order_currency
update booking.order set currency = 'USD' where order_id = 'ord_1';

-- name: order_time_zone
update booking.order set time_zone = '' where order_id = 'ord_1';

-- name: order_quote_hash
update booking.order set quote_hash = 'x' where order_id = 'ord_1';

-- name: order_refund_bands
update booking.order set full_refund_until = start_ts where order_id = 'ord_1';

-- name: order_disputed_from
update booking.order set status_before_dispute = null where order_id = 'ord_4';

-- name: order_change_rounds
update booking.order set change_rounds = 3 where order_id = 'ord_1';

-- name: order_invite_mode
update booking.order set invite_id = 'inv_1' where order_id = 'ord_1';

-- name: order_transfer_group
update booking.order set connect_transfer_group = 'ord_2' where order_id = 'ord_1';

-- name: order_payment_intent
update booking.order set stripe_payment_intent_id = 'pi_1' where order_id = 'ord_2';

-- name: order_service_profile
update booking.order set provider_user_id = 'usr_second' where order_id = 'ord_1';

-- name: order_package
update booking.order set package_id = 'pkg_1', service_profile_id = 'srv_2', provider_user_id = 'usr_second' where
  order_id = 'ord_2';

-- name: order_chat_thread
update booking.order set chat_thread_id = 'cth_1' where order_id = 'ord_2';

-- name: order_fee_policy_id_fkey
update booking.order set fee_policy_id = 'fpl_x' where order_id = 'ord_1';

-- name: order_location_kind_check
update booking.order set location_kind = 'moon' where order_id = 'ord_1';

-- name: order_event_pkey
insert into booking.order_event (order_id, sequence, event_id, event, from_status, to_status, actor_kind)
values ('ord_2', 2, 'oev_x', 'x', 'initiated', 'accepted', 'system');

-- name: order_event_first
insert into booking.order_event (order_id, sequence, event_id, event, to_status, actor_kind)
values ('ord_2', 3, 'oev_x', 'x', 'confirmed', 'system');

-- name: fee_policy_once
insert into booking.fee_policy (fee_policy_id, effective_from, fee_bips, tax_bips, commission_bips, created_by)
values ('fpl_x', '2020-01-01T00:00:00Z', 0, 0, 0, 'usr_admin');

-- name: fee_policy_bips
insert into booking.fee_policy (fee_policy_id, effective_from, fee_bips, tax_bips, commission_bips, created_by)
values ('fpl_x', now(), 10001, 0, 0, 'usr_admin');

-- name: provider_profile_payouts
update booking.provider_profile set stripe_account_id = null;

-- name: service_profile_hourly
update booking.service_profile set hourly_cents = 0;

-- name: autoaccept_rule_weekdays
update booking.autoaccept_rule set weekday_mask = 128;
