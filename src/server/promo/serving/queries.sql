-- name: active_campaigns_after(after, limit)
-- The campaigns that may be shown at all, by id.
select campaign_id from promo_campaign
where status = 'active' and campaign_id > :after
order by campaign_id
limit :limit;

-- name: changed_campaigns(since)
-- What was written about campaigns since then, by its writers' clocks.
select 'campaign' as source, campaign_id, updated_at from promo_campaign where updated_at >= :since
union all
select 'advertiser', c.campaign_id, a.updated_at
from promo_advertiser a join promo_campaign c on c.advertiser_id = a.advertiser_id
where a.updated_at >= :since
union all
select 'funding', campaign_id, updated_at from promo_funding_head where updated_at >= :since
union all
select 'spending', campaign_id, updated_at from promo_spend_head where updated_at >= :since;

-- name: campaigns_to_serve(campaign_ids)
-- What campaigns want, and how fast they go.
select c.campaign_id, c.advertiser_id, a.status as advertiser_status, c.status, c.target_entity_id, c.surface, c.format,
       c.city_targets, c.role_targets, c.keyword_targets, c.negative_keyword_targets, c.hours_of_week, c.start_date,
       c.end_date, c.time_zone, c.cpc_cents, c.pacing_mode, p.pass_through, p.click_rate, p.budget_day as pace_day
from promo_campaign c
join promo_advertiser a on a.advertiser_id = c.advertiser_id
left join promo_pacing p on p.campaign_id = c.campaign_id
where c.campaign_id = any(:campaign_ids::text[])
order by c.campaign_id;

-- name: budgets_to_serve(campaign_ids, now)
-- What campaigns may spend and have spent. What is spent is what clicks cost: the chain that takes money has what was
-- paid out and taken as well, and what was given back for invalid clicks is free again.
select c.campaign_id, c.daily_budget_cents, c.total_budget_cents,
       coalesce(f.promo_cents + f.cash_cents, 0) + coalesce(s.promo_cents + s.cash_cents, 0) as balance_cents,
       coalesce(-(s.promo_cents + s.cash_cents), 0) + beside.cents as spent_cents,
       today.cents as spent_today_cents, (:now::timestamptz at time zone c.time_zone)::date as budget_day
from promo_campaign c
left join promo_funding_head f on f.campaign_id = c.campaign_id
left join promo_spend_head s on s.campaign_id = c.campaign_id
cross join lateral (
  select coalesce(sum(r.spend_cents), 0)::bigint as cents from promo_rollup_15m r
  where r.campaign_id = c.campaign_id
    and r.bucket_start >= date_trunc('day', :now::timestamptz at time zone c.time_zone) at time zone c.time_zone
) today
cross join lateral (
  select coalesce(sum(case when l.kind = 'adjustment' then l.amount_cents else -l.amount_cents end), 0)::bigint as cents
  from promo_budget_ledger l
  where l.campaign_id = c.campaign_id and l.kind in ('credit', 'adjustment')
    and (l.kind = 'adjustment' and l.amount_cents < 0 or l.credit_source = 'invalid_click')
) beside
where c.campaign_id = any(:campaign_ids::text[])
order by c.campaign_id;

-- name: paces_after(published, limit)
-- How fast campaigns go, as far as that was published later than what was seen.
select campaign_id, budget_day, pass_through, click_rate, published from promo_pacing
where published > :published
order by published, campaign_id
limit :limit;

-- name: policies_digest()$
-- A number that differs when a policy was put or deleted.
select coalesce(sum(hashtextextended(policy::text, 0)::numeric), 0)::text from promo_policy policy;

-- name: all_policies()
-- Every policy.
select policy_id, surface, role, city, cpc_floor_cents, max_density_top20, max_above_fold, updated_at from promo_policy;

-- name: publish_exposure(server, campaign_ids, cents, now)!
-- What a server has shown of these campaigns and may yet be clicked.
insert into promo_open_exposure (server, campaign_id, cents, as_of)
select :server::text, campaign_id, cents, :now::timestamptz
from unnest(:campaign_ids::text[], :cents::double precision[]) as shown (campaign_id, cents)
on conflict (server, campaign_id) do update set cents = excluded.cents, as_of = excluded.as_of;

-- name: exposures_of_others(server, since)
-- What other servers have shown since then.
select server, campaign_id, cents, as_of from promo_open_exposure where as_of >= :since and server <> :server;

-- name: count_searches(surfaces, roles, cities, bucket_start, searches)!
-- Adds searches to a quarter of an hour.
insert into promo_traffic_15m (surface, role, city, bucket_start, searches)
select surface, role, city, :bucket_start::timestamptz, searches
from unnest(:surfaces::text[], :roles::text[], :cities::text[], :searches::bigint[])
  as counted (surface, role, city, searches)
on conflict (surface, role, city, bucket_start) do update set searches = promo_traffic_15m.searches + excluded.searches;

-- name: count_unserved(campaign_ids, reasons, hour, samples)!
-- Adds samples of searches that campaigns were not shown in.
insert into promo_unserved (campaign_id, hour, reason, samples)
select campaign_id, :hour::timestamptz, reason, samples
from unnest(:campaign_ids::text[], :reasons::text[], :samples::bigint[]) as sampled (campaign_id, reason, samples)
on conflict (campaign_id, hour, reason) do update set samples = promo_unserved.samples + excluded.samples;

-- name: unserved_since(campaign_id, since)
-- Why a campaign was not shown since then, the most frequent reason first.
select reason, sum(samples)::bigint as samples from promo_unserved
where campaign_id = :campaign_id and hour >= :since
group by reason
order by samples desc, reason;

-- name: pacing_of(campaign_id)^
-- How fast a campaign goes, as servers were told last.
select pass_through, allocation_cents, planned_cents, stepped_at from promo_pacing where campaign_id = :campaign_id;
