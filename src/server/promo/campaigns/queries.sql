-- name: insert_campaign(campaign_id, advertiser_id, target_entity_type, target_entity_id, name, surface, format, city_targets, role_targets, keyword_targets, negative_keyword_targets, hours_of_week, status, start_date, end_date, time_zone, cpc_cents, daily_budget_cents, total_budget_mode, total_budget_cents, pacing_mode, auto_topup_below_cents, auto_topup_cents, version, limits_version, now)!
-- Stores a new campaign.
insert into promo_campaign
  (campaign_id, advertiser_id, target_entity_type, target_entity_id, name, surface, format, city_targets, role_targets,
   keyword_targets, negative_keyword_targets, hours_of_week, status, start_date, end_date, time_zone, cpc_cents,
   daily_budget_cents, total_budget_mode, total_budget_cents, pacing_mode, auto_topup_below_cents, auto_topup_cents,
   version, limits_version, created_at, updated_at)
values
  (:campaign_id, :advertiser_id, :target_entity_type, :target_entity_id, :name, :surface, :format, :city_targets,
   :role_targets, :keyword_targets, :negative_keyword_targets, :hours_of_week, :status, :start_date, :end_date,
   :time_zone, :cpc_cents, :daily_budget_cents, :total_budget_mode, :total_budget_cents, :pacing_mode,
   :auto_topup_below_cents, :auto_topup_cents, :version, :limits_version, :now, :now);

-- name: get_campaign(campaign_id)^
-- One campaign, whose it is, and what it may spend.
select c.*, a.user_id, f.promo_cents as funded_promo, f.cash_cents as funded_cash, f.restored_cents,
       s.promo_cents as spent_promo, s.cash_cents as spent_cash, (
         select coalesce(-sum(l.amount_cents), 0)::bigint from promo_budget_ledger l
         where l.campaign_id = c.campaign_id and l.kind = 'adjustment' and l.amount_cents < 0) as withdrawn_cents
from promo_campaign c
join promo_advertiser a on a.advertiser_id = c.advertiser_id
left join promo_funding_head f on f.campaign_id = c.campaign_id
left join promo_spend_head s on s.campaign_id = c.campaign_id
where c.campaign_id = :campaign_id;

-- name: lock_campaign(campaign_id)^
-- Holds a campaign's row until the transaction ends. Read it afterwards: whoever had to wait here sees in this very
-- statement the rows of other tables as they were before. Locks: campaign.
select campaign_id from promo_campaign where campaign_id = :campaign_id for no key update;

-- name: lock_campaigns_of(advertiser_id)
-- Holds the rows of all of an advertiser's campaigns until the transaction ends, in the order of their ids. Read them
-- afterwards. Locks: campaign.
select campaign_id from promo_campaign where advertiser_id = :advertiser_id order by campaign_id for no key update;

-- name: list_campaigns(advertiser_id, statuses, before, limit)
-- An advertiser's campaigns, newest first: ids sort by time.
select c.*, a.user_id, f.promo_cents as funded_promo, f.cash_cents as funded_cash, f.restored_cents,
       s.promo_cents as spent_promo, s.cash_cents as spent_cash, (
         select coalesce(-sum(l.amount_cents), 0)::bigint from promo_budget_ledger l
         where l.campaign_id = c.campaign_id and l.kind = 'adjustment' and l.amount_cents < 0) as withdrawn_cents
from promo_campaign c
join promo_advertiser a on a.advertiser_id = c.advertiser_id
left join promo_funding_head f on f.campaign_id = c.campaign_id
left join promo_spend_head s on s.campaign_id = c.campaign_id
where c.advertiser_id = :advertiser_id
  and (:before::text is null or c.campaign_id < :before::text)
  and (cardinality(:statuses::text[]) = 0 or c.status = any(:statuses::text[]))
order by c.campaign_id desc
limit :limit;

