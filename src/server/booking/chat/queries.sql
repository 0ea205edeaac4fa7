-- name: open_thread(chat_thread_id, order_id, now)!
-- Opens an order's thread.
insert into booking.chat_thread (chat_thread_id, order_id, created_at) values (:chat_thread_id, :order_id, :now);

-- name: take_number(chat_thread_id)$
-- The next number of a thread's messages; others who write wait for it. Locks: thread.
update booking.chat_thread set messages = messages + 1 where chat_thread_id = :chat_thread_id returning messages;

-- name: insert_message(chat_thread_id, sequence, message_id, author_user_id, body, now)!
-- Stores a message, for good.
insert into booking.chat_message (chat_thread_id, sequence, message_id, author_user_id, body, created_at)
values (:chat_thread_id, :sequence, :message_id, :author_user_id, :body, :now);

-- name: messages_after(chat_thread_id, sequence, limit)
-- A thread's messages from a number on, oldest first.
select chat_thread_id, sequence, message_id, author_user_id, body, created_at
from booking.chat_message
where chat_thread_id = :chat_thread_id and sequence > :sequence
order by sequence
limit :limit;
