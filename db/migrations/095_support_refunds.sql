-- migrate:up
-- Who may approve how much, what was asked for, and which refund of Booking pays for it.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file adding-field-with-default, ban-drop-column, disallowed-unique-constraint, adding-required-field, constraint-missing-not-valid
-- squawk-ignore-file require-lock-timeout, require-statement-timeout, require-concurrent-index-creation

do $$
begin
  if exists (select from support_refund) then
    raise exception 'support holds refunds already: say what was asked for first';
  end if;
end
$$;

-- What an agent may approve alone, by currency; beyond it finance does. A row is never changed: the newest one that is
-- in force stands, and the others say what stood when.
create table refund_limit (
  refund_limit_id text collate "C" primary key, -- rlm_...
  currency text collate "C" not null,
  agent_approves_cents int not null,
  agent_grants_cents int not null, -- of goodwill credit
  created_by text collate "C" not null,
  created_at timestamptz not null default now(),
  constraint refund_limit_currency check (currency ~ '^[a-z]{3}$'),
  constraint refund_limit_amounts check (agent_approves_cents >= 0 and agent_grants_cents >= 0)
);
create index refund_limit_newest on refund_limit (currency, refund_limit_id desc);
create trigger refund_limit_append_only before update or delete or truncate on refund_limit
  for each statement execute function core.refuse_change();
insert into refund_limit (refund_limit_id, currency, agent_approves_cents, agent_grants_cents, created_by) values
  ('rlm_00000000000000000000000000', 'usd', 20000, 5000, 'svc_migration');

-- `share` is what was asked for; the amounts are what it came to when it was proposed, and once it is approved what is
-- paid. A set of Booking's refunds pays it, one for each charge; `processor_ref` names one of them. A single one cannot
-- stand for the set.
alter table support_refund
  drop column booking_refund_id,
  add column currency text collate "C" not null,
  add column share jsonb not null,
  add column credit_cents int not null default 0,
  add column refund_set_id text collate "C",
  add column rejected_by text collate "C",
  add constraint support_refund_currency check (currency ~ '^[a-z]{3}$'),
  add constraint support_refund_share check (jsonb_typeof(share) = 'object'),
  add constraint support_refund_credit check (credit_cents >= 0),
  add constraint support_refund_reserved check (status not in ('processing', 'succeeded') or refund_set_id is not null),
  add constraint support_refund_rejected check (
    coalesce(failure_reason = 'rejected', false) = (rejected_by is not null)),
  add constraint support_refund_set_once unique (refund_set_id);
create index support_refund_open on support_refund (case_id) where status in ('proposed', 'processing');
create index support_refund_of_leg on support_refund (leg_id);

grant select, insert on refund_limit to callsheet_app;
insert into directory.personal_column (relation, column_name, treatment, owner_column) values
  ('public.refund_limit', 'created_by', 'replace', null),
  ('public.support_refund', 'rejected_by', 'replace', null);

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
