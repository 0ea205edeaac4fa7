-- migrate:up
-- What the support document leaves out: money and audit rows that no deletion takes along, notes that customers must
-- not see, working calendars and deadlines, evidence, notices and processor disputes. A *leg* is a booking order, a
-- *group* is booking.group; order_id stays the fansub order.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file adding-foreign-key-constraint, adding-required-field, ban-drop-constraint, changing-column-type
-- squawk-ignore-file constraint-missing-not-valid, disallowed-unique-constraint, require-concurrent-index-creation
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

do $$
begin
  if exists (select from support_case) then
    raise exception 'support holds cases from before the guards: give them parents and visibility first';
  end if;
end
$$;

alter table support_case
  alter column case_id type text collate "C",
  alter column opened_by_user type text collate "C",
  alter column owner_user_id type text collate "C",
  alter column watchers type text[] collate "C",
  alter column lbg_id type text collate "C",
  alter column leg_id type text collate "C",
  alter column order_id type text collate "C",
  alter column studio_id type text collate "C",
  alter column creator_id type text collate "C",
  alter column payout_id type text collate "C";
alter table support_message
  drop constraint support_message_case_id_fkey,
  alter column msg_id type text collate "C",
  alter column case_id type text collate "C",
  alter column author_user_id type text collate "C",
  add constraint support_message_case_id_fkey
    foreign key (case_id) references support_case (case_id) on delete restrict;
alter table support_event
  drop constraint support_event_case_id_fkey,
  alter column evt_id type text collate "C",
  alter column case_id type text collate "C",
  alter column actor_user_id type text collate "C",
  add constraint support_event_case_id_fkey foreign key (case_id) references support_case (case_id) on delete restrict;
alter table support_refund
  drop constraint support_refund_case_id_fkey,
  alter column refund_id type text collate "C",
  alter column case_id type text collate "C",
  alter column leg_id type text collate "C",
  alter column order_id type text collate "C",
  alter column processor_ref type text collate "C",
  add constraint support_refund_case_id_fkey foreign key (case_id) references support_case (case_id) on delete restrict;
alter table payout_hold
  alter column hold_id type text collate "C",
  alter column case_id type text collate "C",
  alter column leg_id type text collate "C",
  alter column order_id type text collate "C";

-- When support works. Deadlines count only these hours.
create table calendar (
  calendar_id text collate "C" primary key, -- cal_...
  name text not null,
  time_zone text collate "C" not null,
  intervals jsonb not null, -- weekday → intervals of local time
  holidays date[] not null default '{}',
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint calendar_name unique (name),
  constraint calendar_time_zone check (time_zone ~ '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$'),
  constraint calendar_intervals check (jsonb_typeof(intervals) = 'object'),
  constraint calendar_version check (version > 0)
);

-- How fast a case is answered. A case keeps a snapshot, so a changed policy moves no deadline that was promised.
create table sla_policy (
  sla_policy_id text collate "C" primary key, -- slp_...
  type text collate "C" not null,
  severity text collate "C" not null,
  calendar_id text collate "C" not null references calendar (calendar_id),
  first_response_minutes int not null,
  next_response_minutes int not null,
  resolution_minutes int not null,
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint sla_policy_type check (type in ('booking', 'payment', 'product', 'dmca', 'policy', 'chargeback')),
  constraint sla_policy_severity check (severity in ('low', 'normal', 'high', 'urgent')),
  constraint sla_policy_minutes check (
    first_response_minutes > 0 and next_response_minutes > 0 and resolution_minutes >= first_response_minutes),
  constraint sla_policy_version check (version > 0),
  constraint sla_policy_once unique (type, severity)
);

alter table support_case
  add column version bigint not null default 1, -- the sequence of the newest support_event
  add column sla_cycle int not null default 1, -- a reopened case starts a new one
  add column sla_snapshot jsonb, -- the policy and the calendar as they stood
  add column sla_next_resp_at timestamptz,
  add column sla_paused_at timestamptz,
  add column merged_into_case_id text collate "C" references support_case (case_id),
  add column processor_dispute_id text collate "C",
  add column content_id text collate "C", -- what a notice is about: fdp_...
  add column closed_reason text,
  add column closed_at timestamptz,
  add constraint support_case_version check (version > 0),
  add constraint support_case_sla_cycle check (sla_cycle > 0),
  add constraint support_case_sla_snapshot check (jsonb_typeof(sla_snapshot) = 'object'),
  add constraint support_case_not_its_own check (merged_into_case_id <> case_id),
  add constraint support_case_merged_closed check (merged_into_case_id is null or status = 'closed'),
  add constraint support_case_closed check (status <> 'closed' or num_nulls(closed_at, closed_reason) = 0),
  add constraint support_case_leg foreign key (leg_id) references booking.order (order_id),
  add constraint support_case_group foreign key (lbg_id) references booking."group" (lbg_id);