-- name: save_campaign(campaign_id, expected_version, target_entity_type, target_entity_id, name, surface, format, city_targets, role_targets, keyword_targets, negative_keyword_targets, hours_of_week, status, start_date, end_date, time_zone, cpc_cents, daily_budget_cents, total_budget_mode, total_budget_cents, pacing_mode, auto_topup_below_cents, auto_topup_cents, activated_at, status_before_suspension, suspended_reason, version, limits_version, now)$
-- Writes a changed campaign, if it is still what the change was made from; null where it is not. Locks: campaign.
update promo_campaign
set target_entity_type = :target_entity_type, target_entity_id = :target_entity_id, name = :name, surface = :surface,
    format = :format, city_targets = :city_targets, role_targets = :role_targets, keyword_targets = :keyword_targets,
    negative_keyword_targets = :negative_keyword_targets, hours_of_week = :hours_of_week, status = :status,
    start_date = :start_date, end_date = :end_date, time_zone = :time_zone, cpc_cents = :cpc_cents,
    daily_budget_cents = :daily_budget_cents, total_budget_mode = :total_budget_mode,
    total_budget_cents = :total_budget_cents, pacing_mode = :pacing_mode,
    auto_topup_below_cents = :auto_topup_below_cents, auto_topup_cents = :auto_topup_cents, activated_at = :activated_at,
    status_before_suspension = :status_before_suspension, suspended_reason = :suspended_reason, version = :version,
    limits_version = :limits_version, updated_at = :now
where campaign_id = :campaign_id and version = :expected_version
returning campaign_id;

-- name: save_statuses(campaign_ids, statuses, statuses_before, reasons, versions, limits_versions, times)
-- Writes where campaigns stand after one step each; returns those that were what the step was made from. Locks: campaign.
update promo_campaign c
set status = moved.status, status_before_suspension = moved.status_before, suspended_reason = moved.reason,
    version = moved.version, limits_version = moved.limits_version, updated_at = moved.at
from unnest(:campaign_ids::text[], :statuses::text[], :statuses_before::text[], :reasons::text[], :versions::bigint[],
            :limits_versions::bigint[], :times::timestamptz[])
  as moved (campaign_id, status, status_before, reason, version, limits_version, at)
where c.campaign_id = moved.campaign_id and c.version = moved.version - 1
returning c.campaign_id;

-- name: insert_campaign_events(campaign_ids, sequences, events, from_statuses, to_statuses, actor_kinds, actor_user_ids, reasons, times, correlation_id)!
-- Writes steps of campaigns' histories, for good.
insert into promo_campaign_event
  (campaign_id, sequence, event, from_status, to_status, actor_kind, actor_user_id, reason, correlation_id, created_at)
select step.campaign_id, step.sequence, step.event, step.from_status, step.to_status, step.actor_kind,
       step.actor_user_id, step.reason, :correlation_id::text, step.at
from unnest(:campaign_ids::text[], :sequences::bigint[], :events::text[], :from_statuses::text[], :to_statuses::text[],
            :actor_kinds::text[], :actor_user_ids::text[], :reasons::text[], :times::timestamptz[])
  as step (campaign_id, sequence, event, from_status, to_status, actor_kind, actor_user_id, reason, at);

-- name: campaigns_past_their_end(now, limit)
-- Campaigns whose last day has passed where they are, the longest ago first.
select campaign_id
from promo_campaign
where status in ('active', 'paused') and end_date is not null
  and end_date < (:now::timestamptz at time zone time_zone)::date
order by end_date, campaign_id
limit :limit;

-- name: active_campaigns(after, limit)
-- Active campaigns with what they may spend, in the order of their ids.
select c.*, a.user_id, f.promo_cents as funded_promo, f.cash_cents as funded_cash, f.restored_cents,
       s.promo_cents as spent_promo, s.cash_cents as spent_cash, (
         select coalesce(-sum(l.amount_cents), 0)::bigint from promo_budget_ledger l
         where l.campaign_id = c.campaign_id and l.kind = 'adjustment' and l.amount_cents < 0) as withdrawn_cents
from promo_campaign c
join promo_advertiser a on a.advertiser_id = c.advertiser_id
left join promo_funding_head f on f.campaign_id = c.campaign_id
left join promo_spend_head s on s.campaign_id = c.campaign_id
where c.status = 'active' and c.campaign_id > :after
order by c.campaign_id
limit :limit;
