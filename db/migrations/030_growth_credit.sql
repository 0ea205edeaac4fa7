-- migrate:up
-- Credit: a ledger that is only ever added to, and the guarded rows that keep it from being spent twice.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file adding-foreign-key-constraint, adding-not-nullable-field, adding-required-field
-- squawk-ignore-file changing-column-type, constraint-missing-not-valid, disallowed-unique-constraint
-- squawk-ignore-file require-concurrent-index-creation, require-lock-timeout, require-statement-timeout

do $$
begin
  if exists (select from credit_ledger) then
    raise exception 'credit_ledger holds entries from before the guards: build their accounts, grants and hashes first';
  end if;
end
$$;

alter table credit_ledger
  alter column entry_id type text collate "C",
  alter column user_id type text collate "C",
  alter column program_id type text collate "C",
  alter column related_id type text collate "C",
  alter column related_id set not null;

-- What somebody may spend. The row is locked by whoever changes it, and refuses to go below nothing. `sequence` and
-- `hash` are the head of the ledger's chain for this person.
create table credit_account (
  user_id text collate "C" primary key,
  balance_cents bigint not null default 0,
  currency text collate "C" not null default 'USD',
  sequence bigint not null default 0,
  hash bytea not null default '\x',
  updated_at timestamptz not null default now(),
  constraint credit_account_balance check (balance_cents >= 0),
  constraint credit_account_currency check (currency ~ '^[A-Z]{3}$'),
  constraint credit_account_sequence check (sequence >= 0)
);

-- What a clawback found already spent. Later awards pay it, each by a clawback that names it.
create table credit_debt (
  debt_id text collate "C" primary key, -- cdb_...
  user_id text collate "C" not null references credit_account (user_id) on update cascade,
  related_id text collate "C" not null, -- what was clawed back
  amount_cents int not null,
  paid_cents int not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint credit_debt_amounts check (amount_cents > 0 and paid_cents between 0 and amount_cents),
  constraint credit_debt_once unique (user_id, related_id)
);
create index credit_debt_open on credit_debt (user_id, debt_id) where paid_cents < amount_cents;

-- Amounts are positive and the kind says which way they go. A reversed redeem is an `award` that names it. `hash`
-- covers the entry and `previous_hash`, and leaves user_id and created_at out: an erased person's chain still verifies.
alter table credit_ledger
  add column sequence bigint not null, -- 1, 2, 3 … within the person's chain
  add column reverses_entry_id text collate "C",
  add column debt_id text collate "C" references credit_debt (debt_id),
  add column previous_hash bytea not null,
  add column hash bytea not null,
  add constraint credit_ledger_amount check (amount_cents > 0),
  add constraint credit_ledger_currency check (currency ~ '^[A-Z]{3}$'),
  add constraint credit_ledger_sequence check (sequence > 0),
  add constraint credit_ledger_position unique (user_id, sequence),
  add constraint credit_ledger_once unique (kind, related_id, user_id),
  add constraint credit_ledger_reversal check (reverses_entry_id is null or kind = 'award'),
  add constraint credit_ledger_debt check (debt_id is null or kind = 'clawback'),
  add constraint credit_ledger_reverses foreign key (reverses_entry_id) references credit_ledger (entry_id),
  add constraint credit_ledger_account foreign key (user_id) references credit_account (user_id) on update cascade,
  add constraint credit_ledger_program foreign key (program_id) references referral_program (program_id);
create index credit_ledger_reversals on credit_ledger (reverses_entry_id) where reverses_entry_id is not null;
create trigger credit_ledger_append_only before update or delete or truncate on credit_ledger
  for each statement execute function core.refuse_change();

-- What is left of each award. Spending takes from the one that expires first.
create table credit_grant (
  grant_id text collate "C" primary key, -- cgr_...
  user_id text collate "C" not null references credit_account (user_id) on update cascade,
  entry_id text collate "C" not null references credit_ledger (entry_id),
  amount_cents int not null,
  remaining_cents int not null,
  expires_at timestamptz, -- null: never
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint credit_grant_entry unique (entry_id),
  constraint credit_grant_amounts check (amount_cents > 0 and remaining_cents between 0 and amount_cents)
);
create index credit_grant_spendable on credit_grant (user_id, expires_at, grant_id) where remaining_cents > 0;
create index credit_grant_expiring on credit_grant (expires_at) where remaining_cents > 0 and expires_at is not null;

-- From which grants a redeem was taken, and how much of it went back to each: the guard of partial reversals.
create table credit_redemption (
  entry_id text collate "C" not null references credit_ledger (entry_id), -- the redeem
  grant_id text collate "C" not null references credit_grant (grant_id),
  amount_cents int not null,
  restored_cents int not null default 0,
  primary key (entry_id, grant_id),
  constraint credit_redemption_amounts check (amount_cents > 0 and restored_cents between 0 and amount_cents)
);
create index credit_redemption_of_grant on credit_redemption (grant_id);

grant select, insert on credit_ledger to callsheet_app;
grant select, insert, update on credit_account, credit_grant, credit_debt, credit_redemption to callsheet_app;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