create unique index support_case_one_open on support_case (type, (coalesce(leg_id, order_id)))
  where status <> 'closed' and type <> 'chargeback' and coalesce(leg_id, order_id) is not null;
create unique index support_case_per_processor_dispute on support_case (processor_dispute_id)
  where processor_dispute_id is not null;
create index support_case_opener on support_case (opened_by_user, case_id desc);
create index support_case_queue on support_case (owner_user_id, sla_due_at) where status <> 'closed';
create index support_case_leg_cases on support_case (leg_id) where leg_id is not null;

alter table support_message
  add column visibility text collate "C" not null default 'public',
  add column origin_case_id text collate "C" references support_case (case_id), -- before a merge moved it
  add column body_html text, -- sanitised rendering
  add column renderer_version int,
  add constraint support_message_visibility check (visibility in ('public', 'internal')),
  add constraint support_message_internal_author check (visibility = 'public' or author_role in ('agent', 'system')),
  add constraint support_message_author check (author_role = 'system' or author_user_id is not null),
  add constraint support_message_attachments check (jsonb_typeof(attachments_json) = 'array'),
  add constraint support_message_rendered check ((body_html is null) = (renderer_version is null));
create index support_message_of_case on support_message (case_id, msg_id);

alter table support_event
  add column sequence bigint not null,
  add column correlation_id text collate "C" not null default '',
  add column from_status text collate "C",
  add column to_status text collate "C",
  add constraint support_event_sequence check (sequence > 0),
  add constraint support_event_once unique (case_id, sequence),
  add constraint support_event_details check (jsonb_typeof(details_json) = 'object');
create trigger support_event_append_only before update or delete or truncate on support_event
  for each statement execute function core.refuse_change();

-- A deadline that passed stays passed, whatever happens to the case later.
create table sla_miss (
  case_id text collate "C" not null references support_case (case_id),
  sla_cycle int not null,
  clock text collate "C" not null,
  due_at timestamptz not null,
  missed_at timestamptz not null default now(),
  primary key (case_id, sla_cycle, clock, due_at),
  constraint sla_miss_clock check (clock in ('first_response', 'next_response', 'resolution')),
  constraint sla_miss_late check (missed_at >= due_at)
);
create trigger sla_miss_append_only before update or delete or truncate on sla_miss
  for each statement execute function core.refuse_change();

-- A refund is proposed by one person and approved by another; a rejected one is `failed` with its reason.
alter table support_refund
  add column subtotal_cents int not null, -- the share of the subtotal that is given back
  add column fee_refundable boolean not null,
  add column proposed_by text collate "C" not null,
  add column approved_by text collate "C",
  add column failure_reason text collate "C",
  add column attempts int not null default 0,
  add column booking_refund_id text collate "C",
  add column updated_at timestamptz not null default now(),
  add constraint support_refund_amounts check (
    amount_cents > 0 and subtotal_cents >= 0 and platform_fee_cents >= 0 and platform_fee_tax_cents >= 0),
  add constraint support_refund_parts check (platform_fee_cents::bigint + platform_fee_tax_cents <= amount_cents),
  add constraint support_refund_four_eyes check (approved_by <> proposed_by),
  add constraint support_refund_approved check (status not in ('processing', 'succeeded') or approved_by is not null),
  add constraint support_refund_failed check (status <> 'failed' or failure_reason is not null),
  add constraint support_refund_succeeded check (status <> 'succeeded' or processor_ref is not null),
  add constraint support_refund_attempts check (attempts >= 0),
  add constraint support_refund_leg foreign key (leg_id) references booking.order (order_id),
  add constraint support_refund_processor_ref unique (processor_ref);
create index support_refund_of_case on support_refund (case_id, refund_id);

-- A hold keeps a payout back until its case is settled, at most until it expires. `consumed` went into a refund.
alter table payout_hold
  add column expires_at timestamptz not null,
  add column applied_by text collate "C" not null,
  add column released_reason text collate "C",
  add column released_at timestamptz,
  add column warned_at timestamptz, -- a person was told that expiry is near, because expiry pays money out
  add column updated_at timestamptz not null default now(),
  add constraint payout_hold_amount check (amount_cents > 0),
  add constraint payout_hold_expiry check (expires_at > created_at),
  add constraint payout_hold_released check (
    (status = 'released') = (released_reason is not null) and (status = 'applied') = (released_at is null)),
  add constraint payout_hold_reason check (released_reason in ('cleared', 'consumed')),
  add constraint payout_hold_leg foreign key (leg_id) references booking.order (order_id),
  -- A hold without a payout to keep back would hold nothing.
  add constraint payout_hold_target check (num_nonnulls(leg_id, order_id) = 1);
