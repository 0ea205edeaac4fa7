-- name: upsert_provider(provider_user_id, time_zone, travel_buffer_minutes, cancellation_policy, now)!
-- Creates a provider's profile, or replaces what is not availability.
insert into booking.provider_profile
  (provider_user_id, time_zone, travel_buffer_minutes, cancellation_policy, created_at, updated_at)
values (:provider_user_id, :time_zone, :travel_buffer_minutes, :cancellation_policy, :now, :now)
on conflict (provider_user_id) do update
  set time_zone = excluded.time_zone, travel_buffer_minutes = excluded.travel_buffer_minutes,
      cancellation_policy = excluded.cancellation_policy, updated_at = excluded.updated_at;

-- name: get_provider(provider_user_id)^
-- A provider's profile, its blackouts as the starts and ends of apart windows.
select provider_user_id, time_zone, travel_buffer_minutes, cancellation_policy, working_hours::text as working_hours,
       array(select lower(part) from unnest(blackouts) as part order by part) as blackout_starts,
       array(select upper(part) from unnest(blackouts) as part order by part) as blackout_ends,
       payouts_enabled, strikes, calendar_secret_hash is not null as has_calendar_link, created_at, updated_at
from booking.provider_profile
where provider_user_id = :provider_user_id;

-- name: set_availability(provider_user_id, working_hours, starts, ends, now)$
-- Replaces when a provider works; windows that touch become one. Null where there is no profile.
update booking.provider_profile
set working_hours = :working_hours::jsonb,
    blackouts = (
      select coalesce(range_agg(tstzrange(part.starts, part.ends, '[)')), '{}'::tstzmultirange)
      from unnest(:starts::timestamptz[], :ends::timestamptz[]) as part (starts, ends)),
    updated_at = :now
where provider_user_id = :provider_user_id
returning provider_user_id;

-- name: offers_something(provider_user_id)$
-- Whether somebody offers anything.
select exists (
  select from booking.service_profile s where s.provider_user_id = :provider_user_id and s.active);

-- name: busy_windows(provider_user_id, since, until)
-- The times for which a provider's bookings hold their slots, as the exclusion constraint sees them.
select busy_from, busy_to
from booking.order
where provider_user_id = :provider_user_id and holds_slot
  and tstzrange(busy_from, busy_to, '[)') && tstzrange(:since::timestamptz, :until::timestamptz, '[)')
order by busy_from;

-- name: set_calendar_link(provider_user_id, secret_hash, now)$
-- Keeps the hash of a new link, or takes the link back with null. Null where there is no profile.
update booking.provider_profile
set calendar_secret_hash = :secret_hash, updated_at = :now
where provider_user_id = :provider_user_id
returning provider_user_id;

-- name: provider_of_link(secret_hash)$
-- Whose calendar a link leads to.
select provider_user_id from booking.provider_profile where calendar_secret_hash = :secret_hash::bytea;

-- name: calendar_entries(provider_user_id, since, until, limit)
-- A provider's bookings that hold a slot, earliest first: nothing that says who booked, or where.
select o.order_id, s.title, o.start_ts, o.end_ts, o.updated_at
from booking.order o
join booking.service_profile s on s.service_profile_id = o.service_profile_id
where o.provider_user_id = :provider_user_id and o.holds_slot
  and tstzrange(o.busy_from, o.busy_to, '[)') && tstzrange(:since::timestamptz, :until::timestamptz, '[)')
order by o.start_ts
limit :limit;
