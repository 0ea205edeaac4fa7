-- name: insert_invite(invite_id, buyer_user_id, award_mode, status, title, message, recipient_cap, expires_at, payment_method_id, version, now)!
-- Stores a new invite.
insert into booking.invite
  (invite_id, buyer_user_id, award_mode, status, title, message, recipient_cap, expires_at, payment_method_id, version,
   created_at, updated_at)
values
  (:invite_id, :buyer_user_id, :award_mode, :status, :title, :message, :recipient_cap, :expires_at, :payment_method_id,
   :version, :now, :now);

-- name: insert_recipient(invite_id, recipient_user_id, order_id, now)*!
-- Stores those whom an invite goes to.
insert into booking.invite_recipient (invite_id, recipient_user_id, order_id, status, created_at)
values (:invite_id, :recipient_user_id, :order_id, 'new', :now);

-- name: get_invite(invite_id)^
-- One invite.
select invite_id, buyer_user_id, award_mode, status, title, message, recipient_cap, expires_at, payment_method_id,
       version, created_at, updated_at
from booking.invite
where invite_id = :invite_id;

-- name: lock_invite(invite_id)^
-- The same, holding its row until the transaction ends. Locks: invite.
select invite_id, buyer_user_id, award_mode, status, title, message, recipient_cap, expires_at, payment_method_id,
       version, created_at, updated_at
from booking.invite
where invite_id = :invite_id
for no key update;

-- name: save_invite(invite_id, expected_version, version, status, now)$
-- Ends an invite, if it is still what the decision was made from; null where it is not.
update booking.invite set status = :status, version = :version, updated_at = :now
where invite_id = :invite_id and version = :expected_version
returning invite_id;

-- name: recipients(invite_id)
-- Those whom an invite went to, with what each would cost.
select r.invite_id, r.recipient_user_id, r.order_id, r.status, r.created_at, r.responded_at, r.decided_at, o.total_cents
from booking.invite_recipient r
join booking.order o on o.order_id = r.order_id
where r.invite_id = :invite_id
order by r.order_id;

-- name: save_recipient(invite_id, recipient_user_id, expected_status, status, responded_at, decided_at)$
-- Moves a recipient on, if they are still where the decision saw them; null where they are not.
update booking.invite_recipient set status = :status, responded_at = :responded_at, decided_at = :decided_at
where invite_id = :invite_id and recipient_user_id = :recipient_user_id and status = :expected_status
returning recipient_user_id;

-- name: insert_group(lbg_id, buyer_user_id, title, now)!
-- Stores a group of orders.
insert into booking."group" (lbg_id, buyer_user_id, title, created_at) values (:lbg_id, :buyer_user_id, :title, :now);
