-- migrate:up
-- How an order comes about: its lines, the rules that accept by themselves, offers and counter-offers, invitations.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file adding-foreign-key-constraint, adding-required-field, constraint-missing-not-valid
-- squawk-ignore-file disallowed-unique-constraint, require-concurrent-index-creation, require-lock-timeout
-- squawk-ignore-file require-statement-timeout

alter table booking.line_item
  add column position int not null default 1, -- the order in which a split gives its last cent away
  add column refunds_line_id text collate "C",
  add constraint line_item_amounts check (qty > 0 and unit_cents >= 0 and total_cents >= 0),
  -- round() goes half away from zero, which is half up for what is never negative.
  add constraint line_item_total check (total_cents = round(unit_cents * qty)),
  add constraint line_item_position check (position > 0),
  add constraint line_item_place unique (order_id, position),
  add constraint line_item_of_order unique (order_id, id),
  add constraint line_item_refund check ((kind = 'refund') = (refunds_line_id is not null)),
  add constraint line_item_refunds foreign key (order_id, refunds_line_id) references booking.line_item (order_id, id);

alter table booking.autoaccept_rule
  add column active boolean not null default true,
  add column created_at timestamptz not null default now(),
  add column updated_at timestamptz not null default now(),
  add constraint autoaccept_rule_price check (min_price_cents >= 0),
  add constraint autoaccept_rule_weekdays check (weekday_mask between 1 and 127),
  add constraint autoaccept_rule_distance check (max_distance_mi >= 0),
  add constraint autoaccept_rule_profile foreign key (service_profile_id)
    references booking.service_profile (service_profile_id);
create index autoaccept_rule_of_profile on booking.autoaccept_rule (service_profile_id, rule_id);

-- An offer that waits for an answer. A counter-offer is a new row that supersedes the one before; of an order's rows
-- one is pending, and `offered_by` tells whose turn it is not.
alter table booking.request
  add column offered_by text collate "C" not null,
  add column round int not null default 0, -- 0 is the buyer's first offer
  add column supersedes_request_id text collate "C",
  add column total_cents int not null, -- what the buyer consents to, or is asked to
  add column lines jsonb, -- of a counter-offer; null: the order's own
  add column start_ts timestamptz,
  add column end_ts timestamptz,
  add column shown_at timestamptz, -- to the provider, once the authorisation or the card stands
  add column answered_at timestamptz,
  add column answer_reason text,
  add constraint request_offered_by check (offered_by in ('buyer', 'provider')),
  add constraint request_round check (round between 0 and 6),
  add constraint request_total check (total_cents >= 0),
  add constraint request_lines check (jsonb_typeof(lines) = 'array'),
  add constraint request_times check ((start_ts is null) = (end_ts is null) and end_ts > start_ts),
  add constraint request_two_parties check (buyer_user_id <> provider_user_id),
  add constraint request_answered check ((status = 'pending') = (answered_at is null)),
  add constraint request_expiry check (status <> 'pending' or expires_at is not null),
  add constraint request_not_its_own check (supersedes_request_id <> request_id),
  add constraint request_order foreign key (order_id) references booking.order (order_id),
  add constraint request_of_order unique (order_id, request_id),
  add constraint request_supersedes foreign key (order_id, supersedes_request_id)
    references booking.request (order_id, request_id),
  add constraint request_superseded_once unique (supersedes_request_id),
  add constraint request_once_a_round unique (order_id, round);
create unique index request_one_pending on booking.request (order_id) where status = 'pending';
create index request_buyer on booking.request (buyer_user_id, request_id desc);
create index request_provider on booking.request (provider_user_id, request_id desc);
create index request_expiring on booking.request (expires_at) where status = 'pending';

-- One order cannot fan out: each recipient has a child order, and of all of them one is awarded.
alter table booking.invite_recipient
  add column order_id text collate "C" not null references booking.order (order_id),
  add column created_at timestamptz not null default now(),
  add column responded_at timestamptz,
  add column decided_at timestamptz,
  add constraint invite_recipient_invite foreign key (invite_id) references booking.invite (invite_id),
  add constraint invite_recipient_order unique (order_id),
  add constraint invite_recipient_responded check (status <> 'responded' or responded_at is not null),
  add constraint invite_recipient_awarded check (status <> 'awarded' or num_nulls(responded_at, decided_at) = 0);
create unique index invite_recipient_one_award on booking.invite_recipient (invite_id) where status = 'awarded';
create index invite_recipient_user on booking.invite_recipient (recipient_user_id, invite_id desc);

-- Lines are drafted anew while the price is open.
grant select, insert, update, delete on booking.line_item to callsheet_app;
grant select, insert, update, delete on booking.autoaccept_rule to callsheet_app;
grant select, insert, update on booking.request, booking.invite_recipient to callsheet_app;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
