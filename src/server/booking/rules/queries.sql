-- name: lock_profile(service_profile_id, provider_user_id)$
-- Holds an owner's profile, so that its rules are counted and added by one at a time. Locks: service profile.
select service_profile_id from booking.service_profile
where service_profile_id = :service_profile_id and provider_user_id = :provider_user_id
for no key update;

-- name: owner_of(service_profile_id)$
-- Whose profile it is.
select provider_user_id from booking.service_profile where service_profile_id = :service_profile_id;

-- name: count_rules(service_profile_id)$
-- How many rules a profile has.
select count(*) from booking.autoaccept_rule where service_profile_id = :service_profile_id;

-- name: insert_rule(rule_id, service_profile_id, min_price_cents, weekday_mask, max_distance_mi, allow_ib, active, now)!
-- Stores a new rule.
insert into booking.autoaccept_rule (rule_id, service_profile_id, min_price_cents, weekday_mask, max_distance_mi,
  allow_ib, active, created_at, updated_at)
values (:rule_id, :service_profile_id, :min_price_cents, :weekday_mask, :max_distance_mi, :allow_ib, :active, :now,
  :now);

-- name: lock_rule(rule_id, provider_user_id)^
-- A rule of this owner, held until the transaction ends. Locks: rule.
select r.rule_id, r.service_profile_id, r.min_price_cents, r.weekday_mask, r.max_distance_mi, r.allow_ib, r.active,
       r.created_at, r.updated_at
from booking.autoaccept_rule r
join booking.service_profile s on s.service_profile_id = r.service_profile_id
where r.rule_id = :rule_id and s.provider_user_id = :provider_user_id
for no key update of r;

-- name: update_rule(rule_id, min_price_cents, weekday_mask, max_distance_mi, allow_ib, active, now)!
-- Replaces what a rule asks for.
update booking.autoaccept_rule
set min_price_cents = :min_price_cents, weekday_mask = :weekday_mask, max_distance_mi = :max_distance_mi,
    allow_ib = :allow_ib, active = :active, updated_at = :now
where rule_id = :rule_id;

-- name: delete_rule(rule_id, provider_user_id)$
-- Ends a rule of this owner; null where there was none.
delete from booking.autoaccept_rule r
using booking.service_profile s
where r.rule_id = :rule_id and s.service_profile_id = r.service_profile_id and s.provider_user_id = :provider_user_id
returning r.rule_id;

-- name: list_rules(service_profile_id, after, limit)
-- A profile's rules, oldest first: ids sort by time.
select rule_id, service_profile_id, min_price_cents, weekday_mask, max_distance_mi, allow_ib, active, created_at,
  updated_at
from booking.autoaccept_rule
where service_profile_id = :service_profile_id and rule_id > :after
order by rule_id
limit :limit;
