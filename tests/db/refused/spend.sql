-- What the stream may not take from one. Each statement bears the name of what refuses it.

-- name: promo_budget_ledger_click
insert into promo_budget_ledger (entry_id, campaign_id, kind, amount_cents, chain, sequence, promo_cents,
  cash_cents, click_key, budget_day, previous_hash, hash)
values ('pble_x', 'pcmp_1', 'spend', -1, 'spend', 3, 0, -1, 'pcmp_1:imp_2', '2026-01-01', '\x', '\x');

-- name: promo_budget_ledger_spend
insert into promo_budget_ledger (entry_id, campaign_id, kind, amount_cents, chain, sequence, promo_cents,
  cash_cents, previous_hash, hash)
values ('pble_x', 'pcmp_1', 'spend', -1, 'spend', 3, 0, -1, '\x', '\x');
