-- name: ledger_size()$
-- How many entries there are.
select count(*) from promo_budget_ledger;

-- name: ledger_page(campaign_id, chain, sequence, limit)
-- The entries behind one, chain after chain.
select campaign_id, chain, sequence, entry_id, kind, promo_cents, cash_cents, processor_ref, click_key, budget_day,
       credit_source, reverses_entry_id, previous_hash, hash
from promo_budget_ledger
where (campaign_id, chain, sequence) > (:campaign_id::text, :chain::text, :sequence::bigint)
order by campaign_id, chain, sequence
limit :limit;

-- name: heads()
-- Where every chain stands, with its advertiser.
select h.campaign_id, h.chain, h.sequence, h.promo_cents, h.cash_cents, h.hash, c.advertiser_id
from (
  select campaign_id, 'funding' as chain, sequence, promo_cents, cash_cents, hash from promo_funding_head
  union all select campaign_id, 'spend', sequence, promo_cents, cash_cents, hash from promo_spend_head
) h join promo_campaign c on c.campaign_id = h.campaign_id
order by c.advertiser_id, h.campaign_id, h.chain;

-- name: make_checkpoint(advertiser_id, day, heads, digest, now)!
-- Keeps where an advertiser's chains stand on a day; the first of a day stands.
insert into promo_ledger_checkpoint (advertiser_id, day, heads, digest, made_at)
values (:advertiser_id, :day, :heads::jsonb, :digest, :now)
on conflict do nothing;

-- name: checkpoints(advertiser_id, day, limit)
-- The checkpoints behind one.
select advertiser_id, day, heads::text as heads, digest
from promo_ledger_checkpoint
where (advertiser_id, day) > (:advertiser_id::text, :day::date)
order by advertiser_id, day
limit :limit;

-- name: entries_at(campaign_ids, chains, sequences)
-- The hashes that stand at these places of chains.
select l.campaign_id, l.chain, l.sequence, l.hash
from unnest(:campaign_ids::text[], :chains::text[], :sequences::bigint[]) as p (campaign_id, chain, sequence)
join promo_budget_ledger l on l.campaign_id = p.campaign_id and l.chain = p.chain and l.sequence = p.sequence;

-- name: sums_that_differ()
-- Campaigns whose clicks cost one thing by the ledger, another by the decisions or by the counters.
select campaign_id, coalesce(l.cents, 0)::bigint as ledger_cents, coalesce(d.cents, 0)::bigint as decided_cents,
       coalesce(r.cents, 0)::bigint as rollup_cents, coalesce(l.clicks, 0)::bigint as ledger_clicks,
       coalesce(d.clicks, 0)::bigint as decided_clicks, coalesce(r.clicks, 0)::bigint as rollup_clicks
from (
  select campaign_id, -sum(amount_cents) as cents, count(*) as clicks
  from promo_budget_ledger where kind = 'spend' group by campaign_id
) l
full join (
  select campaign_id, sum(billed_cents) as cents, count(*) filter (where billed_cents > 0) as clicks
  from promo_click_decision where revision = 1 group by campaign_id
) d using (campaign_id)
full join (
  select campaign_id, sum(spend_cents) as cents, sum(billed_clicks) as clicks
  from promo_rollup_15m group by campaign_id
) r using (campaign_id)
where (coalesce(l.cents, 0), coalesce(l.clicks, 0)) is distinct from (coalesce(d.cents, 0), coalesce(d.clicks, 0))
   or (coalesce(l.cents, 0), coalesce(l.clicks, 0)) is distinct from (coalesce(r.cents, 0), coalesce(r.clicks, 0))
order by campaign_id;

-- name: clicked_campaigns_in_all()$
-- How many campaigns there are that were ever charged.
select count(*) from promo_spend_head;

-- name: clicked_campaigns(campaign_id, limit)
-- The campaigns behind one that clicks were charged for, and what these have cost.
select campaign_id, -sum(amount_cents)::bigint as cents
from promo_budget_ledger
where kind = 'spend' and campaign_id > :campaign_id::text
group by campaign_id
order by campaign_id
limit :limit;

-- name: clicked(campaign_id)$
-- What a campaign's clicks have cost.
select coalesce(-sum(amount_cents), 0)::bigint from promo_budget_ledger
where campaign_id = :campaign_id and kind = 'spend';

-- name: charged_among(campaign_id, click_keys)
-- Which of these clicks the ledger has.
select click_key from promo_budget_ledger
where campaign_id = :campaign_id and kind = 'spend' and click_key = any(:click_keys::text[]);

-- name: partitions()
-- How far the stream is.
select partition, last_offset, generation from stream_partition where log = 'clicks' order by partition;
