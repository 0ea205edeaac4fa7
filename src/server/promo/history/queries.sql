-- name: insert_step(subject_id, sequence, event, from_status, to_status, actor_user_id, correlation_id, now)!
-- Writes what happened, for good.
insert into promo_history
  (subject_id, sequence, event, from_status, to_status, actor_user_id, correlation_id, created_at)
values (:subject_id, :sequence, :event, :from_status, :to_status, :actor_user_id, :correlation_id, :now);
