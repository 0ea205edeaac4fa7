-- migrate:up
-- What staff puts right in a campaign's budget: asked for by one, approved by another. What takes money out is only a
-- request here: the stream, which alone knows what is spent, applies or refuses it in the log's order.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

create table promo_adjustment (
  adjustment_id text collate "C" primary key, -- padj_...
  campaign_id text collate "C" not null references promo_campaign (campaign_id),
  promo_cents int not null,
  cash_cents int not null,
  reason text not null,
  status text collate "C" not null,
  proposed_by text collate "C" not null,
  proposed_at timestamptz not null,
  approved_by text collate "C",
  approved_at timestamptz,
  constraint promo_adjustment_amount check (
    promo_cents::bigint + cash_cents <> 0 and sign(promo_cents) * sign(cash_cents) >= 0),
  constraint promo_adjustment_status check (status in ('proposed', 'approved')),
  constraint promo_adjustment_approved check (
    (status = 'approved') = (approved_by is not null) and (approved_by is null) = (approved_at is null)),
  constraint promo_adjustment_four_eyes check (approved_by <> proposed_by)
);
create index promo_adjustment_of_campaign on promo_adjustment (campaign_id, adjustment_id desc);

-- What became of a request to take money out. The stream's transaction must not fail by a check, so there is none.
create table promo_debit (
  debit_id text collate "C" primary key, -- padj_...
  campaign_id text collate "C" not null,
  outcome text collate "C" not null, -- 'applied', 'refused'
  entry_id text collate "C", -- what it wrote where it was applied
  log_partition int not null,
  log_offset bigint not null,
  decided_at timestamptz not null
);
create trigger promo_debit_append_only before update or delete or truncate on promo_debit
  for each statement execute function core.refuse_change();

grant select, insert, update on promo_adjustment to callsheet_app;
grant select on promo_debit to callsheet_app;
grant select, insert on promo_debit to callsheet_stream;
insert into directory.personal_column (relation, column_name, treatment, owner_column) values
  ('public.promo_adjustment', 'proposed_by', 'replace', null),
  ('public.promo_adjustment', 'approved_by', 'replace', null);

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
