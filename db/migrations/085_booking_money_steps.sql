-- migrate:up
-- What the money of an order has to remember between its steps: what a payment is for and whether anybody still wants
-- it, what a provider may be paid already, what each line gave back, and what a chargeback took.
--
-- The tables have no rows yet, so no lock is held for long:
-- squawk-ignore-file adding-foreign-key-constraint, adding-not-nullable-field, adding-required-field
-- squawk-ignore-file constraint-missing-not-valid, disallowed-unique-constraint, ban-drop-constraint
-- squawk-ignore-file require-concurrent-index-creation, require-concurrent-index-deletion
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

-- The saved card that a buyer promised for an order instead of authorising it.
create table booking.card_promise (
  order_id text collate "C" primary key references booking.order (order_id),
  payment_method_id text collate "C" not null,
  created_at timestamptz not null default now()
);

-- A payment that nobody wants any more stays where it is until the processor says that it ended; if it is captured
-- nevertheless it came late, and goes back whole. The parts of an extra are what it adds to the order.
alter table booking.payment
  add column payment_method_id text collate "C", -- pm_..., of one that is charged without its holder
  add column subtotal_cents int not null default 0,
  add column tip_cents int not null default 0,
  add column given_up_at timestamptz,
  add column late boolean not null default false,
  add column captured_at timestamptz,
  add constraint payment_parts check (subtotal_cents >= 0 and tip_cents >= 0),
  add constraint payment_extra check ((purpose = 'principal') = (subtotal_cents + tip_cents = 0)),
  add constraint payment_off_session check (off_session = (payment_method_id is not null)),
  add constraint payment_captured_once check ((status = 'captured') = (captured_at is not null));
create unique index payment_one_adjustment on booking.payment (order_id)
  where purpose = 'adjustment' and status in ('pending', 'requires_action', 'authorized', 'failed')
    and given_up_at is null;
create index payment_open on booking.payment (updated_at)
  where status in ('pending', 'requires_action', 'authorized', 'failed');

-- A refund whose latest attempt failed is still owed to the buyer, and counted; one that is void went back another way:
-- the bank took the money.
alter table booking.refund
  add column attempts int not null default 1,
  add column reply_kind text collate "C", -- the job that is told whenever the outcome of its set changes
  add column settled_at timestamptz,
  drop constraint refund_status,
  add constraint refund_status check (status in ('reserved', 'processing', 'succeeded', 'failed', 'void')),
  drop constraint refund_amounts,
  -- Nothing in cash moves where all that goes back is credit.
  add constraint refund_amounts check (amount_cents >= 0 and subtotal_cents >= 0 and platform_fee_cents >= 0
    and tax_cents >= 0 and tip_cents >= 0 and credit_cents >= 0 and commission_cents >= 0),
  drop constraint refund_succeeded,
  add constraint refund_succeeded check (
    status <> 'succeeded' or (settled_at is not null and (stripe_refund_id is not null or amount_cents = 0))),
  add constraint refund_attempts check (attempts > 0),
  add constraint refund_cause_once unique (order_id, cause, cause_id, payment_id);

-- What of each line went back, by the refund that took it. A line is known by its place: a change of the price writes
-- the lines anew, and then takes what it lowers off them itself.
create table booking.refund_line (
  refund_set_id text collate "C" not null, -- rfs_...
  order_id text collate "C" not null references booking.order (order_id),
  position int not null,
  amount_cents int not null,
  primary key (refund_set_id, position),
  constraint refund_line_amount check (amount_cents > 0)
);
create index refund_line_of_order on booking.refund_line (order_id, position);

-- What may be paid out: the milestones approved so far, and from an instant on everything.
alter table booking.refund_balance
  add column released_subtotal_cents bigint not null default 0,
  add column released_from timestamptz,
  add constraint refund_balance_released check (released_subtotal_cents between 0 and subtotal_cents);
create index refund_balance_owing on booking.refund_balance (order_id)
  where transferred_cents - reversed_cents < subtotal_cents - subtotal_returned_cents - commission_cents
    + commission_returned_cents + tip_cents - tip_returned_cents - withdrawn_cents + reinstated_cents;

-- Each milestone is released once.
create table booking.milestone_release (
  order_id text collate "C" not null,
  milestone_id text collate "C" not null,
  amount_cents int not null,
  created_at timestamptz not null default now(),
  primary key (order_id, milestone_id),
  constraint milestone_release_amount check (amount_cents >= 0),
  constraint milestone_release_milestone foreign key (order_id, milestone_id)
    references booking.milestone (order_id, milestone_id)
);

alter table booking.transfer
  add column settled_at timestamptz,
  add constraint transfer_settled check (status <> 'succeeded' or settled_at is not null);

-- A debt that is owed no longer, because the order brings its provider more again, is forgiven.
alter table booking.provider_debt
  add column forgiven_cents int not null default 0,
  drop constraint provider_debt_amounts,
  add constraint provider_debt_amounts check (
    amount_cents > 0 and paid_cents >= 0 and forgiven_cents >= 0 and paid_cents + forgiven_cents <= amount_cents);
drop index booking.provider_debt_open;
create index provider_debt_open on booking.provider_debt (provider_user_id, debt_id)
  where paid_cents + forgiven_cents < amount_cents;
create index provider_debt_of_order on booking.provider_debt (order_id);

alter table booking.transfer_reversal
  add column debt_id text collate "C" references booking.provider_debt (debt_id), -- the debt that it pays
  add column settled_at timestamptz,
  add constraint transfer_reversal_settled check (status <> 'succeeded' or settled_at is not null);

-- The money side of a bank's complaint: what was taken and given back so far, as the processor told it last.
create table booking.chargeback (
  processor_dispute_id text collate "C" primary key,
  payment_id text collate "C" not null references booking.payment (payment_id),
  status text collate "C" not null, -- the processor's own word: unknown ones will come
  charge_refundable boolean not null,
  closed boolean not null default false,
  withdrawn_cents int not null default 0,
  reinstated_cents int not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint chargeback_amounts check (withdrawn_cents >= 0 and reinstated_cents between 0 and withdrawn_cents)
);
create index chargeback_of_payment on booking.chargeback (payment_id);

-- What the daily reconciliation found missing, cent by cent and by name; a day's finding is written once.
create table booking.money_finding (
  finding_id text collate "C" primary key, -- fnd_...
  order_id text collate "C" not null references booking.order (order_id),
  name text collate "C" not null,
  expected_cents bigint not null,
  found_cents bigint not null,
  found_on date not null,
  created_at timestamptz not null default now(),
  constraint money_finding_differs check (expected_cents <> found_cents),
  constraint money_finding_once unique (order_id, name, found_on)
);
create index money_finding_day on booking.money_finding (found_on, finding_id);

grant select, insert, update on booking.card_promise, booking.chargeback to callsheet_app;
grant select, insert on booking.refund_line, booking.milestone_release, booking.money_finding to callsheet_app;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
