-- name: lock_pacing()!
-- Lets one publisher work at a time, until its transaction ends.
select pg_advisory_xact_lock(hashtextextended('promo pacing', 0));

-- name: paces_of(campaign_ids, now, forgotten_after)
-- How campaigns go, what their day began with, how it has been, and what is open of what all servers have shown.
select c.campaign_id, d.budget_day as plan_day, d.curve, d.impressions as week_impressions, d.clicks as week_clicks,
       p.budget_day as pace_day, p.stepped_at, p.steps, p.click_rate,
       today.impressions as today_impressions, today.clicks as today_clicks, shown.cents as open_cents
from promo_campaign c
left join promo_day_plan d on d.campaign_id = c.campaign_id
left join promo_pacing p on p.campaign_id = c.campaign_id
cross join lateral (
  select coalesce(sum(r.impressions), 0)::bigint as impressions, coalesce(sum(r.clicks), 0)::bigint as clicks
  from promo_rollup_15m r
  where r.campaign_id = c.campaign_id
    and r.bucket_start >= date_trunc('day', :now::timestamptz at time zone c.time_zone) at time zone c.time_zone
) today
cross join lateral (
  select coalesce(sum(e.cents * exp(-greatest(0, extract(epoch from :now::timestamptz - e.as_of)) / :forgotten_after)), 0)
    ::double precision as cents
  from promo_open_exposure e
  where e.campaign_id = c.campaign_id and e.as_of >= :now::timestamptz - interval '10 minutes'
) shown
where c.campaign_id = any(:campaign_ids::text[]);

-- name: traffic_before(campaign_ids, now)
-- Searches in the places of campaigns, by quarter of their clock, on the seven days before the present one. Campaigns for
-- the same places in the same zone are asked for once.
with audience as (
  select distinct surface, city_targets, role_targets, time_zone,
         date_trunc('day', :now::timestamptz at time zone time_zone) as today
  from promo_campaign where campaign_id = any(:campaign_ids::text[])
)
select a.surface, a.city_targets, a.role_targets, a.time_zone, local.at::date as day,
       (extract(hour from local.at) * 4 + extract(minute from local.at)::int / 15)::int as quarter,
       sum(t.searches)::bigint as searches
from audience a
join promo_traffic_15m t on t.surface = a.surface and t.city = any(a.city_targets)
  and t.role = any(case when cardinality(a.role_targets) = 0 then array[''] else a.role_targets end)
  and t.bucket_start >= (a.today - interval '7 days') at time zone a.time_zone
  and t.bucket_start < a.today at time zone a.time_zone
cross join lateral (select t.bucket_start at time zone a.time_zone as at) local
group by 1, 2, 3, 4, 5, 6;

-- name: week_before(campaign_ids, now)
-- How often campaigns were seen and clicked on the seven days before the present one.
select c.campaign_id, sum(r.impressions)::bigint as impressions, sum(r.clicks)::bigint as clicks
from promo_campaign c
join promo_rollup_15m r on r.campaign_id = c.campaign_id
  and r.bucket_start >= (date_trunc('day', :now::timestamptz at time zone c.time_zone) - interval '7 days')
    at time zone c.time_zone
  and r.bucket_start < date_trunc('day', :now::timestamptz at time zone c.time_zone) at time zone c.time_zone
where c.campaign_id = any(:campaign_ids::text[])
group by c.campaign_id;

-- name: put_day_plans(campaign_ids, days, curves, impressions, clicks)!
-- Puts the plans of a new day in place of those before. A curve comes as an array's text.
insert into promo_day_plan (campaign_id, budget_day, curve, impressions, clicks)
select campaign_id, day, curve::real[], impressions, clicks
from unnest(:campaign_ids::text[], :days::date[], :curves::text[], :impressions::bigint[], :clicks::bigint[])
  as made (campaign_id, day, curve, impressions, clicks)
on conflict (campaign_id) do update
  set budget_day = excluded.budget_day, curve = excluded.curve, impressions = excluded.impressions,
      clicks = excluded.clicks;

-- name: put_paces(campaign_ids, days, stepped_at, steps, pass_through, click_rates, allocations, planned, spent)!
-- Publishes how fast campaigns go, all of them under one number. Steps come as an array's text.
with publication as (select nextval('promo_pacing_publication') as number)
insert into promo_pacing
  (campaign_id, budget_day, stepped_at, steps, pass_through, click_rate, allocation_cents, planned_cents, spent_cents,
   published)
select campaign_id, day, stepped_at, steps::double precision[], pass_through, click_rate, allocation, planned, spent, number
from publication, unnest(:campaign_ids::text[], :days::date[], :stepped_at::timestamptz[], :steps::text[],
    :pass_through::double precision[], :click_rates::double precision[], :allocations::bigint[], :planned::bigint[],
    :spent::bigint[])
  as stepped (campaign_id, day, stepped_at, steps, pass_through, click_rate, allocation, planned, spent)
on conflict (campaign_id) do update
  set budget_day = excluded.budget_day, stepped_at = excluded.stepped_at, steps = excluded.steps,
      pass_through = excluded.pass_through, click_rate = excluded.click_rate,
      allocation_cents = excluded.allocation_cents, planned_cents = excluded.planned_cents,
      spent_cents = excluded.spent_cents, published = excluded.published;

-- name: forget_searches(before)!
-- Lets go of traffic that no plan is made from any more.
delete from promo_traffic_15m where bucket_start < :before;

-- name: forget_unserved(before)!
-- Lets go of samples that nobody is shown any more.
delete from promo_unserved where hour < :before;

-- name: forget_exposures(before)!
-- Lets go of what servers have shown that were stopped since.
delete from promo_open_exposure where as_of < :before;
