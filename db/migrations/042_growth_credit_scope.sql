-- migrate:up
-- What a grant may pay for. A person has one guarded balance; the scope narrows which grants a redemption may take from.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file constraint-missing-not-valid, require-lock-timeout, require-statement-timeout

alter table credit_grant
  add column scope text collate "C" not null default 'buyer_fee_only',
  add constraint credit_grant_scope check (scope in ('buyer_fee_only', 'order_total'));
alter table referral_program
  add constraint referral_program_scope check (credit_scope in ('buyer_fee_only', 'order_total'));

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
