-- name: insert_case(case_id, type, subtype, status, severity, customer_user_id, customer_role, seller_user_id, seller_role, owner_user_id, leg_id, order_id, studio_id, creator_id, payout_id, content_id, processor_dispute_id, sla_snapshot, first_response, next_response, resolution, version, public_version, now)$
-- Stores a new case; null where one of its type about the same order is open already.
insert into support_case
  (case_id, type, subtype, status, severity, opened_by_user, opener_role, respondent_user_id, respondent_role,
   owner_user_id, leg_id, order_id, studio_id, creator_id, payout_id, content_id, processor_dispute_id, sla_snapshot,
   sla_first_resp_at, sla_next_resp_at, sla_due_at, version, public_version, status_since, created_at, updated_at)
values
  (:case_id, :type, :subtype, :status, :severity, :customer_user_id, :customer_role, :seller_user_id, :seller_role,
   :owner_user_id, :leg_id, :order_id, :studio_id, :creator_id, :payout_id, :content_id, :processor_dispute_id,
   :sla_snapshot::jsonb, :first_response, :next_response, :resolution, :version, :public_version, :now, :now, :now)
on conflict (type, (coalesce(leg_id, order_id)))
  where status <> 'closed' and type <> 'chargeback' and coalesce(leg_id, order_id) is not null
  do nothing
returning case_id;

-- name: open_case_about(type, about)$
-- The case of a type that is open about an order.
select case_id from support_case
where type = :type and coalesce(leg_id, order_id) = :about and status <> 'closed' and type <> 'chargeback';

-- name: get_case(case_id)^
-- One case, in one indexed read.
select * from support_case where case_id = :case_id;

-- name: lock_case(case_id)^
-- The same, holding the case's row until the transaction ends. Locks: case.
select * from support_case where case_id = :case_id for no key update;

-- name: lock_cases(case_ids)
-- Two cases that become one, in the order of their ids. Locks: case.
select * from support_case where case_id = any(:case_ids::text[]) order by case_id for no key update;

-- name: save_case(case_id, expected_version, version, public_version, status, status_since, severity, owner_user_id, watchers, reason_code, closed_reason, closed_at, decision_requested_by, merged_into_case_id, sla_cycle, sla_snapshot, first_response, next_response, resolution, paused_at, updated_at)$
-- Writes a change, if the case is still what the decision was made from; null where it is not.
update support_case
set version = :version, public_version = :public_version, status = :status, status_since = :status_since,
    severity = :severity, owner_user_id = :owner_user_id, watchers = :watchers::text[], reason_code = :reason_code,
    closed_reason = :closed_reason, closed_at = :closed_at, decision_requested_by = :decision_requested_by,
    merged_into_case_id = :merged_into_case_id, sla_cycle = :sla_cycle, sla_snapshot = :sla_snapshot::jsonb,
    sla_first_resp_at = :first_response, sla_next_resp_at = :next_response, sla_due_at = :resolution,
    sla_paused_at = :paused_at, updated_at = :updated_at
where case_id = :case_id and version = :expected_version
returning case_id;

-- name: cases_of_customer(user_id, before, limit)
-- The cases that somebody opened, newest first: ids sort by time.
select * from support_case
where opened_by_user = :user_id and (:before::text is null or case_id < :before::text)
order by case_id desc
limit :limit;

-- name: cases_of_seller(user_id, before, limit)
-- The cases in which somebody is the other side, newest first.
select * from support_case
where respondent_user_id = :user_id and (:before::text is null or case_id < :before::text)
order by case_id desc
limit :limit;

-- name: cases_of_owner(user_id, due, after, limit)
-- An agent's cases that are not closed, by what is due next.
select *, next_due_at::text as position from support_case
where owner_user_id = :user_id and status <> 'closed'
  and (next_due_at, case_id) > ((:due::text)::timestamptz, :after::text)
order by next_due_at, case_id
limit :limit;

