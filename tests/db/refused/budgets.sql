-- What server and worker may not bring into an advertising budget. Each statement bears the name of what refuses it.

-- name: promo_budget_ledger_sign
insert into promo_budget_ledger (entry_id, campaign_id, kind, amount_cents, processor, processor_ref, chain,
  sequence, promo_cents, cash_cents, credit_source, reverses_entry_id, previous_hash, hash)
values ('pble_x', 'pcmp_1', 'spend', 1, null, null, 'funding', 3, 0, 1, null, null, '\x', '\x');

-- name: promo_budget_ledger_split
insert into promo_budget_ledger (entry_id, campaign_id, kind, amount_cents, processor, processor_ref, chain,
  sequence, promo_cents, cash_cents, credit_source, reverses_entry_id, previous_hash, hash)
values ('pble_x', 'pcmp_1', 'credit', 5, null, null, 'funding', 3, 6, -1, 'grant', null, '\x', '\x');

-- name: promo_budget_ledger_chain
insert into promo_budget_ledger (entry_id, campaign_id, kind, amount_cents, processor, processor_ref, chain,
  sequence, promo_cents, cash_cents, credit_source, reverses_entry_id, previous_hash, hash)
values ('pble_x', 'pcmp_1', 'adjustment', -5, null, null, 'funding', 3, 0, -5, null, null, '\x', '\x');

-- name: promo_budget_ledger_topup
insert into promo_budget_ledger (entry_id, campaign_id, kind, amount_cents, processor, processor_ref, chain,
  sequence, promo_cents, cash_cents, credit_source, reverses_entry_id, previous_hash, hash)
values ('pble_x', 'pcmp_1', 'topup', 5, null, null, 'funding', 3, 0, 5, null, null, '\x', '\x');

-- name: promo_budget_ledger_credit
insert into promo_budget_ledger (entry_id, campaign_id, kind, amount_cents, processor, processor_ref, chain,
  sequence, promo_cents, cash_cents, credit_source, reverses_entry_id, previous_hash, hash)
values ('pble_x', 'pcmp_1', 'credit', 5, null, null, 'funding', 3, 5, 0, null, null, '\x', '\x');

-- name: promo_budget_ledger_credit_source
insert into promo_budget_ledger (entry_id, campaign_id, kind, amount_cents, processor, processor_ref, chain,
  sequence, promo_cents, cash_cents, credit_source, reverses_entry_id, previous_hash, hash)
values ('pble_x', 'pcmp_1', 'credit', 5, null, null, 'funding', 3, 5, 0, 'a_source_nobody_knows', null, '\x', '\x');

-- name: promo_budget_ledger_reversal
insert into promo_budget_ledger (entry_id, campaign_id, kind, amount_cents, processor, processor_ref, chain,
  sequence, promo_cents, cash_cents, credit_source, reverses_entry_id, previous_hash, hash)
values ('pble_x', 'pcmp_1', 'credit', 5, null, null, 'funding', 3, 5, 0, 'invalid_click', null, '\x', '\x');

-- name: promo_budget_ledger_processor_once
insert into promo_budget_ledger (entry_id, campaign_id, kind, amount_cents, processor, processor_ref, chain,
  sequence, promo_cents, cash_cents, credit_source, reverses_entry_id, previous_hash, hash)
values ('pble_x', 'pcmp_1', 'topup', 5, 'stripe', 'ch_2', 'funding', 3, 0, 5, null, null, '\x', '\x');

-- name: promo_budget_ledger_position
insert into promo_budget_ledger (entry_id, campaign_id, kind, amount_cents, processor, processor_ref, chain,
  sequence, promo_cents, cash_cents, credit_source, reverses_entry_id, previous_hash, hash)
values ('pble_x', 'pcmp_1', 'topup', 5, 'stripe', 'ch_3', 'funding', 2, 0, 5, null, null, '\x', '\x');

-- name: promo_budget_ledger_credited
insert into promo_budget_ledger (entry_id, campaign_id, kind, amount_cents, processor, processor_ref, chain,
  sequence, promo_cents, cash_cents, credit_source, reverses_entry_id, previous_hash, hash)
values ('pble_x', 'pcmp_1', 'credit', 5, null, null, 'funding', 3, 5, 0, 'invalid_click', 'pble_3', '\x', '\x'),
  ('pble_y', 'pcmp_1', 'credit', 5, null, null, 'funding', 4, 5, 0, 'invalid_click', 'pble_3', '\x', '\x');

-- name: promo_funding_head_sums
update promo_funding_head set cash_cents = -1;
