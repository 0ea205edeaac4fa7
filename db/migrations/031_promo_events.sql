-- migrate:up
-- The event log's table, recreated while it is empty: partitioned by day, keyed by what identifies an event, compared
-- byte by byte. An event's id carries its time, so a day is a range of ids.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file ban-drop-table, require-lock-timeout, require-statement-timeout

do $$
begin
  if exists (select from promo_event) then
    raise exception 'promo_event holds events: copy them into the partitioned table before it replaces this one';
  end if;
end
$$;

drop table promo_event;
create table promo_event (
  event_id text collate "C" not null, -- pevt_..., made by the client
  campaign_id text collate "C" not null,
  impression_id text collate "C" not null, -- corr id across imp/click
  type text not null check (type in ('impression','click','invalid_click')),
  role text, -- role tab if surface=people
  city text not null,
  query_hash text not null, -- normalized query signature
  user_id text collate "C", -- viewer user (null if anon hashed)
  anon_fp_hash text, -- fingerprint hash for anon viewers
  ip_hash text not null,
  ua_hash text not null,
  ts timestamptz not null default now(), -- when the server received it; the id's own time decides nothing
  extra_json jsonb default '{}'::jsonb,
  -- Where it stands in the log, and the time its rules were asked at: enough to decide it again long after the log was
  -- trimmed.
  log_partition int not null,
  log_offset bigint not null,
  log_index int not null,
  rule_ts timestamptz not null,
  primary key (event_id, campaign_id)
) partition by range (event_id);

-- For each row, because a partition inherits no trigger for statements.
create trigger promo_event_append_only before update or delete on promo_event
  for each row execute function core.refuse_change();
create trigger promo_event_no_truncate before truncate on promo_event
  for each statement execute function core.refuse_change();

-- The smallest id of a day: ten characters of base32 hold exactly the 48 bits of the millisecond.
create function promo_event_bound(day date) returns text
language sql immutable strict parallel safe
set search_path = pg_catalog
as $$
  select 'pevt_' || string_agg(
    substr('0123456789abcdefghjkmnpqrstvwxyz', (extract(epoch from day)::bigint * 1000 >> shift & 31)::int + 1, 1),
    '' order by shift desc)
  from generate_series(0, 45, 5) as shift
$$;

-- Makes the partitions of these days that are missing, and tells how many. It runs as the owner, since a worker may not
-- create tables; attaching, unlike creating in place, lets writers go on. There is no default partition: it would
-- forbid detaching without a stop, and an id from no partition's day is refused at the door.
create function promo_event_ensure_partitions(first_day date, last_day date) returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  day date;
  partition text;
  made int := 0;
begin
  if last_day - first_day not between 0 and 400 then
    raise exception 'from % to % is not a range of at most 400 days', first_day, last_day
      using errcode = 'invalid_parameter_value';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('promo_event_ensure_partitions', 0));
  for day in select generate_series(first_day, last_day, '1 day')::date loop
    partition := 'promo_event_p' || to_char(day, 'YYYYMMDD');
    continue when to_regclass('public.' || partition) is not null;
    execute format('create table public.%I (like public.promo_event including defaults including constraints)',
      partition);
    execute format('alter table public.promo_event attach partition public.%I for values from (%L) to (%L)',
      partition, public.promo_event_bound(day), public.promo_event_bound(day + 1));
    execute format('create trigger %I before truncate on public.%I '
      'for each statement execute function core.refuse_change()', partition || '_no_truncate', partition);
    made := made + 1;
  end loop;
  return made;
end
$$;
revoke execute on function promo_event_ensure_partitions(date, date) from public;
grant execute on function promo_event_ensure_partitions(date, date) to callsheet_app;

select promo_event_ensure_partitions((now() at time zone 'UTC')::date - 8, (now() at time zone 'UTC')::date + 3);

do $$
begin
  if promo_event_bound('2024-01-01') <> 'pevt_01hk153x00' then
    raise exception 'promo_event_bound does not match the ids: %', promo_event_bound('2024-01-01');
  end if;
end
$$;

grant select on promo_event to callsheet_app;
grant select, insert on promo_event to callsheet_stream;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
