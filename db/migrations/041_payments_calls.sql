-- migrate:up
-- What a stored call needs beyond its first attempt: whose it is, who waits for its outcome, and since when the
-- processor knows its key. The table has no rows yet, so no lock is held for long:
-- squawk-ignore-file require-lock-timeout, require-statement-timeout, adding-required-field
-- squawk-ignore-file constraint-missing-not-valid, require-concurrent-index-creation

alter table payments.stripe_call
  add column slice text collate "C" not null,
  add column reply_kind text collate "C", -- the job that is enqueued with the outcome
  add column generation int not null default 1, -- of the key at the processor: a lookup that finds nothing begins a new one
  add column key_since timestamptz not null default now(), -- the processor forgets a key after a day
  add column failure jsonb, -- why it failed, beyond the code
  add constraint stripe_call_slice check (slice in ('booking', 'growth', 'promo', 'support', 'payments')),
  add constraint stripe_call_generation check (generation >= 1),
  add constraint stripe_call_key_length check (length(idempotency_key) <= 200),
  add constraint stripe_call_failure check (jsonb_typeof(failure) = 'object');

-- An event that nobody knows the owner of waits here until its object is registered.
create index webhook_event_parked on payments.webhook_event ((payload #>> '{data,object,id}')) where status = 'parked';

insert into directory.personal_column (relation, column_name, treatment, owner_column) values
  ('payments.stripe_call', 'owner_id', 'replace', null),
  ('payments.object_owner', 'owner_id', 'replace', null);

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
