-- migrate:up
-- Booking's money: what was charged, given back and paid out. booking.refund and booking.transfer are the only rows
-- that pay; everything else mirrors them.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file adding-foreign-key-constraint, constraint-missing-not-valid, disallowed-unique-constraint
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

-- An order may have several payments (a higher counter-offer, a tip, an adjustment). Their ids at the processor decide
-- which webhook belongs to which.
create table booking.payment (
  payment_id text collate "C" primary key, -- pay_...
  order_id text collate "C" not null references booking.order (order_id),
  sequence int not null,
  purpose text collate "C" not null,
  status text collate "C" not null default 'pending',
  amount_cents int not null,
  captured_cents int not null default 0,
  refunded_cents int not null default 0,
  withdrawn_cents int not null default 0, -- by chargebacks
  reinstated_cents int not null default 0,
  currency text collate "C" not null,
  off_session boolean not null default false,
  stripe_payment_intent_id text collate "C", -- pi_...
  stripe_charge_id text collate "C", -- ch_...
  capture_before timestamptz,
  failure_code text collate "C",
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint payment_purpose check (purpose in ('principal', 'tip', 'adjustment')),
  constraint payment_status check (
    status in ('pending', 'requires_action', 'authorized', 'captured', 'cancelled', 'failed')),
  constraint payment_amounts check (
    amount_cents > 0 and captured_cents between 0 and amount_cents and refunded_cents between 0 and captured_cents),
  constraint payment_chargeback check (withdrawn_cents >= 0 and reinstated_cents between 0 and withdrawn_cents),
  constraint payment_captured check ((status = 'captured') = (captured_cents > 0)),
  constraint payment_charge check (status <> 'captured' or stripe_charge_id is not null),
  constraint payment_currency check (currency ~ '^[a-z]{3}$'),
  constraint payment_sequence unique (order_id, sequence),
  constraint payment_of_order unique (order_id, payment_id),
  constraint payment_intent unique (stripe_payment_intent_id),
  constraint payment_charge_once unique (stripe_charge_id)
);
create index payment_capture_deadline on booking.payment (capture_before) where status = 'authorized';

-- Money on its way back to the buyer, one row per charge it is taken from; rows of one cause share refund_set_id. The
-- parts are cash, but for the credit, which goes back to the buyer's account, and the commission, which the provider
-- no longer owes.
create table booking.refund (
  refund_id text collate "C" primary key, -- rfd_...
  refund_set_id text collate "C" not null, -- rfs_...
  order_id text collate "C" not null,
  payment_id text collate "C" not null,
  cause text collate "C" not null,
  cause_id text collate "C" not null,
  status text collate "C" not null default 'reserved',
  amount_cents int not null,
  subtotal_cents int not null default 0,
  platform_fee_cents int not null default 0,
  tax_cents int not null default 0,
  tip_cents int not null default 0,
  credit_cents int not null default 0,
  commission_cents int not null default 0,
  fee_refundable boolean not null,
  currency text collate "C" not null,
  stripe_refund_id text collate "C", -- re_...
  failure_reason text collate "C",
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint refund_cause check (
    cause in ('cancellation', 'adjustment', 'dispute', 'support', 'late_payment', 'processor')),
  constraint refund_status check (status in ('reserved', 'processing', 'succeeded', 'failed')),
  constraint refund_amounts check (amount_cents > 0 and subtotal_cents >= 0 and platform_fee_cents >= 0
    and tax_cents >= 0 and tip_cents >= 0 and credit_cents >= 0 and commission_cents >= 0),
  constraint refund_parts check (amount_cents = subtotal_cents::bigint + platform_fee_cents + tax_cents + tip_cents),
  constraint refund_kept_fee check (fee_refundable or (platform_fee_cents = 0 and tax_cents = 0 and credit_cents = 0)),
  constraint refund_succeeded check (status <> 'succeeded' or stripe_refund_id is not null),
  constraint refund_failed check (status <> 'failed' or failure_reason is not null),
  constraint refund_currency check (currency ~ '^[a-z]{3}$'),
  constraint refund_once unique (refund_set_id, payment_id),
  constraint refund_stripe_once unique (stripe_refund_id),
  constraint refund_payment foreign key (order_id, payment_id) references booking.payment (order_id, payment_id)
);
create index refund_of_order on booking.refund (order_id, refund_id);
create index refund_of_cause on booking.refund (cause, cause_id);
create index refund_open on booking.refund (updated_at) where status in ('reserved', 'processing');

