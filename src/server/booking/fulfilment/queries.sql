-- name: milestones_of(order_id)
-- An order's milestones in their order; whoever holds the order's row finds them unchanged until it ends.
select milestone_id, order_id, position, title, due_ts, amount_cents, status, delivered_at, review_until, settled_at
from booking.milestone
where order_id = :order_id
order by position;

-- name: order_of_milestone(milestone_id)$
-- Which order a milestone is part of; it never changes.
select order_id from booking.milestone where milestone_id = :milestone_id;

-- name: delete_milestones(order_id)!
-- Forgets the milestones of an order that others replace.
delete from booking.milestone where order_id = :order_id;

-- name: insert_milestone(milestone_id, order_id, position, title, due_ts, amount_cents, status)*!
-- Stores new milestones.
insert into booking.milestone (milestone_id, order_id, position, title, due_ts, amount_cents, status)
values (:milestone_id, :order_id, :position, :title, :due_ts, :amount_cents, :status);

-- name: save_milestone(milestone_id, amount_cents, status, delivered_at, review_until, settled_at)*!
-- Writes where milestones stand. The order's row is held, so nobody moves them meanwhile.
update booking.milestone
set amount_cents = :amount_cents, status = :status, delivered_at = :delivered_at, review_until = :review_until,
    settled_at = :settled_at
where milestone_id = :milestone_id;

-- name: insert_adjustment(adjustment_id, order_id, kind, title, amount_cents, charge_cents, payment_id, asked_by, applied_at, now)!
-- Stores a change of the price.
insert into booking.adjustment (adjustment_id, order_id, kind, title, amount_cents, charge_cents, payment_id, asked_by,
  applied_at, created_at)
values (:adjustment_id, :order_id, :kind, :title, :amount_cents, :charge_cents, :payment_id, :asked_by, :applied_at,
  :now);

-- name: adjustment_of_payment(payment_id)^
-- What a payment is for, and where it stands by that payment.
select a.adjustment_id, a.order_id, a.kind, a.title, a.amount_cents, a.charge_cents, a.payment_id, a.asked_by,
       a.created_at, a.applied_at, p.status as payment_status
from booking.adjustment a
left join booking.payment p on p.payment_id = a.payment_id
where a.payment_id = :payment_id;

-- name: adjustment_applied(adjustment_id, now)!
-- Says that an adjustment is part of the price now.
update booking.adjustment set applied_at = :now where adjustment_id = :adjustment_id and applied_at is null;

-- name: adjustments_of(order_id)
-- What was paid on top of an order or given back, oldest first.
select a.adjustment_id, a.order_id, a.kind, a.title, a.amount_cents, a.charge_cents, a.payment_id, a.asked_by,
       a.created_at, a.applied_at, p.status as payment_status
from booking.adjustment a
left join booking.payment p on p.payment_id = a.payment_id
where a.order_id = :order_id
order by a.adjustment_id;

-- name: card_of(order_id)$
-- The saved card by which an order's total was charged.
select payment_method_id from booking.payment
where order_id = :order_id and purpose = 'principal' and status = 'captured'
order by sequence desc
limit 1;

-- name: add_line(id, order_id, title, amount_cents)!
-- Adds a line for what is paid on top, after all others. The order's row is held, so the position is free.
insert into booking.line_item (id, order_id, position, kind, title, qty, unit_cents, total_cents)
select :id::text, :order_id::text, max(position) + 1, 'adjustment', :title::text, 1, :amount_cents::int,
       :amount_cents::int
from booking.line_item
where order_id = :order_id::text;
