-- name: insert_campaign(campaign_id, advertiser_id, target_entity_type, target_entity_id, name, surface, format, city_targets, role_targets, keyword_targets, negative_keyword_targets, hours_of_week, status, start_date, end_date, time_zone, cpc_cents, daily_budget_cents, total_budget_mode, total_budget_cents, pacing_mode, version, limits_version, now)!
-- Stores a new campaign.
insert into promo_campaign
  (campaign_id, advertiser_id, target_entity_type, target_entity_id, name, surface, format, city_targets, role_targets,
   keyword_targets, negative_keyword_targets, hours_of_week, status, start_date, end_date, time_zone, cpc_cents,
   daily_budget_cents, total_budget_mode, total_budget_cents, pacing_mode, version, limits_version, created_at,
   updated_at)
values
  (:campaign_id, :advertiser_id, :target_entity_type, :target_entity_id, :name, :surface, :format, :city_targets,
   :role_targets, :keyword_targets, :negative_keyword_targets, :hours_of_week, :status, :start_date, :end_date,
   :time_zone, :cpc_cents, :daily_budget_cents, :total_budget_mode, :total_budget_cents, :pacing_mode, :version,
   :limits_version, :now, :now);

-- name: get_campaign(campaign_id)^
-- One campaign and whose it is.
select c.*, a.user_id
from promo_campaign c
join promo_advertiser a on a.advertiser_id = c.advertiser_id
where c.campaign_id = :campaign_id;

-- name: list_campaigns(advertiser_id, statuses, before, limit)
-- An advertiser's campaigns, newest first: ids sort by time.
select c.*, a.user_id
from promo_campaign c
join promo_advertiser a on a.advertiser_id = c.advertiser_id
where c.advertiser_id = :advertiser_id
  and (:before::text is null or c.campaign_id < :before::text)
  and (cardinality(:statuses::text[]) = 0 or c.status = any(:statuses::text[]))
order by c.campaign_id desc
limit :limit;
