-- name: upsert_service_profile(service_profile_id, provider_user_id, title, city, hourly_cents, currency, active, now)^
-- Creates a profile, or replaces one of the same owner; no row where the id belongs to somebody else.
insert into booking.service_profile
  (service_profile_id, provider_user_id, title, city, hourly_cents, currency, active, created_at, updated_at)
values (:service_profile_id, :provider_user_id, :title, :city, :hourly_cents, :currency, :active, :now, :now)
on conflict (service_profile_id) do update
  set title = excluded.title, city = excluded.city, hourly_cents = excluded.hourly_cents,
      currency = excluded.currency, active = excluded.active, updated_at = excluded.updated_at
  where service_profile.provider_user_id = excluded.provider_user_id
returning service_profile_id, provider_user_id, title, city, hourly_cents, currency, active, created_at, updated_at;

-- name: owner_of(service_profile_id)$
-- Whose profile it is.
select provider_user_id from booking.service_profile where service_profile_id = :service_profile_id;

-- name: lock_profile(service_profile_id, provider_user_id)$
-- Holds an owner's profile, so that what belongs to it is counted and added by one at a time. Locks: service profile.
select service_profile_id from booking.service_profile
where service_profile_id = :service_profile_id and provider_user_id = :provider_user_id
for no key update;

-- name: count_packages(service_profile_id)$
-- How many packages a profile has, retired ones included.
select count(*) from booking.package where service_profile_id = :service_profile_id;

-- name: upsert_package(package_id, service_profile_id, title, description, price_cents, duration_minutes, license_tier, active, now)^
-- Creates a package, or replaces one of the same profile; no row where the id belongs to another.
insert into booking.package (package_id, service_profile_id, title, description, price_cents, duration_minutes,
  license_tier, active, created_at, updated_at)
values (:package_id, :service_profile_id, :title, :description, :price_cents, :duration_minutes, :license_tier, :active,
  :now, :now)
on conflict (package_id) do update
  set title = excluded.title, description = excluded.description, price_cents = excluded.price_cents,
      duration_minutes = excluded.duration_minutes, license_tier = excluded.license_tier, active = excluded.active,
      updated_at = excluded.updated_at
  where package.service_profile_id = excluded.service_profile_id
returning package_id, service_profile_id, title, description, price_cents, duration_minutes, license_tier, active,
  created_at, updated_at;

-- name: list_packages(service_profile_id, retired_too, after, limit)
-- A profile's packages, oldest first: ids sort by time.
select package_id, service_profile_id, title, description, price_cents, duration_minutes, license_tier, active,
  created_at, updated_at
from booking.package
where service_profile_id = :service_profile_id and package_id > :after and (active or :retired_too)
order by package_id
limit :limit;

-- name: count_other_rates(service_profile_id, kind, code)$
-- How many rates a profile has beside this one, retired ones included.
select count(*) from booking.rate
where service_profile_id = :service_profile_id and not (kind = :kind and code = :code);

-- name: upsert_rate(rate_id, service_profile_id, kind, code, title, unit_cents, active, now)^
-- Creates a rate, or replaces the one of that kind and code.
insert into booking.rate
  (rate_id, service_profile_id, kind, code, title, unit_cents, active, created_at, updated_at)
values (:rate_id, :service_profile_id, :kind, :code, :title, :unit_cents, :active, :now, :now)
on conflict (service_profile_id, kind, code) do update
  set title = excluded.title, unit_cents = excluded.unit_cents, active = excluded.active,
      updated_at = excluded.updated_at
returning rate_id, service_profile_id, kind, code, title, unit_cents, active, created_at, updated_at;

-- name: list_rates(service_profile_id, retired_too, after, limit)
-- A profile's rates, oldest first.
select rate_id, service_profile_id, kind, code, title, unit_cents, active, created_at, updated_at
from booking.rate
where service_profile_id = :service_profile_id and rate_id > :after and (active or :retired_too)
order by rate_id
limit :limit;
