-- migrate:up
-- How debts end that no bank brings back, and why an advertiser was suspended.
--
-- No advertiser is suspended yet, so no row is wrong under the new check:
-- squawk-ignore-file require-lock-timeout, require-statement-timeout, constraint-missing-not-valid

-- What is owed for a payment ends by a person's word, and another one's: it is given up, it was paid some other way, or
-- an adjustment took it out of the budget. Each is kept for good; what is owed is what was taken back, less these.
create table promo_debt_settlement (
  settlement_id text collate "C" primary key, -- pdst_...
  topup_id text collate "C" not null references promo_topup (topup_id),
  method text collate "C" not null,
  amount_cents bigint not null,
  adjustment_id text collate "C" references promo_adjustment (adjustment_id), -- what took it out of the budget
  reason text not null,
  status text collate "C" not null,
  version bigint not null default 1,
  proposed_by text collate "C" not null,
  proposed_at timestamptz not null,
  approved_by text collate "C",
  approved_at timestamptz,
  constraint promo_debt_settlement_method check (method in ('written_off', 'paid_otherwise', 'collected')),
  constraint promo_debt_settlement_amount check (amount_cents > 0),
  constraint promo_debt_settlement_collected check ((method = 'collected') = (adjustment_id is not null)),
  constraint promo_debt_settlement_status check (status in ('proposed', 'approved')),
  constraint promo_debt_settlement_approved check (
    (status = 'approved') = (approved_by is not null) and (approved_by is null) = (approved_at is null)),
  constraint promo_debt_settlement_two_people check (approved_by <> proposed_by),
  constraint promo_debt_settlement_once unique (adjustment_id)
);
create index promo_debt_settlement_of_topup on promo_debt_settlement (topup_id, settlement_id);

alter table promo_advertiser
  add column suspended_reason text not null default '',
  add constraint promo_advertiser_suspended check ((status = 'suspended') = (suspended_reason <> ''));

grant select, insert, update on promo_debt_settlement to callsheet_app;
insert into directory.personal_column (relation, column_name, treatment, owner_column) values
  ('public.promo_debt_settlement', 'proposed_by', 'replace', null),
  ('public.promo_debt_settlement', 'approved_by', 'replace', null);

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
