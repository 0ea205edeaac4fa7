-- migrate:up
-- What stands beside the stream's decisions: switches that stop charging, claims of advertisers, orders that follow from
-- clicks, how far the late pass is, and how viewers are forgotten and old events let go.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

-- What is switched off. One row, so that versions follow one another whatever is switched.
create table promo_switchboard (
  single boolean primary key default true,
  version bigint not null default 0,
  everything boolean not null default false,
  rules text[] not null default '{}',
  campaigns text[] not null default '{}',
  constraint promo_switchboard_single check (single),
  constraint promo_switchboard_version check (version >= 0)
);
insert into promo_switchboard default values;

-- Who switched what, and why.
create table promo_switch_event (
  version bigint primary key,
  scope text collate "C" not null,
  subject text collate "C" not null, -- a rule, pcmp_..., or empty for everything
  stopped boolean not null,
  reason text not null,
  actor_user_id text collate "C" not null,
  correlation_id text collate "C" not null default '',
  created_at timestamptz not null,
  constraint promo_switch_event_scope check (scope in ('everything', 'rule', 'campaign')),
  constraint promo_switch_event_subject check ((scope = 'everything') = (subject = ''))
);
create trigger promo_switch_event_append_only before update or delete or truncate on promo_switch_event
  for each statement execute function core.refuse_change();

-- An advertiser says that a click was none. It concerns the money, so it names the entry that took it.
create table promo_click_claim (
  claim_id text collate "C" primary key, -- pclm_...
  campaign_id text collate "C" not null references promo_campaign (campaign_id),
  event_id text collate "C" not null,
  spend_entry_id text collate "C" not null references promo_budget_ledger (entry_id),
  claimed_by text collate "C" not null,
  reason text not null,
  status text collate "C" not null,
  decided_by text collate "C",
  decision_reason text,
  version bigint not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint promo_click_claim_status check (status in ('open', 'granted', 'denied')),
  constraint promo_click_claim_decided check (
    (status = 'open') = (decided_by is null) and (decided_by is null) = (decision_reason is null)),
  constraint promo_click_claim_version check (version > 0),
  constraint promo_click_claim_once unique (spend_entry_id)
);
create index promo_click_claim_of_campaign on promo_click_claim (campaign_id, claim_id desc);
create index promo_click_claim_open on promo_click_claim (claim_id) where status = 'open';

-- An order whose buyer came by a click. Counted when it was placed; what becomes of it is booking's.
create table promo_attributed_order (
  order_id text collate "C" primary key, -- ord_...
  campaign_id text collate "C" not null references promo_campaign (campaign_id),
  impression_id text collate "C" not null,
  ordered_at timestamptz not null
);
create index promo_attributed_order_time on promo_attributed_order (campaign_id, ordered_at);
create trigger promo_attributed_order_append_only before update or delete or truncate on promo_attributed_order
  for each statement execute function core.refuse_change();

-- How far each late rule has looked: in offsets of a partition, or in seconds since 1970.
create table promo_late_pass (
  rule text collate "C" not null,
  part int not null,
  through bigint not null,
  primary key (rule, part)
);

-- Erasures of viewers: by which pseudonym, never whom.
create table promo_viewer_erasure (
  viewer_hash bytea primary key,
  pseudonym text collate "C" not null,
  requested_by text collate "C" not null,
  reason text not null,
  events bigint not null default 0,
  created_at timestamptz not null default now(),
  constraint promo_viewer_erasure_hash check (octet_length(viewer_hash) = 32),
  constraint promo_viewer_erasure_pseudonym unique (pseudonym)
);

-- Replaces a viewer, by their account or their device, in the events that are kept. Where somebody was erased before, the
-- pseudonym is the same: it stays stable, and what they did still counts as one person's. Decisions name no viewer and
-- stay as they are. It runs as the owner, since events are append-only for everybody else, and records itself.
create function promo_erase_viewer(viewer text, hash bytea, chosen_pseudonym text, asked_by text, because text)
returns table (pseudonym text, events bigint)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  stable text;
  changed bigint;
begin
  insert into public.promo_viewer_erasure (viewer_hash, pseudonym, requested_by, reason)
  values (hash, chosen_pseudonym, asked_by, because)
  on conflict (viewer_hash) do update set reason = excluded.reason
  returning promo_viewer_erasure.pseudonym into stable;
  perform set_config('callsheet.erasing', 'on', true);
  update public.promo_event e
  set user_id = case when e.user_id = viewer then stable else e.user_id end,
    anon_fp_hash = case when e.anon_fp_hash = viewer or e.user_id = viewer then stable else e.anon_fp_hash end
  where e.user_id = viewer or e.anon_fp_hash = viewer;
  get diagnostics changed = row_count;
  perform set_config('callsheet.erasing', '', true);
  update public.promo_viewer_erasure r set events = r.events + changed where r.viewer_hash = hash;
  return query select stable, changed;
end
$$;
revoke execute on function promo_erase_viewer(text, bytea, text, text, text) from public;
grant execute on function promo_erase_viewer(text, bytea, text, text, text) to callsheet_app;

-- Lets go of the oldest partition whose day is past its keeping, and tells which it was; null where there is none. It
-- waits for nobody longer than a moment: whoever reads goes first, and the job comes again. One a call, so that each is
-- gone by itself. Detaching without a stop is not possible inside a function, and no other way has the owner's rights.
create function promo_event_drop_partition(keep_from date) returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '200ms'
as $$
declare
  partition text;
begin
  if keep_from > (now() at time zone 'UTC')::date - 90 then
    raise exception 'events are kept for 90 days' using errcode = 'invalid_parameter_value';
  end if;
  select c.relname into partition
  from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'public.promo_event'::regclass and c.relname < 'promo_event_p' || to_char(keep_from, 'YYYYMMDD')
  order by c.relname
  limit 1;
  if partition is not null then
    execute format('alter table public.promo_event detach partition public.%I', partition);
    execute format('drop table public.%I', partition);
  end if;
  return partition;
end
$$;
revoke execute on function promo_event_drop_partition(date) from public;
grant execute on function promo_event_drop_partition(date) to callsheet_app;

grant select, update on promo_switchboard to callsheet_app;
grant select, insert on promo_switch_event, promo_attributed_order to callsheet_app;
grant select, insert, update on promo_click_claim, promo_late_pass to callsheet_app;
grant select on promo_viewer_erasure to callsheet_app;
insert into directory.personal_column (relation, column_name, treatment, owner_column) values
  ('public.promo_switch_event', 'actor_user_id', 'replace', null),
  ('public.promo_click_claim', 'claimed_by', 'replace', null),
  ('public.promo_click_claim', 'decided_by', 'replace', null),
  ('public.promo_viewer_erasure', 'requested_by', 'replace', null);

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
