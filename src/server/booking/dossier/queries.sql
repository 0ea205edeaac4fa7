-- name: dossier(order_id)^
-- An order with its lines, as far as they prove what was agreed.
select o.order_id, o.total_cents, o.currency, o.start_ts, o.end_ts, o.time_zone, o.license_tier, o.cancellation_policy,
       o.full_refund_until, o.half_refund_until, o.confirmed_at, o.checked_in_at, o.delivered_at, o.completed_at,
       o.buyer_user_id,
       array(select l.qty || ' × ' || l.title || ' at ' || to_char(l.unit_cents / 100.0, 'FM999999990.00')
             from booking.line_item l where l.order_id = o.order_id and l.kind <> 'refund' order by l.position) as lines
from booking.order o
where o.order_id = :order_id;

-- name: dossier_steps(order_id, limit)
-- An order's history, oldest first.
select created_at, event, actor_kind, to_status from booking.order_event
where order_id = :order_id
order by sequence
limit :limit;

-- name: dossier_messages(order_id, limit)
-- What the parties wrote to each other last, oldest first.
select * from (
  select m.created_at, m.author_user_id, m.body, m.sequence
  from booking.chat_message m
  join booking.chat_thread t on t.chat_thread_id = m.chat_thread_id
  where t.order_id = :order_id
  order by m.sequence desc
  limit :limit
) newest
order by sequence;