-- The guarded row behind every refund and payout of an order, locked before either. Each part remembers what went back
-- and what was forfeited, so that many small steps end exactly where one large step would.
create table booking.refund_balance (
  order_id text collate "C" primary key references booking.order (order_id),
  charged_cents bigint not null default 0,
  refunded_cents bigint not null default 0, -- in cash, reserved ones included
  subtotal_cents bigint not null default 0,
  subtotal_returned_cents bigint not null default 0,
  fee_cents bigint not null default 0, -- in cash: the fee less the credit
  fee_returned_cents bigint not null default 0,
  fee_forfeited_cents bigint not null default 0,
  credit_cents bigint not null default 0,
  credit_returned_cents bigint not null default 0,
  credit_forfeited_cents bigint not null default 0,
  tax_cents bigint not null default 0,
  tax_returned_cents bigint not null default 0,
  tax_forfeited_cents bigint not null default 0,
  commission_cents bigint not null default 0,
  commission_returned_cents bigint not null default 0,
  tip_cents bigint not null default 0,
  tip_returned_cents bigint not null default 0,
  withdrawn_cents bigint not null default 0,
  reinstated_cents bigint not null default 0,
  transferred_cents bigint not null default 0,
  reversed_cents bigint not null default 0,
  updated_at timestamptz not null default now(),
  constraint refund_balance_charged check (refunded_cents between 0 and charged_cents),
  constraint refund_balance_subtotal check (subtotal_returned_cents between 0 and subtotal_cents),
  constraint refund_balance_fee check (fee_returned_cents >= 0 and fee_forfeited_cents >= 0
    and fee_returned_cents + fee_forfeited_cents <= fee_cents),
  constraint refund_balance_credit check (credit_returned_cents >= 0 and credit_forfeited_cents >= 0
    and credit_returned_cents + credit_forfeited_cents <= credit_cents),
  constraint refund_balance_tax check (tax_returned_cents >= 0 and tax_forfeited_cents >= 0
    and tax_returned_cents + tax_forfeited_cents <= tax_cents),
  constraint refund_balance_commission check (commission_returned_cents between 0 and commission_cents),
  constraint refund_balance_tip check (tip_returned_cents between 0 and tip_cents),
  constraint refund_balance_chargeback check (withdrawn_cents >= 0 and reinstated_cents between 0 and withdrawn_cents),
  constraint refund_balance_transfers check (transferred_cents >= 0 and reversed_cents between 0 and transferred_cents)
);

-- Money on its way to the provider. A transfer names the charge it comes from, else it fails while the platform's own
-- balance is short.
create table booking.transfer (
  transfer_id text collate "C" primary key, -- trf_...
  order_id text collate "C" not null,
  payment_id text collate "C" not null,
  milestone_id text collate "C",
  provider_user_id text collate "C" not null,
  status text collate "C" not null default 'pending',
  amount_cents int not null,
  reversed_cents int not null default 0,
  currency text collate "C" not null,
  stripe_transfer_id text collate "C", -- tr_...
  failure_reason text collate "C",
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint transfer_status check (status in ('pending', 'succeeded', 'failed')),
  constraint transfer_amounts check (amount_cents > 0 and reversed_cents between 0 and amount_cents),
  constraint transfer_succeeded check (status <> 'succeeded' or stripe_transfer_id is not null),
  constraint transfer_failed check (status <> 'failed' or failure_reason is not null),
  constraint transfer_currency check (currency ~ '^[a-z]{3}$'),
  constraint transfer_stripe_once unique (stripe_transfer_id),
  constraint transfer_payment foreign key (order_id, payment_id) references booking.payment (order_id, payment_id),
  constraint transfer_milestone foreign key (order_id, milestone_id)
    references booking.milestone (order_id, milestone_id)
);
create index transfer_of_order on booking.transfer (order_id, transfer_id);
create index transfer_of_provider on booking.transfer (provider_user_id, created_at);
create index transfer_open on booking.transfer (updated_at) where status = 'pending';

create table booking.transfer_reversal (
  reversal_id text collate "C" primary key, -- trv_...
  transfer_id text collate "C" not null references booking.transfer (transfer_id),
  refund_id text collate "C" references booking.refund (refund_id), -- null: a chargeback
  status text collate "C" not null default 'pending',
  amount_cents int not null,
  stripe_reversal_id text collate "C", -- trr_...
  failure_reason text collate "C",
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint transfer_reversal_status check (status in ('pending', 'succeeded', 'failed')),
  constraint transfer_reversal_amount check (amount_cents > 0),
  constraint transfer_reversal_succeeded check (status <> 'succeeded' or stripe_reversal_id is not null),
  constraint transfer_reversal_failed check (status <> 'failed' or failure_reason is not null),
  constraint transfer_reversal_stripe_once unique (stripe_reversal_id)
);
create index transfer_reversal_of_transfer on booking.transfer_reversal (transfer_id);

-- What a provider owes because a reversal found their balance short; it is taken from later payouts first.
create table booking.provider_debt (
  debt_id text collate "C" primary key, -- pdt_...
  provider_user_id text collate "C" not null,
  order_id text collate "C" not null references booking.order (order_id),
  cause_id text collate "C" not null, -- the refund or the chargeback
  amount_cents int not null,
  paid_cents int not null default 0,
  currency text collate "C" not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint provider_debt_amounts check (amount_cents > 0 and paid_cents between 0 and amount_cents),
  constraint provider_debt_currency check (currency ~ '^[a-z]{3}$'),
  constraint provider_debt_once unique (order_id, cause_id)
);
create index provider_debt_open on booking.provider_debt (provider_user_id, debt_id) where paid_cents < amount_cents;

alter table support_refund
  add constraint support_refund_booking_refund foreign key (booking_refund_id) references booking.refund (refund_id),
  add constraint support_refund_booking_once unique (booking_refund_id);

grant select, insert, update on booking.payment, booking.refund, booking.refund_balance, booking.transfer,
  booking.transfer_reversal, booking.provider_debt to callsheet_app;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
