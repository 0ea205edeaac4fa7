-- migrate:up
-- What the booking document leaves out of an order: what is booked and at whose terms, who may hold a slot, and the
-- rules that its columns follow. Negotiation, fulfilment and money follow in files of their own.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file adding-foreign-key-constraint, adding-not-nullable-field, adding-required-field
-- squawk-ignore-file changing-column-type, constraint-missing-not-valid, disallowed-unique-constraint
-- squawk-ignore-file require-concurrent-index-creation, require-lock-timeout, require-statement-timeout

do $$
begin
  if exists (select from booking.order) or exists (select from booking.request)
    or exists (select from booking.invite_recipient) then
    raise exception 'booking holds rows from before the guards: give them zone, snapshots and parents first';
  end if;
end
$$;

create extension if not exists btree_gist;
grant usage on schema booking to callsheet_app;

-- Ids sort by time when compared byte by byte. Every column that holds one has the same collation, because an index of
-- another collation cannot serve a join.
alter table booking.order
  alter column order_id type text collate "C",
  alter column buyer_user_id type text collate "C",
  alter column provider_user_id type text collate "C",
  alter column service_profile_id type text collate "C",
  alter column package_id type text collate "C",
  alter column stripe_payment_intent_id type text collate "C",
  alter column connect_transfer_group type text collate "C",
  alter column chat_thread_id type text collate "C",
  alter column created_at set not null,
  alter column updated_at set not null;
alter table booking.line_item
  alter column id type text collate "C",
  alter column order_id type text collate "C",
  alter column order_id set not null;
alter table booking.autoaccept_rule
  alter column rule_id type text collate "C",
  alter column service_profile_id type text collate "C";
alter table booking.request
  alter column request_id type text collate "C",
  alter column order_id type text collate "C",
  alter column buyer_user_id type text collate "C",
  alter column provider_user_id type text collate "C",
  alter column created_at set not null;
alter table booking.invite_recipient
  alter column invite_id type text collate "C",
  alter column recipient_user_id type text collate "C";
alter table booking.milestone
  alter column milestone_id type text collate "C",
  alter column order_id type text collate "C";
alter table booking.dispute
  alter column dispute_id type text collate "C",
  alter column order_id type text collate "C",
  alter column created_at set not null,
  alter column updated_at set not null;

-- What a provider is, apart from what they offer.
create table booking.provider_profile (
  provider_user_id text collate "C" primary key, -- usr_...
  time_zone text collate "C" not null,
  travel_buffer_minutes int not null default 0, -- kept free after each booking
  working_hours jsonb not null default '{}'::jsonb, -- weekday → intervals of local time; empty means any time
  blackouts tstzmultirange not null default '{}',
  cancellation_policy text collate "C" not null default 'standard',
  stripe_account_id text collate "C", -- acct_..., Connect
  payouts_enabled boolean not null default false,
  strikes int not null default 0, -- cancellations of their own; after three there is no instant book
  calendar_secret_hash bytea, -- of the calendar feed's link; null revokes it
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint provider_profile_time_zone check (time_zone ~ '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$'),
  constraint provider_profile_buffer check (travel_buffer_minutes between 0 and 1440),
  constraint provider_profile_hours check (jsonb_typeof(working_hours) = 'object'),
  constraint provider_profile_policy check (cancellation_policy in ('flexible', 'standard', 'strict')),
  constraint provider_profile_payouts check (not payouts_enabled or stripe_account_id is not null),
  constraint provider_profile_strikes check (strikes >= 0),
  constraint provider_profile_account unique (stripe_account_id)
);

-- What a provider offers. It may be described before the provider can be paid; accepting an order asks for both.
create table booking.service_profile (
  service_profile_id text collate "C" primary key, -- srv_...
  provider_user_id text collate "C" not null,
  title text not null,
  city text collate "C" not null,
  hourly_cents int not null,
  currency text collate "C" not null default 'usd',
  active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint service_profile_title check (char_length(title) between 1 and 200),
  constraint service_profile_city check (city ~ '^[a-z][a-z0-9-]{1,63}$'),
  constraint service_profile_hourly check (hourly_cents > 0),
  constraint service_profile_currency check (currency ~ '^[a-z]{3}$'),
  -- Lets an order prove that its provider owns what is booked.
  constraint service_profile_owner unique (service_profile_id, provider_user_id)
);
create index service_profile_provider on booking.service_profile (provider_user_id, service_profile_id);

create table booking.package (
  package_id text collate "C" primary key, -- pkg_...
  service_profile_id text collate "C" not null references booking.service_profile (service_profile_id),
  title text not null,
  description text,
  price_cents int not null,
  duration_minutes int,
  license_tier text,
  active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint package_price check (price_cents > 0),
  constraint package_duration check (duration_minutes > 0),
  -- Lets an order prove that its package belongs to the profile that is booked.
  constraint package_profile unique (package_id, service_profile_id)
);
create index package_of_profile on booking.package (service_profile_id, package_id);

