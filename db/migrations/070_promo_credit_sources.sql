-- migrate:up
-- Which sources of credit there are is a list of its own, as every other vocabulary is: it can be read and compared with
-- the code's. That a credit has a source, and nothing else has one, stays beside it.
--
-- No table has rows yet, so no lock is held for long; what is dropped comes back in the same statement:
-- squawk-ignore-file ban-drop-constraint, constraint-missing-not-valid, require-lock-timeout, require-statement-timeout

alter table promo_budget_ledger
  drop constraint promo_budget_ledger_credit,
  add constraint promo_budget_ledger_credit check ((kind = 'credit') = (credit_source is not null)),
  add constraint promo_budget_ledger_credit_source check (credit_source in ('grant', 'invalid_click', 'goodwill'));

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