-- name: cases_of_nobody(due, after, limit)
-- The cases that no agent has taken, by what is due next.
select *, next_due_at::text as position from support_case
where owner_user_id is null and status <> 'closed'
  and (next_due_at, case_id) > ((:due::text)::timestamptz, :after::text)
order by next_due_at, case_id
limit :limit;

-- name: cases_due_before(until, due, after, limit)
-- The cases whose next deadline passes before an instant, or has passed.
select *, next_due_at::text as position from support_case
where status <> 'closed' and next_due_at <= :until
  and (next_due_at, case_id) > ((:due::text)::timestamptz, :after::text)
order by next_due_at, case_id
limit :limit;

-- name: insert_case_event(event_id, case_id, sequence, public_sequence, action, actor_user_id, from_status, to_status, details, correlation_id, now)!
-- Writes one step of a case's history, for good, and wakes whoever watches this case once it is committed.
with told as materialized (select pg_notify('callsheet_case_events', :case_id::text))
insert into support_event
  (evt_id, case_id, sequence, public_sequence, action, actor_user_id, from_status, to_status, details_json,
   correlation_id, created_at)
select :event_id::text, :case_id::text, :sequence::bigint, :public_sequence::bigint, :action::text,
       :actor_user_id::text, :from_status::text, :to_status::text, :details::jsonb, :correlation_id::text,
       :now::timestamptz
from told;

-- name: case_marks(case_id)
-- What clocks may look at of a case's history, in order; internal steps mean nothing to them.
select action, to_status, details_json ->> 'standing' as standing, created_at
from support_event
where case_id = :case_id and public_sequence is not null
order by public_sequence;

-- name: case_events_after(case_id, sequence, limit)
-- A case's whole history from a sequence on.
select case_id, sequence, public_sequence, action, actor_user_id, from_status, to_status, details_json, created_at
from support_event
where case_id = :case_id and sequence > :sequence
order by sequence
limit :limit;

-- name: public_case_events_after(case_id, sequence, limit)
-- What its parties may see of a case's history, from a public sequence on.
select case_id, sequence, public_sequence, action, actor_user_id, from_status, to_status, details_json, created_at
from support_event
where case_id = :case_id and public_sequence > :sequence
order by public_sequence
limit :limit;

-- name: insert_message(message_id, case_id, visibility, author_role, author_user_id, body_md, body_html, renderer_version, now)!
-- Stores a message; its words are final.
insert into support_message
  (msg_id, case_id, visibility, author_role, author_user_id, body_md, body_html, renderer_version, created_at)
values
  (:message_id, :case_id, :visibility, :author_role, :author_user_id, :body_md, :body_html, :renderer_version, :now);

-- name: list_messages(case_id, visibilities, after, limit)
-- A case's messages, oldest first: ids sort by time.
select msg_id, case_id, origin_case_id, visibility, author_role, author_user_id, body_md, body_html, renderer_version,
       created_at
from support_message
where case_id = :case_id and visibility = any(:visibilities::text[]) and (:after::text is null or msg_id > :after::text)
order by msg_id
limit :limit;

-- name: move_messages(from_case_id, to_case_id)!
-- Shows a merged case's messages in the one it was merged into; each remembers where it was written.
update support_message
set case_id = :to_case_id, origin_case_id = coalesce(origin_case_id, :from_case_id)
where case_id = :from_case_id;

-- name: insert_miss(case_id, sla_cycle, clock, due_at, now)$
-- Records a deadline that passed; null where it was recorded before.
insert into sla_miss (case_id, sla_cycle, clock, due_at, missed_at)
values (:case_id, :sla_cycle, :clock, :due_at, :now)
on conflict do nothing
returning case_id;

-- name: misses_of_case(case_id)
-- The deadlines that a case has missed, in order.
select sla_cycle, clock, due_at, missed_at from sla_miss where case_id = :case_id order by due_at, clock;
