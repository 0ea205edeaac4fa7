-- name: looked_through(rule, part)$
-- How far a rule has looked, in a partition or in time; null where it never has.
select through from promo_late_pass where rule = :rule and part = :part;

-- name: look_through(rule, part, through)!
-- Keeps how far a rule has looked.
insert into promo_late_pass (rule, part, through) values (:rule, :part, :through)
on conflict (rule, part) do update set through = greatest(promo_late_pass.through, excluded.through);

-- name: partitions()
-- The partitions that the stream has ever written.
select partition from stream_partition where log = 'clicks' order by partition;

-- name: charged_after(log_partition, after, decided_before, limit)
-- Charged clicks of a partition behind an offset that were decided long enough ago, in the log's order.
select campaign_id, event_id, split_part(click_key, ':', 2) as impression_id, log_offset
from promo_click_decision
where log_partition = :log_partition and log_offset > :after and revision = 1 and billed_cents > 0
  and decided_at < :decided_before
order by log_partition, log_offset, log_index
limit :limit;

-- name: recorded_impressions(since, until, impression_ids)
-- Which of these impressions were recorded, by events with ids between the two.
select distinct impression_id from promo_event
where event_id >= :since and event_id < :until and type = 'impression'
  and impression_id = any(:impression_ids::text[]);

-- name: busy_hours(hour, baseline_from, least_clicks)
-- Campaigns with many clicks in an hour, and what they had in the time before it.
select h.campaign_id, h.impressions, h.clicks, coalesce(b.impressions, 0)::bigint as baseline_impressions,
       coalesce(b.clicks, 0)::bigint as baseline_clicks
from (
  select campaign_id, sum(impressions)::bigint as impressions, sum(clicks)::bigint as clicks
  from promo_rollup_15m
  where bucket_start >= :hour::timestamptz and bucket_start < :hour::timestamptz + interval '1 hour'
  group by campaign_id
  having sum(clicks) >= :least_clicks
) h
left join lateral (
  select sum(r.impressions) as impressions, sum(r.clicks) as clicks
  from promo_rollup_15m r
  where r.campaign_id = h.campaign_id and r.bucket_start >= :baseline_from and r.bucket_start < :hour::timestamptz
) b on true
order by h.campaign_id;

-- name: charged_within(campaign_id, first_day, last_day, since, until)
-- A campaign's charged clicks that were received between two instants, which lie on these days of its budget.
select d.event_id
from promo_click_decision d
join promo_event e on e.event_id = d.event_id and e.campaign_id = d.campaign_id
where d.campaign_id = :campaign_id and d.revision = 1 and d.billed_cents > 0
  and d.budget_day between :first_day and :last_day and e.ts >= :since and e.ts < :until
order by d.event_id;
