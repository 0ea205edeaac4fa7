-- Credit and the count of awards. Each statement bears the name of what refuses it.

-- name: credit_account_balance
update credit_account set balance_cents = balance_cents - 751;

-- name: credit_ledger_amount
insert into credit_ledger (entry_id, user_id, kind, amount_cents, reason, related_id, sequence, reverses_entry_id,
  previous_hash, hash)
values ('crl_x', 'usr_buyer', 'redeem', -1, 'x', 'x', 5, null, '\x', '\x');

-- name: credit_ledger_once
insert into credit_ledger (entry_id, user_id, kind, amount_cents, reason, related_id, sequence, reverses_entry_id,
  previous_hash, hash)
values ('crl_x', 'usr_buyer', 'redeem', 1, 'x', 'ord_1', 5, null, '\x', '\x');

-- name: credit_ledger_position
insert into credit_ledger (entry_id, user_id, kind, amount_cents, reason, related_id, sequence, reverses_entry_id,
  previous_hash, hash)
values ('crl_x', 'usr_buyer', 'redeem', 1, 'x', 'x', 4, null, '\x', '\x');

-- name: credit_ledger_reversal
insert into credit_ledger (entry_id, user_id, kind, amount_cents, reason, related_id, sequence, reverses_entry_id,
  previous_hash, hash)
values ('crl_x', 'usr_buyer', 'redeem', 1, 'x', 'x', 5, 'crl_1', '\x', '\x');

-- name: related_id
insert into credit_ledger (entry_id, user_id, kind, amount_cents, reason, related_id, sequence, reverses_entry_id,
  previous_hash, hash)
values ('crl_x', 'usr_buyer', 'award', 1, 'x', null, 5, null, '\x', '\x');

-- name: credit_ledger_account
insert into credit_ledger (entry_id, user_id, kind, amount_cents, reason, related_id, sequence, reverses_entry_id,
  previous_hash, hash)
values ('crl_x', 'usr_x', 'award', 1, 'x', 'x', 1, null, '\x', '\x');

-- name: credit_grant_amounts
update credit_grant set remaining_cents = amount_cents + 1;

-- name: credit_redemption_amounts
update credit_redemption set restored_cents = amount_cents + 1;

-- name: credit_debt_amounts
update credit_debt set paid_cents = amount_cents + 1;

-- name: referral_award_month_cap
update referral_award_month set awards = cap + 1;
