-- name: insert_hold(hold_id, case_id, order_id, amount_cents, applied_by, expires_at, now)!
-- Keeps back part of an order's payout.
insert into payout_hold
  (hold_id, case_id, leg_id, amount_cents, status, applied_by, expires_at, created_at, updated_at)
values (:hold_id, :case_id, :order_id, :amount_cents, 'applied', :applied_by, :expires_at, :now, :now);

-- name: get_hold(hold_id)^
-- One hold on an order.
select * from payout_hold where hold_id = :hold_id and leg_id is not null;

-- name: lock_hold(hold_id)^
-- The same, held until the transaction ends. Locks: hold.
select * from payout_hold where hold_id = :hold_id and leg_id is not null for no key update;

-- name: holds_of_case(case_id, after, limit)
-- A case's holds, oldest first.
select * from payout_hold
where case_id = :case_id and leg_id is not null and (:after::text is null or hold_id > :after::text)
order by hold_id
limit :limit;

-- name: applied_holds_of_order(order_id)
-- The holds that keep an order's payout back now.
select * from payout_hold where leg_id = :order_id and status = 'applied' order by case_id, hold_id;

-- name: held_cents(order_id)$
-- How much of an order's payout is kept back. Whoever holds the order's row reads what stays true until it commits.
select coalesce(sum(amount_cents), 0)::bigint from payout_hold where leg_id = :order_id and status = 'applied';

-- name: end_hold(hold_id, status, reason, now)$
-- Ends a hold that is applied; null where it is not.
update payout_hold
set status = :status, released_reason = :reason, released_at = :now, updated_at = :now
where hold_id = :hold_id and status = 'applied'
returning hold_id;

-- name: set_hold_warned(hold_id, now)!
-- Remembers that a person was told.
update payout_hold set warned_at = :now, updated_at = :now where hold_id = :hold_id;
