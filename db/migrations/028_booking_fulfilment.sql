-- migrate:up
-- What happens after the confirmation: deliverables, what the parties write to each other, and disputes.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file adding-foreign-key-constraint, constraint-missing-not-valid, disallowed-unique-constraint
-- squawk-ignore-file require-concurrent-index-creation, require-lock-timeout, require-statement-timeout

alter table booking.milestone
  add column position int not null default 1,
  add column delivered_at timestamptz,
  add column settled_at timestamptz,
  add constraint milestone_amount check (amount_cents >= 0),
  add constraint milestone_position check (position > 0),
  add constraint milestone_place unique (order_id, position),
  add constraint milestone_of_order unique (order_id, milestone_id),
  add constraint milestone_delivered check (status <> 'delivered' or delivered_at is not null),
  add constraint milestone_settled check (status not in ('approved', 'refunded') or settled_at is not null),
  add constraint milestone_order foreign key (order_id) references booking.order (order_id);
create index milestone_due on booking.milestone (due_ts) where status = 'open' and due_ts is not null;
create index milestone_silent on booking.milestone (delivered_at) where status = 'delivered';

-- Opens when the order is confirmed.
create table booking.chat_thread (
  chat_thread_id text collate "C" primary key, -- cth_...
  order_id text collate "C" not null references booking.order (order_id),
  messages bigint not null default 0, -- the newest sequence
  created_at timestamptz not null default now(),
  constraint chat_thread_order unique (order_id),
  constraint chat_thread_of_order unique (order_id, chat_thread_id),
  constraint chat_thread_messages check (messages >= 0)
);
alter table booking.order add constraint order_chat_thread foreign key (order_id, chat_thread_id)
  references booking.chat_thread (order_id, chat_thread_id);

-- What was said is evidence: it is never edited.
create table booking.chat_message (
  chat_thread_id text collate "C" not null references booking.chat_thread (chat_thread_id),
  sequence bigint not null,
  message_id text collate "C" not null, -- cms_...
  author_user_id text collate "C" not null,
  body text not null,
  created_at timestamptz not null default now(),
  primary key (chat_thread_id, sequence),
  constraint chat_message_id unique (message_id),
  constraint chat_message_sequence check (sequence > 0),
  constraint chat_message_body check (char_length(body) between 1 and 10000)
);
create trigger chat_message_append_only before update or delete or truncate on booking.chat_message
  for each statement execute function core.refuse_change();

-- One open dispute per order; a chargeback is the processor's and unique by its id, since an order may have several
-- charges. A withdrawn dispute ends as resolved against whoever opened it, with outcome `withdrawn`.
alter table booking.dispute
  add column opened_by_user_id text collate "C",
  add column milestone_id text collate "C",
  add column case_id text collate "C" references support_case (case_id),
  add column processor_dispute_id text collate "C",
  add column outcome text collate "C",
  add column version bigint not null default 1,
  add column resolved_at timestamptz,
  add constraint dispute_order foreign key (order_id) references booking.order (order_id),
  add constraint dispute_milestone foreign key (order_id, milestone_id)
    references booking.milestone (order_id, milestone_id),
  add constraint dispute_opened_by check (opened_by in ('buyer', 'provider', 'agent', 'processor')),
  add constraint dispute_opener check (opened_by = 'processor' or opened_by_user_id is not null),
  add constraint dispute_processor check (opened_by <> 'processor' or processor_dispute_id is not null),
  add constraint dispute_chargeback check (status <> 'chargeback' or processor_dispute_id is not null),
  add constraint dispute_outcome check (outcome in ('decided', 'withdrawn', 'chargeback_won', 'chargeback_lost')),
  add constraint dispute_resolved check (
    (status in ('resolved_buyer', 'resolved_provider', 'split')) = (num_nulls(outcome, resolved_at) = 0)),
  add constraint dispute_withdrawn check (outcome <> 'withdrawn'
    or (opened_by = 'buyer' and status = 'resolved_provider')
    or (opened_by = 'provider' and status = 'resolved_buyer')
    or (opened_by = 'agent' and status in ('resolved_buyer', 'resolved_provider'))),
  add constraint dispute_version check (version > 0),
  add constraint dispute_processor_once unique (processor_dispute_id);
create unique index dispute_one_open on booking.dispute (order_id)
  where status in ('open', 'awaiting_evidence', 'under_review');
create index dispute_of_order on booking.dispute (order_id, dispute_id);

-- Proposed by one person, approved by another.
create table booking.dispute_decision (
  decision_id text collate "C" primary key, -- dcs_...
  dispute_id text collate "C" not null references booking.dispute (dispute_id),
  status text collate "C" not null default 'proposed',
  result text collate "C" not null,
  refund_subtotal_cents int not null, -- the share of the subtotal that goes back to the buyer
  fee_refundable boolean not null,
  reason text not null,
  approval_role text collate "C" not null, -- by the amount
  proposed_by text collate "C" not null,
  decided_by text collate "C",
  decided_at timestamptz,
  created_at timestamptz not null default now(),
  constraint dispute_decision_status check (status in ('proposed', 'approved', 'rejected')),
  constraint dispute_decision_result check (result in ('resolved_buyer', 'resolved_provider', 'split')),
  constraint dispute_decision_refund check (
    refund_subtotal_cents >= 0 and (result = 'resolved_provider') = (refund_subtotal_cents = 0)),
  constraint dispute_decision_role check (approval_role in ('agent', 'finance')),
  constraint dispute_decision_four_eyes check (decided_by <> proposed_by),
  constraint dispute_decision_decided check ((status = 'proposed') = (num_nulls(decided_by, decided_at) = 2)
    and num_nulls(decided_by, decided_at) in (0, 2))
);
create unique index dispute_decision_one_open on booking.dispute_decision (dispute_id)
  where status in ('proposed', 'approved');

-- Milestones are set anew while the order is not accepted.
grant select, insert, update, delete on booking.milestone to callsheet_app;
grant select, insert, update on booking.dispute, booking.dispute_decision, booking.chat_thread to callsheet_app;
grant select, insert on booking.chat_message to callsheet_app;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
