-- migrate:up
-- What the promo document leaves out: which roles a campaign is for and in which zone its days are, what exactly an
-- entry of the ledger moves, and who may write it. Events and what else the stream keeps follow in files of their own.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file adding-foreign-key-constraint, adding-required-field, ban-drop-constraint, changing-column-type
-- squawk-ignore-file constraint-missing-not-valid, disallowed-unique-constraint, require-concurrent-index-creation
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

do $$
begin
  if exists (select from promo_campaign) or exists (select from promo_policy) then
    raise exception 'promo holds rows from before the guards: give campaigns zone and roles first';
  end if;
end
$$;

alter table promo_advertiser
  alter column advertiser_id type text collate "C",
  alter column user_id type text collate "C";
alter table promo_campaign
  alter column campaign_id type text collate "C",
  alter column advertiser_id type text collate "C",
  alter column target_entity_id type text collate "C";
alter table promo_budget_ledger
  drop constraint promo_budget_ledger_campaign_id_fkey,
  alter column entry_id type text collate "C",
  alter column campaign_id type text collate "C",
  alter column processor_ref type text collate "C",
  add constraint promo_budget_ledger_campaign_id_fkey
    foreign key (campaign_id) references promo_campaign (campaign_id) on delete restrict;
alter table promo_policy
  alter column policy_id type text collate "C";

alter table promo_advertiser
  add column version bigint not null default 1,
  add constraint promo_advertiser_user unique (user_id),
  add constraint promo_advertiser_version check (version > 0);

-- No total budget used to mean unlimited by a missing value; now it is said. The zone decides what a day is, and does
-- not change once a campaign has been active. `limits_version` counts what the stream must know: status, caps, funding.
alter table promo_campaign
  add column role_targets text[] not null default '{}',
  add column negative_keyword_targets text[] not null default '{}',
  add column hours_of_week int[], -- 0 is Monday 00:00–01:00 in the campaign's zone; null is always
  add column total_budget_mode text collate "C" not null,
  add column time_zone text collate "C" not null,
  add column version bigint not null default 1,
  add column limits_version bigint not null default 1,
  add column status_before_suspension text collate "C",
  add column suspended_reason text,
  add column activated_at timestamptz, -- for the first time
  add column auto_topup_below_cents int,
  add column auto_topup_cents int,
  add constraint promo_campaign_target check (
    (surface = 'people_search') = (target_entity_type = 'service_profile')),
  add constraint promo_campaign_roles check ((surface = 'people_search') = (cardinality(role_targets) > 0)),
  add constraint promo_campaign_cities check (cardinality(city_targets) > 0),
  add constraint promo_campaign_dates check (end_date >= start_date),
  add constraint promo_campaign_amounts check (cpc_cents > 0 and daily_budget_cents > 0 and total_budget_cents > 0),
  add constraint promo_campaign_total_mode check (total_budget_mode in ('capped', 'unlimited')),
  add constraint promo_campaign_total check ((total_budget_mode = 'capped') = (total_budget_cents is not null)),
  add constraint promo_campaign_time_zone check (time_zone ~ '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$'),
  add constraint promo_campaign_hours check (0 <= all (hours_of_week) and 167 >= all (hours_of_week)),
  add constraint promo_campaign_versions check (version > 0 and limits_version > 0),
  add constraint promo_campaign_suspended check ((status = 'suspended') = (status_before_suspension is not null)),
  add constraint promo_campaign_before_suspension check (status_before_suspension in ('draft', 'active', 'paused')),
  add constraint promo_campaign_activated check (status <> 'active' or activated_at is not null),
  add constraint promo_campaign_auto_topup check (
    (auto_topup_below_cents is null) = (auto_topup_cents is null)
    and auto_topup_below_cents >= 0 and auto_topup_cents > 0);
create index promo_campaign_of_advertiser on promo_campaign (advertiser_id, campaign_id desc);
create index promo_campaign_ending on promo_campaign (end_date)
  where status in ('active', 'paused') and end_date is not null;
create index promo_campaign_serving on promo_campaign (surface) where status = 'active';

-- One policy for a surface, a role and a city, the studios' missing role included.
alter table promo_policy
  add constraint promo_policy_surface check (surface in ('people_search', 'studio_search')),
  add constraint promo_policy_role check ((surface = 'people_search') = (role is not null)),
  add constraint promo_policy_limits check (
    cpc_floor_cents >= 0 and max_density_top20 between 0 and 20 and max_above_fold between 0 and max_density_top20),
  add constraint promo_policy_once unique nulls not distinct (surface, role, city);

