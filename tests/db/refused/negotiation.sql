-- Lines, offers and invitations. Each statement bears the name of what refuses it.

-- name: line_item_total
update booking.line_item set total_cents = total_cents + 1 where id = 'lin_1';

-- name: line_item_amounts
update booking.line_item set unit_cents = -8000, total_cents = -8000 where id = 'lin_1';

-- name: line_item_refund
update booking.line_item set refunds_line_id = null where id = 'lin_3';

-- name: line_item_refunds
update booking.line_item set refunds_line_id = 'lin_4' where id = 'lin_3';

-- name: line_item_place
update booking.line_item set position = 1 where id = 'lin_2';

-- name: request_one_pending
insert into booking.request (request_id, mode, order_id, buyer_user_id, provider_user_id, status, expires_at,
  offered_by, total_cents, round)
values ('req_x', 'RTB', 'ord_3', 'usr_buyer', 'usr_second', 'pending', now(), 'provider', 1, 1);

-- name: request_answered
update booking.request set status = 'accepted';

-- name: request_expiry
update booking.request set expires_at = null;

-- name: request_order
insert into booking.request (request_id, mode, order_id, buyer_user_id, provider_user_id, status, expires_at,
  offered_by, total_cents)
values ('req_x', 'RTB', 'ord_x', 'a', 'b', 'pending', now(), 'buyer', 1);

-- name: request_two_parties
update booking.request set provider_user_id = buyer_user_id;

-- name: request_status_check
update booking.request set status = 'forgotten', answered_at = now();

-- name: invite_recipient_invite
insert into booking.invite_recipient (invite_id, recipient_user_id, status, order_id)
values ('inv_x', 'usr_second', 'new', 'ord_2');

-- name: invite_recipient_order
insert into booking.invite_recipient (invite_id, recipient_user_id, status, order_id)
values ('inv_1', 'usr_third', 'new', 'ord_3');

-- name: invite_recipient_awarded
update booking.invite_recipient set status = 'awarded';

-- name: invite_recipient_one_award
insert into booking.invite_recipient (invite_id, recipient_user_id, status, order_id, responded_at, decided_at)
values ('inv_1', 'usr_third', 'awarded', 'ord_1', now(), now()), ('inv_1', 'usr_fourth', 'awarded', 'ord_2', now(),
  now());

-- name: reschedule_one_pending
insert into booking.reschedule (reschedule_id, order_id, proposed_side, start_ts, end_ts, busy_to, subtotal_change_cents,
  total_cents, expires_at)
select 'rsc_x', order_id, 'provider', start_ts, end_ts, busy_to, 0, total_cents, now()
from booking.order where order_id = 'ord_2';

-- name: reschedule_times
update booking.reschedule set busy_to = start_ts;

-- name: reschedule_answered
update booking.reschedule set status = 'accepted';

-- name: reschedule_status
update booking.reschedule set status = 'forgotten', answered_at = now();

-- name: reschedule_proposed_side
update booking.reschedule set proposed_side = 'agent';

-- name: reschedule_total
update booking.reschedule set total_cents = -1;
