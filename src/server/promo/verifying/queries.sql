-- name: active_since(since)
-- Campaigns that were charged for something since then, with the zone of their days.
select h.campaign_id, c.time_zone
from promo_spend_head h join promo_campaign c on c.campaign_id = h.campaign_id
where h.updated_at >= :since
order by h.campaign_id;

-- name: positions()
-- How far the stream is in each partition, and under which fence.
select partition, fence, last_offset, generation from stream_partition where log = 'clicks';

-- name: in_ledger(campaign_id, click_keys)
-- Which of these clicks the ledger has charged.
select click_key from promo_budget_ledger
where campaign_id = :campaign_id and kind = 'spend' and click_key = any(:click_keys::text[]);

-- name: clicked_in_all(campaign_ids)
-- What clicks have cost, by campaign: everything that was taken, less what went by other ways.
select h.campaign_id, -(h.promo_cents + h.cash_cents) + coalesce(a.amount_cents, 0) as cents
from promo_spend_head h
left join (
  select campaign_id, sum(amount_cents)::bigint as amount_cents from promo_budget_ledger
  where campaign_id = any(:campaign_ids::text[]) and kind = 'adjustment' and amount_cents < 0
  group by campaign_id
) a on a.campaign_id = h.campaign_id
where h.campaign_id = any(:campaign_ids::text[]);

-- name: day_sums(campaign_ids, zones, first_days)
-- The newest days of campaigns by everybody who counts them.
select asked.campaign_id, days.day::date as day,
       coalesce(l.cents, 0) as ledger_cents, coalesce(d.cents, 0) as decided_cents, coalesce(r.cents, 0) as rollup_cents
from unnest(:campaign_ids::text[], :zones::text[], :first_days::date[]) as asked (campaign_id, zone, first_day)
cross join lateral generate_series(asked.first_day, asked.first_day + 1, interval '1 day') as days (day)
left join lateral (
  select -sum(amount_cents)::bigint as cents from promo_budget_ledger
  where campaign_id = asked.campaign_id and budget_day = days.day::date and kind = 'spend'
) l on true
left join lateral (
  select sum(billed_cents)::bigint as cents from promo_click_decision
  where campaign_id = asked.campaign_id and budget_day = days.day::date and revision = 1
) d on true
left join lateral (
  select sum(spend_cents)::bigint as cents from promo_rollup_15m
  where campaign_id = asked.campaign_id
    and bucket_start >= days.day::date::timestamp at time zone asked.zone
    and bucket_start < (days.day::date + 1)::timestamp at time zone asked.zone
) r on true;