-- What is added to a package or an hour: extras, travel by the mile, licences.
create table booking.rate (
  rate_id text collate "C" primary key, -- rat_...
  service_profile_id text collate "C" not null references booking.service_profile (service_profile_id),
  kind text collate "C" not null,
  code text collate "C" not null, -- 'second_assistant', 'mile', 'exclusive'
  title text not null,
  unit_cents int not null,
  active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint rate_kind check (kind in ('extra', 'travel', 'license')),
  constraint rate_unit check (unit_cents >= 0),
  constraint rate_code unique (service_profile_id, kind, code)
);

-- What the platform takes and under which terms a booking is cancelled, by city and from a date on. A row is never
-- changed: a new policy is a new row, and every order carries a snapshot of the one it was priced by.
create table booking.fee_policy (
  fee_policy_id text collate "C" primary key, -- fpl_...
  city text collate "C", -- null: wherever no policy names the city
  effective_from timestamptz not null,
  currency text collate "C" not null default 'usd',
  fee_bips int not null, -- of the subtotal, paid by the buyer
  fee_min_cents int not null default 0,
  fee_max_cents int,
  tax_bips int not null, -- on the fee
  credit_shrinks_tax boolean not null default false,
  commission_bips int not null, -- of the subtotal, paid by the provider
  cancellation_policy text collate "C", -- null: the provider's own
  created_by text collate "C" not null,
  created_at timestamptz not null default now(),
  constraint fee_policy_city check (city ~ '^[a-z][a-z0-9-]{1,63}$'),
  constraint fee_policy_currency check (currency ~ '^[a-z]{3}$'),
  constraint fee_policy_bips check (
    fee_bips between 0 and 10000 and tax_bips between 0 and 10000 and commission_bips between 0 and 10000),
  constraint fee_policy_bounds check (fee_min_cents >= 0 and fee_max_cents >= fee_min_cents),
  constraint fee_policy_cancellation check (cancellation_policy in ('flexible', 'standard', 'strict')),
  constraint fee_policy_once unique nulls not distinct (city, currency, effective_from)
);
create trigger fee_policy_append_only before update or delete or truncate on booking.fee_policy
  for each statement execute function core.refuse_change();

-- The terms of a market that has none of its own yet; a policy with a later date replaces them.
insert into booking.fee_policy
  (fee_policy_id, effective_from, fee_bips, tax_bips, commission_bips, created_by, created_at)
values
  ('fpl_00000000000000000000000000', '2020-01-01T00:00:00Z', 1250, 888, 1000, 'svc_migration', '2020-01-01T00:00:00Z');

-- Orders that were made together.
create table booking."group" (
  lbg_id text collate "C" primary key, -- lbg_...
  buyer_user_id text collate "C" not null,
  title text not null default '',
  created_at timestamptz not null default now()
);
create index group_buyer on booking."group" (buyer_user_id, lbg_id);

-- One call for bookings that goes out to several providers. Each recipient has a child order of their own.
create table booking.invite (
  invite_id text collate "C" primary key, -- inv_...
  buyer_user_id text collate "C" not null,
  award_mode text collate "C" not null,
  status text collate "C" not null default 'open',
  title text not null,
  message text,
  recipient_cap int not null,
  expires_at timestamptz not null,
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint invite_award_mode check (award_mode in ('first_accept', 'buyer_awards')),
  constraint invite_status check (status in ('open', 'awarded', 'closed')),
  constraint invite_cap check (recipient_cap between 1 and 100),
  constraint invite_expiry check (expires_at > created_at),
  constraint invite_version check (version > 0)
);
create index invite_buyer on booking.invite (buyer_user_id, invite_id);
create index invite_expiring on booking.invite (expires_at) where status = 'open';

-- The order itself. Terms are snapshots: what holds is what stood when the buyer was shown the price.
alter table booking.order
  add column lbg_id text collate "C" references booking."group" (lbg_id),
  add column invite_id text collate "C" references booking.invite (invite_id),
  add column version bigint not null default 1, -- the sequence of the newest order_event
  add column time_zone text collate "C" not null,
  add column quote_hash text collate "C" not null,
  add column credit_cents int not null default 0, -- 'buyer_fee_only': never more than the fee
  add column fee_policy_id text collate "C" not null references booking.fee_policy (fee_policy_id),
  add column fee_bips int not null,
  add column fee_min_cents int not null,
  add column fee_max_cents int,
  add column tax_bips int not null,
  add column credit_shrinks_tax boolean not null default false,
  add column commission_bips int not null,
  add column cancellation_policy text collate "C" not null,
  -- Instants, so that neither a zone nor a changed policy moves them.
  add column full_refund_until timestamptz not null,
  add column half_refund_until timestamptz not null,
  add column grace_until timestamptz, -- set by the confirmation
  add column busy_from timestamptz not null,
  add column busy_to timestamptz not null, -- the end and the provider's buffer
  add column holds_slot boolean not null default false,
  add column status_before_dispute booking.booking_status,
  add column change_rounds int not null default 0,
  add column closed_reason text,
  add column pay_by timestamptz,
  add column accepted_at timestamptz,
  add column confirmed_at timestamptz,
  add column checked_in_at timestamptz,
  add column delivered_at timestamptz,
  add column review_until timestamptz,
  add column completed_at timestamptz;

