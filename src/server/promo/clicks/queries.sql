-- name: list_clicks(campaign_id, before, day, verdicts, limit)
-- A campaign's clicks as they stand, newest first by their ids, with what they cost and what was given back.
select c.*, s.entry_id as spend_entry_id, s.amount_cents as spent_cents, g.entry_id as credit_entry_id,
       g.amount_cents as credited_cents, e.ts as received_at
from (
  select * from (
    select distinct on (event_id) campaign_id, event_id, revision, verdict, rule, rule_version, versions, hits, evidence,
           click_key, budget_day, price_cents, decided_at
    from promo_click_decision
    where campaign_id = :campaign_id and (:before::text is null or event_id < :before::text)
    order by event_id desc, revision desc
  ) standing
  where (:day::date is null or budget_day = :day::date)
    and (cardinality(:verdicts::text[]) = 0 or verdict = any(:verdicts::text[]))
  limit :limit
) c
join promo_click_decision f on f.campaign_id = c.campaign_id and f.event_id = c.event_id and f.revision = 1
left join promo_budget_ledger s
  on s.campaign_id = c.campaign_id and s.click_key = c.click_key and s.kind = 'spend' and f.billed_cents > 0
left join promo_budget_ledger g on g.reverses_entry_id = s.entry_id and g.credit_source = 'invalid_click'
left join promo_event e on e.event_id = c.event_id and e.campaign_id = c.campaign_id
order by c.event_id desc;

-- name: clicks_after(campaign_id, log_partition, log_offset, log_index, limit)
-- A campaign's clicks that the stream decided behind a place of the log, in the log's order, as they stand.
select c.campaign_id, c.event_id, n.revision, n.verdict, n.rule, n.rule_version, n.versions, n.hits, n.evidence,
       c.budget_day, c.price_cents, n.decided_at, s.entry_id as spend_entry_id, s.amount_cents as spent_cents,
       g.entry_id as credit_entry_id, g.amount_cents as credited_cents, e.ts as received_at, c.log_offset, c.log_index
from (
  select * from promo_click_decision
  where log_partition = :log_partition and (log_offset, log_index) > (:log_offset, :log_index)
    and campaign_id = :campaign_id and revision = 1
  order by log_offset, log_index
  limit :limit
) c
join lateral (
  select * from promo_click_decision d
  where d.campaign_id = c.campaign_id and d.event_id = c.event_id order by d.revision desc limit 1
) n on true
left join promo_budget_ledger s
  on s.campaign_id = c.campaign_id and s.click_key = c.click_key and s.kind = 'spend' and c.billed_cents > 0
left join promo_budget_ledger g on g.reverses_entry_id = s.entry_id and g.credit_source = 'invalid_click'
left join promo_event e on e.event_id = c.event_id and e.campaign_id = c.campaign_id
order by c.log_offset, c.log_index;

-- name: charged_clicks(campaign_id, event_ids)
-- Those of a campaign's clicks that were charged, by what, and whether they were given back.
select d.event_id, s.entry_id, s.promo_cents, s.cash_cents, s.created_at, g.entry_id is not null as credited
from promo_click_decision d
join promo_budget_ledger s on s.campaign_id = d.campaign_id and s.click_key = d.click_key and s.kind = 'spend'
left join promo_budget_ledger g on g.reverses_entry_id = s.entry_id and g.credit_source = 'invalid_click'
where d.campaign_id = :campaign_id and d.event_id = any(:event_ids::text[]) and d.revision = 1 and d.billed_cents > 0
order by d.event_id;

-- name: revise_decisions(campaign_id, event_ids, rules, evidences, rule_version, decided_by, now)!
-- Writes that these clicks are invalid after all. The first decision stays, and what it says of the click is kept.
insert into promo_click_decision
  (campaign_id, event_id, revision, verdict, rule, rule_version, versions, hits, evidence, click_key, budget_day,
   price_cents, billed_cents, log_partition, log_offset, log_index, decided_by, decided_at)
select d.campaign_id, d.event_id, d.revision + 1, 'invalid', f.rule, :rule_version::int, d.versions, d.hits,
       f.evidence::jsonb, d.click_key, d.budget_day, d.price_cents, 0, d.log_partition, d.log_offset, d.log_index,
       :decided_by::text, :now::timestamptz
from unnest(:event_ids::text[], :rules::text[], :evidences::text[]) as f (event_id, rule, evidence)
join lateral (
  select * from promo_click_decision d
  where d.campaign_id = :campaign_id and d.event_id = f.event_id order by d.revision desc limit 1
) d on true;

-- name: click_exists(campaign_id, event_id)$
-- Whether a campaign has a click of that id.
select exists (select from promo_click_decision where campaign_id = :campaign_id and event_id = :event_id);

-- name: insert_claim(claim_id, campaign_id, event_id, spend_entry_id, claimed_by, reason, status, now)^
-- Stores a claim; no row where the click was claimed before.
insert into promo_click_claim
  (claim_id, campaign_id, event_id, spend_entry_id, claimed_by, reason, status, created_at, updated_at)
values (:claim_id, :campaign_id, :event_id, :spend_entry_id, :claimed_by, :reason, :status, :now, :now)
on conflict (spend_entry_id) do nothing
returning claim_id;

-- name: get_claim(claim_id)^
-- One claim.
select * from promo_click_claim where claim_id = :claim_id;

-- name: save_claim(claim_id, expected_version, status, decided_by, decision_reason, version, now)$
-- Writes a decided claim, if it is still what was decided about; null where it is not.
update promo_click_claim
set status = :status, decided_by = :decided_by, decision_reason = :decision_reason, version = :version,
    updated_at = :now
where claim_id = :claim_id and version = :expected_version
returning claim_id;

-- name: list_claims(campaign_id, statuses, before, limit)
-- Claims, newest first, of one campaign or of all.
select * from promo_click_claim
where (:campaign_id::text is null or campaign_id = :campaign_id::text)
  and (cardinality(:statuses::text[]) = 0 or status = any(:statuses::text[]))
  and (:before::text is null or claim_id < :before::text)
order by claim_id desc
limit :limit;
