-- migrate:up
-- What every slice needs and which knows no slice: stored answers, jobs, outgoing events, append-only tables.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

do $$
begin
  if (select count(*) from pg_roles where rolname in ('callsheet_owner', 'callsheet_app', 'callsheet_stream')) < 3 then
    raise exception 'roles callsheet_owner, callsheet_app and callsheet_stream must exist before the migrations run'
      using hint = 'The installation makes them; a migration never does.';
  end if;
end
$$;

create schema core;
grant usage on schema core to callsheet_app;

-- Append-only means that nobody has the grant to change a row, and that this trigger stops whoever has it all the same:
-- the owner, and an administrator's hurried hand. The one exception is the erasure of a person: the owner's function
-- sets callsheet.erasing for as long as it runs, and replaces ids by a pseudonym. No other role can use the setting,
-- because the trigger asks for the table's owner too.
create function core.refuse_change() returns trigger
language plpgsql
set search_path = pg_catalog
as $$
declare
  owner name := (select pg_get_userbyid(relowner) from pg_class where oid = tg_relid);
begin
  if tg_op = 'UPDATE' and current_user = owner and current_setting('callsheet.erasing', true) = 'on' then
    return new;
  end if;
  raise exception '%.% is append-only: % is refused', tg_table_schema, tg_table_name, tg_op
    using errcode = 'restrict_violation';
end
$$;

-- The first answer to a call that named an idempotency key. The row is inserted first and answered last, in the same
-- transaction as the effect, so a losing call waits on it. Only successes are stored: another outcome rolls back.
create table core.idempotency_key (
  principal text collate "C" not null,
  method text collate "C" not null,
  key text collate "C" not null,
  request_hash bytea not null,
  response bytea,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  primary key (principal, method, key),
  constraint idempotency_key_hash check (octet_length(request_hash) = 32),
  constraint idempotency_key_expiry check (expires_at > created_at)
);
create index idempotency_key_expires on core.idempotency_key (expires_at);

-- Work that follows a commit. `attempts` counts failures that the handler reported; `claims` counts every time a worker
-- took the job, so that one which kills its worker is held in the end as well.
create table core.job (
  job_id text collate "C" primary key, -- job_...
  kind text collate "C" not null,
  key text collate "C" not null, -- names the effect; equal jobs that still wait are one
  payload jsonb not null default '{}'::jsonb,
  run_at timestamptz not null,
  status text collate "C" not null default 'queued',
  attempts int not null default 0,
  claims int not null default 0,
  lease_until timestamptz, -- past it, a running job's worker is taken for dead
  last_error text,
  correlation_id text collate "C" not null default '',
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint job_status check (status in ('queued', 'running', 'held', 'done')),
  constraint job_payload_object check (jsonb_typeof(payload) = 'object'),
  constraint job_counts check (attempts >= 0 and claims >= 0),
  constraint job_running_has_lease check (status <> 'running' or lease_until is not null),
  constraint job_done_has_end check (status <> 'done' or finished_at is not null)
);
create unique index job_queued_key on core.job (kind, key) where status = 'queued';
create index job_due on core.job (run_at, job_id) where status = 'queued';
create index job_lease on core.job (lease_until) where status = 'running';
create index job_held on core.job (kind, created_at) where status = 'held';
create index job_finished on core.job (finished_at) where status = 'done';
create index job_key on core.job (key); -- what happened, and will happen, to one thing

-- The latest moment at which each schedule was enqueued, so that of several workers one does it.
create table core.cron (
  name text collate "C" primary key,
  last_slot timestamptz not null
);

-- Events for the world outside, written with their effect. Only rows whose transaction every later snapshot sees may be
-- moved (xid below the oldest running one): the sequence alone has gaps that fill late.
create table core.outbox (
  seq bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  topic text collate "C" not null,
  key text collate "C" not null,
  version bigint not null,
  payload bytea not null,
  created_at timestamptz not null default now(),
  constraint outbox_version check (version > 0)
);
create index outbox_topic on core.outbox (topic, seq);

-- Waiting workers wake up at commit instead of at their next look. Equal notifications of a transaction are one.
create function core.notify_insert() returns trigger
language plpgsql
set search_path = pg_catalog
as $$
begin
  perform pg_notify(tg_argv[0], '');
  return null;
end
$$;

create trigger job_notify after insert on core.job
  for each statement execute function core.notify_insert('callsheet_jobs');
create trigger outbox_notify after insert on core.outbox
  for each statement execute function core.notify_insert('callsheet_outbox');

grant select, insert, update, delete on core.idempotency_key, core.job to callsheet_app;
grant select, insert, update on core.cron to callsheet_app;
-- `callsheet doctor` tells which migrations are there.
grant select on public.schema_migrations to callsheet_app;
-- The relay deletes what it has moved; a row is never changed.
grant select, insert, delete on core.outbox to callsheet_app;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
