-- migrate:up
-- Who a case is between, what each of them may count, and by which deadline its queues are ordered.
--
-- An internal note must not show by a gap in a numbering that customers see: what they may see has a numbering of its
-- own, in the history and in the case's version.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file adding-field-with-default, adding-required-field, constraint-missing-not-valid
-- squawk-ignore-file disallowed-unique-constraint, require-concurrent-index-creation, require-concurrent-index-deletion
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

do $$
begin
  if exists (select from support_case) then
    raise exception 'support holds cases already: say who their parties are first';
  end if;
end
$$;

alter table support_case
  add column opener_role text collate "C" not null,
  add column respondent_user_id text collate "C", -- the other side of the order
  add column respondent_role text collate "C",
  add column public_version bigint not null default 1, -- the newest public_sequence of its history
  add column status_since timestamptz not null,
  add column decision_requested_by text collate "C", -- who asked may not decide
  add column next_due_at timestamptz not null generated always as (
    coalesce(least(sla_first_resp_at, sla_next_resp_at, sla_due_at), 'infinity')) stored,
  add constraint support_case_opener_role check (
    opener_role in ('buyer', 'seller', 'studio_owner', 'creator', 'agent', 'system')),
  add constraint support_case_respondent_role check (
    respondent_role in ('buyer', 'seller', 'studio_owner', 'creator', 'agent', 'system')),
  add constraint support_case_respondent check ((respondent_user_id is null) = (respondent_role is null)),
  add constraint support_case_two_parties check (respondent_user_id <> opened_by_user),
  add constraint support_case_public_version check (public_version between 1 and version),
  add constraint support_case_decision_asked check (
    (status = 'decision_pending') = (decision_requested_by is not null));
drop index support_case_queue;
create index support_case_queue on support_case (owner_user_id, next_due_at, case_id) where status <> 'closed';
create index support_case_breaching on support_case (next_due_at, case_id) where status <> 'closed';
create index support_case_respondent_cases on support_case (respondent_user_id, case_id desc)
  where respondent_user_id is not null;

alter table support_event
  add column public_sequence bigint,
  add constraint support_event_public_sequence check (public_sequence between 1 and sequence),
  add constraint support_event_public_once unique (case_id, public_sequence);

insert into directory.personal_column (relation, column_name, treatment, owner_column) values
  ('public.support_case', 'respondent_user_id', 'replace', null),
  ('public.support_case', 'decision_requested_by', 'replace', null);

-- A promise for every case from the first day on. Administrators replace both.
insert into calendar (calendar_id, name, time_zone, intervals) values
  ('cal_00000000000000000000000000', 'standard', 'Etc/UTC',
   '{"monday": [["09:00", "18:00"]], "tuesday": [["09:00", "18:00"]], "wednesday": [["09:00", "18:00"]],
     "thursday": [["09:00", "18:00"]], "friday": [["09:00", "18:00"]]}');
insert into sla_policy
  (sla_policy_id, type, severity, calendar_id, first_response_minutes, next_response_minutes, resolution_minutes)
select 'slp_' || lpad(row_number() over (order by type, severity)::text, 26, '0'), type, severity,
  'cal_00000000000000000000000000', first_response, next_response, resolution
from unnest(array['booking', 'payment', 'product', 'dmca', 'policy', 'chargeback']) as type,
  (values ('low', 960, 960, 5400), ('normal', 480, 480, 2700), ('high', 240, 240, 1080), ('urgent', 60, 120, 540))
    as target (severity, first_response, next_response, resolution);

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
