-- name: open_account(user_id, currency, now)!
-- Makes sure that there is an account to lock.
insert into credit_account (user_id, currency, updated_at) values (:user_id, :currency, :now)
on conflict (user_id) do nothing;

-- name: lock_account(user_id)^
-- An account, held until the transaction ends. Locks: credit account.
select user_id, balance_cents, currency, sequence, hash from credit_account where user_id = :user_id for update;

-- name: get_account(user_id)^
-- An account as it is.
select user_id, balance_cents, currency, sequence, hash from credit_account where user_id = :user_id;

-- name: grants_of(user_id, redeem_entry_id, award_entry_id)
-- What is left of somebody's awards; with it the grants that one redemption came from, and the grant of one award.
select grant_id, entry_id, amount_cents, remaining_cents, scope, expires_at
from credit_grant g
where user_id = :user_id
  and (remaining_cents > 0 or entry_id = :award_entry_id::text
    or grant_id in (select r.grant_id from credit_redemption r where r.entry_id = :redeem_entry_id::text))
order by grant_id;

-- name: open_debts_of(user_id)
-- What somebody owes.
select debt_id, related_id, amount_cents, paid_cents
from credit_debt where user_id = :user_id and paid_cents < amount_cents order by debt_id;

-- name: portions_of(entry_id)
-- Which grants paid a redemption.
select entry_id, grant_id, amount_cents, restored_cents from credit_redemption where entry_id = :entry_id;

-- name: get_entry(user_id, entry_id)^
-- One entry of somebody's ledger.
select * from credit_ledger where user_id = :user_id and entry_id = :entry_id;

-- name: entry_about(user_id, kind, related_id)^
-- The entry of a kind that a cause has made.
select * from credit_ledger where user_id = :user_id and kind = :kind and related_id = :related_id;

-- name: expired_cents(user_id, prefix)$
-- How much of a grant has expired.
select coalesce(sum(amount_cents), 0)::bigint from credit_ledger
where user_id = :user_id and kind = 'clawback' and reason = 'expired' and starts_with(related_id, :prefix);

-- name: clawed_back(user_id, entry_id)$
-- Whether an award was clawed back before, be it only as a debt.
select exists (select from credit_ledger where user_id = :user_id and kind = 'clawback' and related_id = :entry_id)
  or exists (select from credit_debt where user_id = :user_id and related_id = :entry_id);

-- name: update_account(user_id, balance_cents, sequence, hash, now)!
-- Moves the balance and the head of the chain. The check refuses a balance below nothing.
update credit_account set balance_cents = :balance_cents, sequence = :sequence, hash = :hash, updated_at = :now
where user_id = :user_id;

-- name: insert_entry(entry_id, user_id, kind, program_id, amount_cents, currency, reason, related_id, created_at, sequence, reverses_entry_id, debt_id, previous_hash, hash)*!
-- Adds a line to the ledger, for good.
insert into credit_ledger
  (entry_id, user_id, kind, program_id, amount_cents, currency, reason, related_id, created_at, sequence,
   reverses_entry_id, debt_id, previous_hash, hash)
values
  (:entry_id, :user_id, :kind, :program_id, :amount_cents, :currency, :reason, :related_id, :created_at, :sequence,
   :reverses_entry_id, :debt_id, :previous_hash, :hash);

-- name: save_grant(grant_id, user_id, entry_id, amount_cents, remaining_cents, scope, expires_at, now)*!
-- Stores a grant, or what is left of it now.
insert into credit_grant
  (grant_id, user_id, entry_id, amount_cents, remaining_cents, scope, expires_at, created_at, updated_at)
values (:grant_id, :user_id, :entry_id, :amount_cents, :remaining_cents, :scope, :expires_at, :now, :now)
on conflict (grant_id) do update set remaining_cents = excluded.remaining_cents, updated_at = excluded.updated_at;

-- name: save_debt(debt_id, user_id, related_id, amount_cents, paid_cents, now)*!
-- Stores a debt, or what is paid of it now.
insert into credit_debt (debt_id, user_id, related_id, amount_cents, paid_cents, created_at, updated_at)
values (:debt_id, :user_id, :related_id, :amount_cents, :paid_cents, :now, :now)
on conflict (debt_id) do update set paid_cents = excluded.paid_cents, updated_at = excluded.updated_at;

-- name: save_portion(entry_id, grant_id, amount_cents, restored_cents)*!
-- Stores what a grant paid of a redemption, or what went back to it.
insert into credit_redemption (entry_id, grant_id, amount_cents, restored_cents)
values (:entry_id, :grant_id, :amount_cents, :restored_cents)
on conflict (entry_id, grant_id) do update set restored_cents = excluded.restored_cents;

-- name: entries_of(user_id, before, limit)
-- Somebody's ledger, newest first.
select * from credit_ledger
where user_id = :user_id and (:before::bigint is null or sequence < :before::bigint)
order by sequence desc
limit :limit;

-- name: chain_of(user_id, after, limit)
-- Somebody's ledger from a position on, oldest first.
select * from credit_ledger where user_id = :user_id and sequence > :after order by sequence limit :limit;

-- name: accounts_after(user_id, limit)
-- Accounts in order of their owners.
select user_id, balance_cents, currency, sequence, hash from credit_account
where user_id > :user_id order by user_id limit :limit;

-- name: people_with_expired_credit(now, limit)
-- Whose grants are past their time.
select distinct user_id from credit_grant
where remaining_cents > 0 and expires_at is not null and expires_at <= :now
order by user_id
limit :limit;
