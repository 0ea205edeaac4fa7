-- Campaigns, advertisers and policies. Each statement bears the name of what refuses it.

-- name: promo_campaign_target
update promo_campaign set target_entity_type = 'studio';

-- name: promo_campaign_roles
update promo_campaign set role_targets = '{}';

-- name: promo_campaign_cities
update promo_campaign set city_targets = '{}';

-- name: promo_campaign_dates
update promo_campaign set end_date = start_date - 1;

-- name: promo_campaign_amounts
update promo_campaign set cpc_cents = 0;

-- name: promo_campaign_total
update promo_campaign set total_budget_mode = 'capped';

-- name: promo_campaign_time_zone
update promo_campaign set time_zone = ' ';

-- name: promo_campaign_hours
update promo_campaign set hours_of_week = '{0,168}';

-- name: promo_campaign_suspended
update promo_campaign set status = 'suspended';

-- name: promo_campaign_activated
update promo_campaign set activated_at = null;

-- name: promo_advertiser_user
insert into promo_advertiser (advertiser_id, user_id, status) values ('padv_x', 'usr_provider', 'active');

-- name: promo_policy_once
insert into promo_policy (policy_id, surface, role, city, cpc_floor_cents, max_density_top20, max_above_fold)
select 'ppol_' || n, 'studio_search', null, 'berlin', 1, 1, 1 from generate_series(2, 3) as n;

-- name: promo_policy_limits
update promo_policy set max_above_fold = max_density_top20 + 1;

-- name: promo_policy_role
update promo_policy set role = null;