-- Amounts are signed by what they do. A campaign has two chains: the stream alone takes money (`spend`), server and
-- worker alone bring it (`funding`), so that neither waits for the other. `hash` covers the entry and `previous_hash`,
-- and leaves created_at and every person out.
alter table promo_budget_ledger
  add column chain text collate "C" not null,
  add column sequence bigint not null, -- 1, 2, 3 … within the chain
  add column promo_cents int not null, -- promotional credit is spent before cash
  add column cash_cents int not null,
  add column click_key text collate "C", -- the billed click: campaign and impression of its verified token
  add column budget_day date, -- in the campaign's zone
  add column credit_source text collate "C",
  add column reverses_entry_id text collate "C" references promo_budget_ledger (entry_id),
  add column previous_hash bytea not null,
  add column hash bytea not null,
  add constraint promo_budget_ledger_sign check (
    case kind when 'spend' then amount_cents < 0 when 'adjustment' then amount_cents <> 0 else amount_cents > 0 end),
  add constraint promo_budget_ledger_split check (amount_cents = promo_cents::bigint + cash_cents
    and sign(promo_cents) * sign(amount_cents) >= 0 and sign(cash_cents) * sign(amount_cents) >= 0),
  add constraint promo_budget_ledger_chain check (
    chain = case when amount_cents < 0 then 'spend' else 'funding' end),
  add constraint promo_budget_ledger_spend check (kind <> 'spend' or num_nulls(click_key, budget_day) = 0),
  add constraint promo_budget_ledger_topup check (
    kind <> 'topup' or (num_nulls(processor, processor_ref) = 0 and promo_cents = 0)),
  add constraint promo_budget_ledger_processor check (processor = 'stripe'),
  add constraint promo_budget_ledger_credit check (
    (kind = 'credit') = (credit_source is not null) and credit_source in ('grant', 'invalid_click', 'goodwill')),
  add constraint promo_budget_ledger_reversal check (credit_source <> 'invalid_click' or reverses_entry_id is not null),
  add constraint promo_budget_ledger_reverses check (reverses_entry_id is null or kind in ('credit', 'adjustment')),
  add constraint promo_budget_ledger_sequence check (sequence > 0),
  add constraint promo_budget_ledger_position unique (campaign_id, chain, sequence),
  add constraint promo_budget_ledger_processor_once unique (processor, processor_ref, kind);
create unique index promo_budget_ledger_click on promo_budget_ledger (campaign_id, click_key) where kind = 'spend';
-- A click is credited once, by whatever way it was found invalid.
create unique index promo_budget_ledger_credited on promo_budget_ledger (reverses_entry_id)
  where credit_source = 'invalid_click';
create index promo_budget_ledger_day on promo_budget_ledger (campaign_id, budget_day) where kind = 'spend';
create index promo_budget_ledger_time on promo_budget_ledger (campaign_id, created_at, entry_id);
create trigger promo_budget_ledger_append_only before update or delete or truncate on promo_budget_ledger
  for each statement execute function core.refuse_change();

-- Grants cannot tell one kind of row from another; this can, and costs no call while the right role writes.
create function promo_refuse_writer() returns trigger
language plpgsql
set search_path = pg_catalog
as $$
begin
  raise exception 'the % chain of promo_budget_ledger has another writer than %', new.chain, current_user
    using errcode = 'insufficient_privilege';
end
$$;
create trigger promo_budget_ledger_writer before insert on promo_budget_ledger
  for each row when ((new.chain = 'spend') <> (current_user = 'callsheet_stream'))
  execute function promo_refuse_writer();

-- Where each chain stands: its length, its sum and its newest hash. The balance is the two sums together and is stored
-- nowhere. No check may fail in the stream's transaction, so the spend head has none.
create table promo_funding_head (
  campaign_id text collate "C" primary key references promo_campaign (campaign_id),
  sequence bigint not null default 0,
  promo_cents bigint not null default 0,
  cash_cents bigint not null default 0,
  hash bytea not null default '\x',
  updated_at timestamptz not null default now(),
  constraint promo_funding_head_sums check (promo_cents >= 0 and cash_cents >= 0)
);
create table promo_spend_head (
  campaign_id text collate "C" primary key references promo_campaign (campaign_id),
  sequence bigint not null default 0,
  promo_cents bigint not null default 0,
  cash_cents bigint not null default 0,
  hash bytea not null default '\x',
  updated_at timestamptz not null default now()
);

grant select, insert, update on promo_advertiser, promo_campaign, promo_funding_head to callsheet_app;
grant select, insert, update, delete on promo_policy to callsheet_app;
grant select, insert on promo_budget_ledger to callsheet_app, callsheet_stream;
grant select on promo_spend_head to callsheet_app;
grant select, insert, update on promo_spend_head to callsheet_stream;
grant select on promo_funding_head, promo_campaign to callsheet_stream;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
