-- name: put_policy(policy_id, surface, role, city, cpc_floor_cents, max_density_top20, max_above_fold, now)^
-- Creates the policy of a place, or replaces it under its id.
insert into promo_policy
  (policy_id, surface, role, city, cpc_floor_cents, max_density_top20, max_above_fold, updated_at)
values (:policy_id, :surface, :role, :city, :cpc_floor_cents, :max_density_top20, :max_above_fold, :now)
on conflict (surface, role, city) do update
  set cpc_floor_cents = excluded.cpc_floor_cents, max_density_top20 = excluded.max_density_top20,
      max_above_fold = excluded.max_above_fold, updated_at = excluded.updated_at
returning policy_id, surface, role, city, cpc_floor_cents, max_density_top20, max_above_fold, updated_at;

-- name: policies_of(surface, roles, cities)
-- The policies of places.
select policy_id, surface, role, city, cpc_floor_cents, max_density_top20, max_above_fold, updated_at
from promo_policy
where surface = :surface and city = any(:cities::text[]) and (role is null or role = any(:roles::text[]));

-- name: list_policies(surface, city, after, limit)
-- Policies by id; of one surface or city where these are given.
select policy_id, surface, role, city, cpc_floor_cents, max_density_top20, max_above_fold, updated_at
from promo_policy
where (:surface::text is null or surface = :surface::text) and (:city = '' or city = :city)
  and (:after::text is null or policy_id > :after::text)
order by policy_id
limit :limit;

-- name: delete_policy(policy_id)$
-- Nothing more is sold in the place from now on; null where there was no such policy.
delete from promo_policy where policy_id = :policy_id returning policy_id;
