-- name: insert_reschedule(reschedule_id, order_id, proposed_side, start_ts, end_ts, busy_to, subtotal_change_cents, total_cents, payment_method_id, expires_at, now)$
-- Stores a proposal; null where another one waits for an answer.
insert into booking.reschedule
  (reschedule_id, order_id, proposed_side, status, start_ts, end_ts, busy_to, subtotal_change_cents, total_cents,
   payment_method_id, expires_at, created_at)
values
  (:reschedule_id, :order_id, :proposed_side, 'pending', :start_ts, :end_ts, :busy_to, :subtotal_change_cents,
   :total_cents, :payment_method_id, :expires_at, :now)
on conflict (order_id) where status = 'pending' do nothing
returning reschedule_id;

-- name: get_reschedule(reschedule_id)^
-- One proposal; whoever holds the order's row is the only one who answers it.
select reschedule_id, order_id, proposed_side, status, start_ts, end_ts, busy_to, subtotal_change_cents, total_cents,
       payment_method_id, expires_at, answered_at, created_at
from booking.reschedule
where reschedule_id = :reschedule_id;

-- name: answer_reschedule(reschedule_id, status, answered_at)$
-- Ends a proposal; null where it waits for no answer any more.
update booking.reschedule set status = :status, answered_at = :answered_at
where reschedule_id = :reschedule_id and status = 'pending'
returning reschedule_id;
