-- name: insert_notifications(notification_ids, user_ids, kind, related_ids, payloads, now)!
-- Tells people something, each cause once.
insert into notification (notification_id, user_id, kind, related_id, payload, created_at)
select told.notification_id, told.user_id, :kind::text, told.related_id, told.payload::jsonb, :now::timestamptz
from unnest(:notification_ids::text[], :user_ids::text[], :related_ids::text[], :payloads::text[])
  as told (notification_id, user_id, related_id, payload)
on conflict (user_id, kind, related_id) do nothing;

-- name: notifications_of(user_id, unread_only, before, limit)
-- What somebody was told, newest first: ids sort by time.
select notification_id, user_id, kind, related_id, payload, read_at, created_at
from notification
where user_id = :user_id and (not :unread_only or read_at is null)
  and (:before::text is null or notification_id < :before::text)
order by notification_id desc
limit :limit;

-- name: mark_read(user_id, notification_ids, now)
-- Marks what this person had not read.
update notification set read_at = :now
where user_id = :user_id and notification_id = any(:notification_ids::text[]) and read_at is null
returning notification_id;

-- name: suppress(user_id, topic, now)!
-- Remembers that somebody does not want a kind of mail.
insert into mail_suppression (user_id, topic, reason, created_at) values (:user_id, :topic, 'unsubscribed', :now)
on conflict (user_id, topic) do nothing;

-- name: is_suppressed(user_id, topics)$
-- Whether somebody does not want, or cannot get, a kind of mail.
select exists (select from mail_suppression where user_id = :user_id and topic = any(:topics::text[]));
