-- migrate:up
-- What the stream commits together with its events: decisions, rollups, control records, and how far it is. In its
-- transaction nothing may fail by a check, so these tables have none; a test folds them from the log instead.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

-- One row per partition of the log. Taking a partition counts `fence` up; a writer whose fence is no longer this one
-- finds no row to update and stops. `generation` names the log itself: a recreated one starts at offset 1 again and
-- must not be skipped in silence.
create table stream_partition (
  log text collate "C" not null default 'clicks',
  partition int not null,
  fence bigint not null default 0,
  last_offset bigint not null default 0,
  generation text collate "C", -- null until the log was first seen
  updated_at timestamptz not null default now(),
  primary key (log, partition)
);

-- What was decided about a click, and why. A decision is revised by another row, never changed; the newest revision
-- stands. `promo_event.type` keeps what the first one said.
create table promo_click_decision (
  campaign_id text collate "C" not null,
  event_id text collate "C" not null,
  revision int not null default 1,
  verdict text collate "C" not null, -- 'billed', 'invalid', 'cap_daily', ...
  rule text collate "C", -- the first that hit
  rule_version int,
  versions jsonb not null default '{}'::jsonb, -- of rules, lists, limits and switches in force
  hits jsonb not null default '[]'::jsonb, -- all rules that hit
  evidence jsonb not null default '{}'::jsonb,
  click_key text collate "C",
  budget_day date,
  price_cents int not null default 0, -- the token's
  billed_cents int not null default 0,
  log_partition int not null,
  log_offset bigint not null,
  log_index int not null,
  decided_by text collate "C" not null default 'stream',
  decided_at timestamptz not null default now(),
  primary key (campaign_id, event_id, revision)
);
create index promo_click_decision_place on promo_click_decision (log_partition, log_offset, log_index);
create trigger promo_click_decision_append_only before update or delete or truncate on promo_click_decision
  for each statement execute function core.refuse_change();

-- Counters by quarter of an hour, since there are zones at :30 and :45. Bounds are UTC.
create table promo_rollup_15m (
  campaign_id text collate "C" not null,
  bucket_start timestamptz not null,
  impressions bigint not null default 0,
  clicks bigint not null default 0, -- valid ones, billed or not
  billed_clicks bigint not null default 0,
  invalid_clicks bigint not null default 0,
  duplicate_clicks bigint not null default 0,
  over_delivered_clicks bigint not null default 0, -- valid, but over a cap or without funds
  spend_cents bigint not null default 0,
  primary key (campaign_id, bucket_start)
);

-- Every control record with its place in the log: status, caps, funding, switches, rules and lists. A replay reads them
-- here after the log was trimmed.
create table promo_control (
  log_partition int not null,
  log_offset bigint not null,
  kind text collate "C" not null, -- 'campaign', 'rules', 'list', 'kill_switch'
  key text collate "C" not null, -- pcmp_..., or what the record is about
  version bigint not null,
  payload jsonb not null,
  received_at timestamptz not null,
  primary key (log_partition, log_offset)
);
create index promo_control_newest on promo_control (kind, key, version);
create trigger promo_control_append_only before update or delete or truncate on promo_control
  for each statement execute function core.refuse_change();

grant select, insert, update on stream_partition, promo_rollup_15m to callsheet_stream;
grant select, insert on promo_click_decision, promo_control to callsheet_stream;
grant select on stream_partition, promo_rollup_15m, promo_control to callsheet_app;
-- The late pass and a granted claim revise decisions.
grant select, insert on promo_click_decision to callsheet_app;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
