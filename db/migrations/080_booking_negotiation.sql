-- migrate:up
-- What negotiating needs beyond offers: from when on a provider sees an order, until when its authorisation holds, the
-- card that an invite will be paid with, and appointments that move.
--
-- Orders have no rows outside of tests yet, and the columns have no default to write:
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

-- Null while the order is the buyer's alone: a draft, or a request that no money stands behind yet.
alter table booking.order add column shown_at timestamptz;

-- Until when the authorisation behind the offer can be captured; an offer that supersedes it inherits that.
alter table booking.request add column capture_before timestamptz;

-- pm_..., a saved card of the buyer's, charged for whoever is awarded.
alter table booking.invite add column payment_method_id text collate "C";

-- A new time for a confirmed order, and what it would cost then; it waits for the other side.
create table booking.reschedule (
  reschedule_id text collate "C" primary key, -- rsc_...
  order_id text collate "C" not null references booking.order (order_id),
  proposed_side text collate "C" not null,
  status text collate "C" not null default 'pending',
  start_ts timestamptz not null,
  end_ts timestamptz not null,
  busy_to timestamptz not null, -- the new end and the provider's buffer
  subtotal_change_cents int not null, -- more to be paid, or less than nothing to be given back
  total_cents bigint not null, -- what the order would have cost in all, for the buyer to agree to
  payment_method_id text collate "C", -- pm_..., of the buyer's, for what is more
  expires_at timestamptz not null,
  answered_at timestamptz,
  created_at timestamptz not null default now(),
  constraint reschedule_proposed_side check (proposed_side in ('buyer', 'provider')),
  constraint reschedule_status check (status in ('pending', 'accepted', 'declined', 'expired')),
  constraint reschedule_times check (end_ts > start_ts and busy_to >= end_ts),
  constraint reschedule_total check (total_cents >= 0),
  constraint reschedule_answered check ((status = 'pending') = (answered_at is null))
);
create unique index reschedule_one_pending on booking.reschedule (order_id) where status = 'pending';

grant select, insert, update on booking.reschedule to callsheet_app;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
