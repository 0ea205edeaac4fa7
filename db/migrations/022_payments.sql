-- migrate:up
-- What the slices share of the payment processor: customers, cards, calls that are stored before they are made, and
-- events that are stored before they are answered.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

create schema payments;
grant usage on schema payments to callsheet_app;

create table payments.customer (
  user_id text collate "C" primary key, -- usr_...
  processor text collate "C" not null default 'stripe',
  stripe_customer_id text collate "C" not null, -- cus_...
  default_payment_method_id text collate "C", -- pm_...
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint customer_processor check (processor = 'stripe'),
  constraint customer_stripe_id unique (stripe_customer_id)
);

-- A saved card, by what a person needs to recognise it. The number never passes through here.
create table payments.payment_method (
  payment_method_id text collate "C" primary key, -- pm_...
  user_id text collate "C" not null references payments.customer (user_id) on update cascade,
  brand text not null,
  last4 text collate "C" not null,
  exp_month int not null,
  exp_year int not null,
  fingerprint_hash bytea, -- keyed; equal cards of different people are evidence against a referral
  detached_at timestamptz,
  created_at timestamptz not null default now(),
  constraint payment_method_last4 check (last4 ~ '^[0-9]{4}$'),
  constraint payment_method_expiry check (exp_month between 1 and 12 and exp_year between 2000 and 9999),
  constraint payment_method_fingerprint check (octet_length(fingerprint_hash) = 32)
);
create index payment_method_user on payments.payment_method (user_id);
create index payment_method_fingerprint on payments.payment_method (fingerprint_hash) where detached_at is null;

-- One intended call. It is committed with the effect that needs it, made by a job, and its outcome committed after. The
-- processor forgets keys after a day: past that, `unknown` is settled by looking up, never by repeating.
create table payments.stripe_call (
  call_id text collate "C" primary key, -- spc_...
  idempotency_key text collate "C" not null, -- capture:{order}:{n}
  method text collate "C" not null, -- payment_intents.capture
  params_hash bytea not null,
  params jsonb not null, -- without personal data
  owner_kind text collate "C" not null,
  owner_id text collate "C" not null,
  status text collate "C" not null default 'pending',
  outcome jsonb,
  error_code text collate "C",
  attempts int not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint stripe_call_key unique (idempotency_key),
  constraint stripe_call_hash check (octet_length(params_hash) = 32),
  constraint stripe_call_params check (jsonb_typeof(params) = 'object'),
  constraint stripe_call_status check (status in ('pending', 'succeeded', 'failed', 'unknown')),
  constraint stripe_call_outcome check (status <> 'succeeded' or outcome is not null),
  constraint stripe_call_error check (status <> 'failed' or error_code is not null),
  constraint stripe_call_attempts check (attempts >= 0)
);
create index stripe_call_owner on payments.stripe_call (owner_kind, owner_id, created_at);
create index stripe_call_open on payments.stripe_call (updated_at) where status in ('pending', 'unknown');

-- The inbox. Events repeat and come in any order; one row per event id, whatever is delivered.
create table payments.webhook_event (
  event_id text collate "C" primary key, -- evt_...
  type text collate "C" not null,
  api_version text collate "C",
  livemode boolean not null,
  payload jsonb not null,
  received_at timestamptz not null default now(),
  status text collate "C" not null default 'received',
  attempts int not null default 0,
  reason text, -- why it is parked or ignored
  handled_at timestamptz,
  constraint webhook_event_status check (status in ('received', 'handled', 'parked', 'ignored')),
  constraint webhook_event_payload check (jsonb_typeof(payload) = 'object'),
  constraint webhook_event_handled check (status <> 'handled' or handled_at is not null),
  constraint webhook_event_reason check (status not in ('parked', 'ignored') or reason is not null),
  constraint webhook_event_attempts check (attempts >= 0)
);
create index webhook_event_open on payments.webhook_event (received_at) where status in ('received', 'parked');

-- Whose a processor's object is. Disputes, and refunds made by hand in the processor's dashboard, carry none of our
-- metadata: their charge or payment intent is looked up here.
create table payments.object_owner (
  object_id text collate "C" primary key, -- pi_..., ch_..., re_..., tr_..., acct_...
  slice text collate "C" not null,
  owner_kind text collate "C" not null,
  owner_id text collate "C" not null,
  created_at timestamptz not null default now(),
  constraint object_owner_slice check (slice in ('booking', 'growth', 'promo', 'support', 'payments'))
);
create index object_owner_owner on payments.object_owner (slice, owner_kind, owner_id);

grant select, insert, update on payments.customer, payments.payment_method to callsheet_app;
grant select, insert, update on payments.stripe_call, payments.webhook_event to callsheet_app;
grant select, insert on payments.object_owner to callsheet_app;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
