-- migrate:up
-- What serving keeps beside campaigns: how traffic was, what a day's plan is, how fast each campaign goes, what is open,
-- and why campaigns were not shown. All of it steers; nothing of it decides about money that was spent.
--
-- The indexes are on tables that grow with advertisers, not with clicks; each is made in well under a second:
-- squawk-ignore-file require-concurrent-index-creation, require-lock-timeout, require-statement-timeout

-- Servers ask each second what has changed since.
create index promo_campaign_changed on promo_campaign (updated_at);
create index promo_advertiser_changed on promo_advertiser (updated_at);
create index promo_funding_head_changed on promo_funding_head (updated_at);
create index promo_spend_head_changed on promo_spend_head (updated_at);
-- What gives back and takes out beside clicks: a few entries of a campaign among its many.
create index promo_budget_ledger_corrections on promo_budget_ledger (campaign_id)
  where kind in ('credit', 'adjustment');

-- Searches, whether anything was shown in them or not. Bounds are UTC.
create table promo_traffic_15m (
  surface text collate "C" not null,
  role text collate "C" not null, -- '' on studio_search
  city text collate "C" not null,
  bucket_start timestamptz not null,
  searches bigint not null,
  primary key (surface, role, city, bucket_start),
  constraint promo_traffic_15m_searches check (searches > 0)
);
create index promo_traffic_15m_time on promo_traffic_15m using brin (bucket_start);

-- What a campaign's day began with. A plan is made once a day; its row replaces the one before.
create table promo_day_plan (
  campaign_id text collate "C" primary key references promo_campaign (campaign_id),
  budget_day date not null, -- in the campaign's zone
  curve real[], -- the traffic of the week before by quarters of the clock; null is uniform
  impressions bigint not null, -- of the week before
  clicks bigint not null,
  constraint promo_day_plan_curve check (cardinality(curve) = 96),
  constraint promo_day_plan_counts check (impressions >= 0 and clicks >= 0)
);

-- In how many of the searches that it fits a campaign takes part. One publisher steps it each minute, servers read what
-- has a higher `published` than they have seen.
create table promo_pacing (
  campaign_id text collate "C" primary key references promo_campaign (campaign_id),
  budget_day date not null,
  stepped_at timestamptz not null, -- the minute
  steps double precision[] not null,
  pass_through double precision not null,
  click_rate double precision not null,
  allocation_cents bigint not null, -- what the day shall cost
  planned_cents bigint not null, -- of it, by this minute
  spent_cents bigint not null, -- so far
  published bigint not null,
  constraint promo_pacing_steps check (cardinality(steps) between 1 and 3),
  constraint promo_pacing_pass_through check (pass_through > 0 and pass_through <= 1),
  constraint promo_pacing_click_rate check (click_rate > 0 and click_rate < 1)
);
create index promo_pacing_published on promo_pacing (published);
create sequence promo_pacing_publication;

-- What each server has shown that may yet be clicked. It falls off within minutes, so losing it with a crash of the
-- database costs a little over-delivery and nothing else: it is not logged.
create unlogged table promo_open_exposure (
  server text collate "C" not null,
  campaign_id text collate "C" not null,
  cents double precision not null, -- at as_of
  as_of timestamptz not null,
  primary key (server, campaign_id)
);
create index promo_open_exposure_time on promo_open_exposure (as_of);

-- Samples of the searches that a campaign fitted and was not shown in.
create table promo_unserved (
  campaign_id text collate "C" not null,
  hour timestamptz not null,
  reason text collate "C" not null,
  samples bigint not null,
  primary key (campaign_id, hour, reason),
  constraint promo_unserved_reason check (reason in (
    'negative_keyword', 'paced', 'budget_in_flight', 'viewer_sated', 'outranked', 'already_shown', 'beside_itself',
    'no_slot_of_its_format')),
  constraint promo_unserved_samples check (samples > 0)
);
create index promo_unserved_time on promo_unserved using brin (hour);

grant select, insert, update, delete on promo_traffic_15m, promo_open_exposure, promo_unserved to callsheet_app;
grant select, insert, update on promo_day_plan, promo_pacing to callsheet_app;
grant usage on sequence promo_pacing_publication to callsheet_app;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