create index payout_hold_of_case on payout_hold (case_id);
create index payout_hold_of_leg on payout_hold (leg_id) where status = 'applied';
create index payout_hold_expiring on payout_hold (expires_at) where status = 'applied';

-- A file that was checked and locked. `version_id` names the locked version; the bytes never change after `stored`.
create table evidence_object (
  evidence_id text collate "C" primary key, -- evo_...
  case_id text collate "C" not null references support_case (case_id),
  uploaded_by text collate "C" not null,
  status text collate "C" not null default 'awaiting_upload',
  quarantine_key text collate "C" not null,
  s3_key text collate "C", -- support-evidence/...
  version_id text collate "C",
  sha256 bytea not null,
  bytes bigint not null,
  mime text collate "C" not null,
  retention_until timestamptz,
  legal_hold boolean not null default false, -- while a notice or a chargeback is open
  rejected_reason text,
  upload_expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  stored_at timestamptz,
  constraint evidence_object_status check (status in ('awaiting_upload', 'stored', 'rejected', 'abandoned')),
  constraint evidence_object_sha256 check (octet_length(sha256) = 32),
  constraint evidence_object_bytes check (bytes > 0),
  constraint evidence_object_stored check (
    (status = 'stored') = (num_nulls(s3_key, version_id, retention_until, stored_at) = 0)),
  constraint evidence_object_rejected check (status <> 'rejected' or rejected_reason is not null),
  constraint evidence_object_key unique (s3_key, version_id)
);
create index evidence_object_of_case on evidence_object (case_id, evidence_id);

-- A notice or a counter-notice. Names and signatures are personal data and stay encrypted.
create table dmca_notice (
  notice_id text collate "C" primary key, -- dmn_...
  case_id text collate "C" not null references support_case (case_id),
  kind text collate "C" not null,
  content_id text collate "C" not null,
  respondent_user_id text collate "C" not null, -- whose content it is
  elements jsonb not null, -- which of the six the notice has
  parties_ciphertext bytea not null,
  received_at timestamptz not null, -- business days count from here
  complete_at timestamptz,
  copied_at timestamptz, -- a counter-notice is passed on to the complainant
  restore_from timestamptz,
  restore_until timestamptz,
  court_action_at timestamptz,
  restored_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint dmca_notice_kind check (kind in ('notice', 'counter_notice')),
  constraint dmca_notice_elements check (jsonb_typeof(elements) = 'object'),
  constraint dmca_notice_window check (
    (restore_from is null) = (restore_until is null) and restore_from <= restore_until),
  constraint dmca_notice_restored check (restored_at is null or court_action_at is null)
);
create index dmca_notice_of_case on dmca_notice (case_id, notice_id);
create index dmca_notice_respondent on dmca_notice (respondent_user_id) where kind = 'notice';

-- A chargeback or an inquiry as the processor tells it. Its status is the processor's word: unknown ones will come.
create table processor_dispute (
  processor_dispute_id text collate "C" primary key, -- dp_...
  case_id text collate "C" not null references support_case (case_id),
  leg_id text collate "C" references booking.order (order_id),
  stripe_charge_id text collate "C" not null,
  amount_cents int not null,
  currency text collate "C" not null,
  reason text collate "C" not null,
  status text collate "C" not null,
  charge_refundable boolean not null default false,
  withdrawn_cents int not null default 0,
  reinstated_cents int not null default 0,
  due_by timestamptz,
  draft jsonb,
  submitted_at timestamptz, -- evidence is submitted once
  submitted_by text collate "C",
  accepted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint processor_dispute_amounts check (amount_cents > 0 and withdrawn_cents >= 0 and reinstated_cents >= 0),
  constraint processor_dispute_currency check (currency ~ '^[a-z]{3}$'),
  constraint processor_dispute_draft check (jsonb_typeof(draft) = 'object'),
  constraint processor_dispute_submitted check ((submitted_at is null) = (submitted_by is null)),
  constraint processor_dispute_answer check (submitted_at is null or accepted_at is null)
);
create index processor_dispute_of_case on processor_dispute (case_id);
create index processor_dispute_due on processor_dispute (due_by) where submitted_at is null and accepted_at is null;

grant select, insert, update on support_case, support_refund, payout_hold, calendar, sla_policy, evidence_object,
  dmca_notice, processor_dispute to callsheet_app;
-- A message's words are final; its rendering and the case it is shown in are not.
grant select, insert, update (case_id, origin_case_id, body_html, renderer_version) on support_message to callsheet_app;
grant select, insert on support_event, sla_miss to callsheet_app;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
