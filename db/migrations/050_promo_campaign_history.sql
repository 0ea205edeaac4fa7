-- migrate:up
-- What happened to each campaign, and who did it.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

do $$
begin
  if exists (select from promo_campaign) then
    raise exception 'promo holds campaigns already: write their history first';
  end if;
end
$$;

create table promo_campaign_event (
  campaign_id text collate "C" not null references promo_campaign (campaign_id),
  sequence bigint not null, -- the version that the event made
  event text collate "C" not null,
  from_status text collate "C",
  to_status text collate "C" not null,
  actor_kind text collate "C" not null,
  actor_user_id text collate "C", -- null for the system
  reason text not null default '',
  correlation_id text collate "C" not null default '',
  created_at timestamptz not null,
  primary key (campaign_id, sequence),
  constraint promo_campaign_event_sequence check (sequence > 0),
  constraint promo_campaign_event_from check (from_status in ('draft', 'active', 'paused', 'ended', 'suspended')),
  constraint promo_campaign_event_to check (to_status in ('draft', 'active', 'paused', 'ended', 'suspended')),
  constraint promo_campaign_event_actor_kind check (actor_kind in ('advertiser', 'staff', 'system')),
  constraint promo_campaign_event_actor check ((actor_kind = 'system') = (actor_user_id is null)),
  constraint promo_campaign_event_first check ((sequence = 1) = (from_status is null))
);
create trigger promo_campaign_event_append_only before update or delete or truncate on promo_campaign_event
  for each statement execute function core.refuse_change();

grant select, insert on promo_campaign_event to callsheet_app;
insert into directory.personal_column (relation, column_name, treatment, owner_column) values
  ('public.promo_campaign_event', 'actor_user_id', 'replace', null);

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
