-- name: rollups(campaign_id, starts_at, ends_at)
-- A campaign's counters by the quarter of an hour.
select bucket_start, impressions, clicks, billed_clicks, invalid_clicks, duplicate_clicks, over_delivered_clicks,
       spend_cents
from promo_rollup_15m
where campaign_id = :campaign_id and bucket_start >= :starts_at and bucket_start < :ends_at
order by bucket_start;

-- name: credited(campaign_id, first_day, last_day)
-- What was given back for clicks of these days, by day and by the quarter of an hour in which they were charged.
select s.budget_day, date_bin('15 minutes', s.created_at, timestamptz '2000-01-01 00:00Z') as charged_at,
       sum(g.amount_cents)::bigint as credited_cents
from promo_budget_ledger g join promo_budget_ledger s on s.entry_id = g.reverses_entry_id
where g.campaign_id = :campaign_id and g.kind = 'credit' and g.credit_source = 'invalid_click'
  and s.budget_day between :first_day and :last_day
group by 1, 2;

-- name: attributed(campaign_id, starts_at, ends_at)
-- When orders were placed whose buyers came by a click of the campaign.
select ordered_at from promo_attributed_order
where campaign_id = :campaign_id and ordered_at >= :starts_at and ordered_at < :ends_at;

-- name: insert_attributed(order_id, campaign_id, impression_id, ordered_at)!
-- Keeps that a buyer came by a click of a campaign that exists; the first word stands.
insert into promo_attributed_order (order_id, campaign_id, impression_id, ordered_at)
select :order_id, c.campaign_id, :impression_id, :ordered_at::timestamptz
from promo_campaign c where c.campaign_id = :campaign_id
on conflict (order_id) do nothing;

-- name: was_clicked(campaign_id, click_key, since, until)$
-- Whether an impression was clicked within this time; no matter what was decided, but no invalid click counts.
select exists (
  select from promo_click_decision d
  where d.campaign_id = :campaign_id and d.event_id between :since and :until and d.click_key = :click_key
    and d.verdict <> 'invalid' and not exists (
      select from promo_click_decision later
      where later.campaign_id = d.campaign_id and later.event_id = d.event_id and later.revision > d.revision));
