-- name: insert_request(request_id, mode, order_id, buyer_user_id, provider_user_id, message, offered_by, round, supersedes_request_id, total_cents, lines, start_ts, end_ts, shown_at, expires_at, capture_before, now)!
-- Stores an offer, pending.
insert into booking.request
  (request_id, mode, order_id, buyer_user_id, provider_user_id, status, message, offered_by, round,
   supersedes_request_id, total_cents, lines, start_ts, end_ts, shown_at, expires_at, capture_before, created_at)
values
  (:request_id, :mode::booking.booking_mode, :order_id, :buyer_user_id, :provider_user_id, 'pending', :message,
   :offered_by, :round, :supersedes_request_id, :total_cents, :lines::jsonb, :start_ts, :end_ts, :shown_at, :expires_at,
   :capture_before, :now);

-- name: get_request(request_id)^
-- One offer.
select request_id, mode, order_id, buyer_user_id, provider_user_id, status, message, offered_by, round,
       supersedes_request_id, total_cents, lines::text as lines, start_ts, end_ts, shown_at, expires_at, capture_before,
       answered_at, answer_reason, created_at
from booking.request
where request_id = :request_id;

-- name: pending_request(order_id)^
-- The offer about an order that waits for an answer; whoever holds the order's row is the only one who answers it.
select request_id, mode, order_id, buyer_user_id, provider_user_id, status, message, offered_by, round,
       supersedes_request_id, total_cents, lines::text as lines, start_ts, end_ts, shown_at, expires_at, capture_before,
       answered_at, answer_reason, created_at
from booking.request
where order_id = :order_id and status = 'pending';

-- name: answer_request(request_id, status, answered_at, answer_reason)$
-- Ends an offer; null where it waits for no answer any more.
update booking.request set status = :status, answered_at = :answered_at, answer_reason = :answer_reason
where request_id = :request_id and status = 'pending'
returning request_id;

-- name: show_request(request_id, shown_at, expires_at, capture_before)!
-- Lets the provider see an offer, from when on its time runs.
update booking.request set shown_at = :shown_at, expires_at = :expires_at, capture_before = :capture_before
where request_id = :request_id;

-- name: list_requests_of_buyer(user_id, order_id, statuses, before, limit)
-- A buyer's offers, newest first: ids sort by time.
select request_id, mode, order_id, buyer_user_id, provider_user_id, status, message, offered_by, round,
       supersedes_request_id, total_cents, lines::text as lines, start_ts, end_ts, shown_at, expires_at, capture_before,
       answered_at, answer_reason, created_at
from booking.request
where buyer_user_id = :user_id
  and (:order_id::text = '' or order_id = :order_id::text)
  and (:before::text is null or request_id < :before::text)
  and (cardinality(:statuses::text[]) = 0 or status = any(:statuses::text[]))
order by request_id desc
limit :limit;

-- name: list_requests_of_provider(user_id, order_id, statuses, before, limit)
-- A provider's offers, as far as they see them, newest first.
select request_id, mode, order_id, buyer_user_id, provider_user_id, status, message, offered_by, round,
       supersedes_request_id, total_cents, lines::text as lines, start_ts, end_ts, shown_at, expires_at, capture_before,
       answered_at, answer_reason, created_at
from booking.request
where provider_user_id = :user_id and shown_at is not null
  and (:order_id::text = '' or order_id = :order_id::text)
  and (:before::text is null or request_id < :before::text)
  and (cardinality(:statuses::text[]) = 0 or status = any(:statuses::text[]))
order by request_id desc
limit :limit;

-- name: overlapping_requests(provider_user_id, order_id, busy_from, busy_to)
-- The orders that still wait for an answer about a time that another one has now, oldest first.
select order_id
from booking.order
where provider_user_id = :provider_user_id and status in ('pending_accept', 'countered') and order_id <> :order_id
  and busy_from < :busy_to and busy_to > :busy_from
order by order_id;