alter table booking.order
  add constraint order_two_parties check (buyer_user_id <> provider_user_id),
  add constraint order_end_after_start check (end_ts > start_ts),
  add constraint order_busy_covers check (busy_from <= start_ts and busy_to >= end_ts),
  add constraint order_time_zone check (time_zone ~ '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$'),
  add constraint order_quote_hash check (quote_hash ~ '^[0-9a-f]{64}$'),
  add constraint order_currency check (currency ~ '^[a-z]{3}$'),
  add constraint order_travel check (travel_miles >= 0),
  add constraint order_amounts check (
    subtotal_cents >= 0 and platform_fee_cents >= 0 and tax_cents >= 0 and tip_cents >= 0 and total_cents >= 0),
  add constraint order_credit check (credit_cents between 0 and platform_fee_cents),
  add constraint order_total check (total_cents =
    subtotal_cents::bigint + platform_fee_cents + tax_cents + tip_cents - credit_cents),
  add constraint order_bips check (
    fee_bips between 0 and 10000 and tax_bips between 0 and 10000 and commission_bips between 0 and 10000),
  add constraint order_fee_bounds check (fee_min_cents >= 0 and fee_max_cents >= fee_min_cents),
  add constraint order_cancellation_policy check (cancellation_policy in ('flexible', 'standard', 'strict')),
  add constraint order_refund_bands check (full_refund_until <= half_refund_until),
  add constraint order_version check (version > 0),
  add constraint order_slot_status check (
    not holds_slot or status in ('accepted', 'confirmed', 'in_progress', 'delivered', 'disputed')),
  add constraint order_accepted_holds check (status <> 'accepted' or (holds_slot and pay_by is not null)),
  add constraint order_disputed_from check (status <> 'disputed' or status_before_dispute is not null),
  add constraint order_change_rounds check (change_rounds between 0 and 2),
  add constraint order_invite_mode check (invite_id is null or mode = 'INVITE'),
  add constraint order_transfer_group check (connect_transfer_group = order_id),
  add constraint order_payment_intent unique (stripe_payment_intent_id),
  add constraint order_service_profile foreign key (service_profile_id, provider_user_id)
    references booking.service_profile (service_profile_id, provider_user_id) on update cascade,
  add constraint order_package foreign key (package_id, service_profile_id)
    references booking.package (package_id, service_profile_id),
  -- Two orders of one provider never hold overlapping times. Writers take the provider's advisory lock first, because
  -- concurrent writes that meet here alone deadlock instead of losing one by one.
  add constraint order_slot_excl exclude using gist (
    provider_user_id with =, tstzrange(busy_from, busy_to, '[)') with &&) where (holds_slot);

create index order_buyer on booking.order (buyer_user_id, order_id desc);
create index order_provider on booking.order (provider_user_id, order_id desc);
create index order_group on booking.order (lbg_id) where lbg_id is not null;
create index order_invite on booking.order (invite_id) where invite_id is not null;
create index order_timers on booking.order (status, start_ts)
  where status in ('initiated', 'accepted', 'confirmed', 'in_progress', 'delivered');
create index order_provider_open on booking.order (provider_user_id, busy_from)
  where status in ('pending_accept', 'countered');

-- Every step of an order, in order and for good. `version` of the order is the newest sequence.
create table booking.order_event (
  order_id text collate "C" not null references booking.order (order_id),
  sequence bigint not null,
  event_id text collate "C" not null, -- oev_...
  event text collate "C" not null,
  from_status booking.booking_status, -- null for the first
  to_status booking.booking_status not null,
  actor_kind text collate "C" not null,
  actor_user_id text collate "C",
  correlation_id text collate "C" not null default '',
  details jsonb not null default '{}'::jsonb,
  created_at timestamptz not null default now(),
  primary key (order_id, sequence),
  constraint order_event_id unique (event_id),
  constraint order_event_sequence check (sequence > 0),
  constraint order_event_first check ((sequence = 1) = (from_status is null)),
  constraint order_event_actor check (
    actor_kind in ('buyer', 'provider', 'agent', 'finance', 'admin', 'service', 'system', 'processor')),
  constraint order_event_details check (jsonb_typeof(details) = 'object')
);
create trigger order_event_append_only before update or delete or truncate on booking.order_event
  for each statement execute function core.refuse_change();

grant select, insert, update on booking.provider_profile, booking.service_profile, booking.package, booking.rate,
  booking.invite, booking.order to callsheet_app;
grant select, insert on booking.fee_policy, booking."group", booking.order_event to callsheet_app;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
