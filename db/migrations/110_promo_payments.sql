-- migrate:up
-- Money into campaigns and out of them again: what was paid in, what came of it, what is asked back and how it left, and
-- what an advertiser is told of all that. The ledger says what moved; these say why, and how far the rest has come.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file require-lock-timeout, require-statement-timeout
-- squawk-ignore-file constraint-missing-not-valid

create table promo_topup (
  topup_id text collate "C" primary key, -- ptop_...
  campaign_id text collate "C" not null references promo_campaign (campaign_id),
  payer_user_id text collate "C" not null,
  amount_cents int not null,
  cause text collate "C" not null,
  status text collate "C" not null,
  payment_intent_id text collate "C",
  charge_id text collate "C",
  entry_id text collate "C" references promo_budget_ledger (entry_id), -- what it brought
  failure_code text collate "C",
  decline_code text collate "C",
  version bigint not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint promo_topup_amount check (amount_cents > 0),
  constraint promo_topup_cause check (cause in ('advertiser', 'automatic')),
  constraint promo_topup_status check (
    status in ('pending', 'requires_action', 'paid', 'failed', 'canceled', 'charged_back')),
  constraint promo_topup_paid check ((status in ('paid', 'charged_back')) = (num_nulls(charge_id, entry_id) = 0)),
  constraint promo_topup_failed check (status <> 'failed' or failure_code is not null),
  constraint promo_topup_version check (version > 0),
  constraint promo_topup_intent unique (payment_intent_id),
  constraint promo_topup_charge unique (charge_id)
);
create index promo_topup_of_campaign on promo_topup (campaign_id, topup_id desc);
-- However many notice that a budget runs low, one of them pays.
create unique index promo_topup_automatic on promo_topup (campaign_id)
  where cause = 'automatic' and status in ('pending', 'requires_action');

-- What the payer's bank took back of a top-up, or somebody refunded past us. The budget keeps what it has: a debt is
-- collected, not forgotten in a ledger that only grows. Both sums only grow as well, whatever order events come in.
create table promo_receivable (
  processor_ref text collate "C" primary key, -- du_... of a dispute, ch_... of refunds that are not ours
  topup_id text collate "C" not null references promo_topup (topup_id),
  taken_cents bigint not null,
  returned_cents bigint not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint promo_receivable_sums check (taken_cents >= 0 and returned_cents >= 0)
);
create index promo_receivable_of_topup on promo_receivable (topup_id);

-- A request for what is left. The stream takes it out of the budget or refuses (promo_debit); only then is anything
-- refunded, to the charges it came from.
create table promo_withdrawal (
  withdrawal_id text collate "C" primary key, -- pwdr_...
  campaign_id text collate "C" not null references promo_campaign (campaign_id),
  debit_id text collate "C" not null, -- padj_...
  requested_by text collate "C" not null,
  amount_cents int not null,
  status text collate "C" not null,
  version bigint not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint promo_withdrawal_amount check (amount_cents > 0),
  constraint promo_withdrawal_status check (status in ('requested', 'refunding', 'refused', 'completed')),
  constraint promo_withdrawal_version check (version > 0),
  constraint promo_withdrawal_debit unique (debit_id)
);
create index promo_withdrawal_of_campaign on promo_withdrawal (campaign_id, withdrawal_id desc);
create unique index promo_withdrawal_open on promo_withdrawal (campaign_id) where status = 'requested';

-- One charge's part of a withdrawal. It is reserved with the request, so that no charge is promised twice.
create table promo_withdrawal_part (
  withdrawal_id text collate "C" not null references promo_withdrawal (withdrawal_id),
  topup_id text collate "C" not null references promo_topup (topup_id),
  amount_cents int not null,
  status text collate "C" not null,
  refund_id text collate "C",
  failure_code text collate "C",
  restored_entry_id text collate "C" references promo_budget_ledger (entry_id), -- put back where no refund was possible
  updated_at timestamptz not null,
  primary key (withdrawal_id, topup_id),
  constraint promo_withdrawal_part_amount check (amount_cents > 0),
  constraint promo_withdrawal_part_status check (status in ('reserved', 'pending', 'succeeded', 'failed', 'released')),
  constraint promo_withdrawal_part_failed check (
    (status = 'failed') = (restored_entry_id is not null) and (status = 'failed') = (failure_code is not null)),
  constraint promo_withdrawal_part_refund unique (refund_id)
);
create index promo_withdrawal_part_of_topup on promo_withdrawal_part (topup_id);

-- What happened to advertisers, payments, withdrawals and claims; the newest sequence is the version.
create table promo_history (
  subject_id text collate "C" not null, -- padv_..., ptop_..., pwdr_..., pclm_...
  sequence bigint not null,
  event text collate "C" not null,
  from_status text collate "C",
  to_status text collate "C" not null,
  actor_user_id text collate "C", -- null for the system
  correlation_id text collate "C" not null default '',
  created_at timestamptz not null,
  primary key (subject_id, sequence),
  constraint promo_history_first check ((sequence = 1) = (from_status is null))
);
create trigger promo_history_append_only before update or delete or truncate on promo_history
  for each statement execute function core.refuse_change();

-- What an advertiser is told, once for each cause, and what became of the mail about it.
create table promo_notice (
  notice_id text collate "C" primary key, -- pntc_...
  campaign_id text collate "C" not null references promo_campaign (campaign_id),
  user_id text collate "C" not null,
  kind text collate "C" not null,
  cause text collate "C" not null, -- the day, the funding, the payment that it is about
  payload jsonb not null,
  mail_status text collate "C" not null default 'pending',
  created_at timestamptz not null,
  constraint promo_notice_kind check (kind in (
    'campaign_balance_low', 'campaign_balance_spent', 'campaign_day_spent', 'campaign_total_spent',
    'campaign_automatic_topup_failed', 'campaign_topup_charged_back', 'campaign_withdrawal_refused',
    'campaign_refund_failed', 'campaign_clicks_credited')),
  constraint promo_notice_mail check (mail_status in ('pending', 'sending', 'sent', 'refused', 'suppressed')),
  constraint promo_notice_payload check (jsonb_typeof(payload) = 'object'),
  constraint promo_notice_once unique (campaign_id, kind, cause)
);

-- What of a campaign's funding gives back clicks that were found invalid: it counts against no total budget.
alter table promo_funding_head
  add column restored_cents bigint not null default 0,
  add constraint promo_funding_head_restored check (restored_cents >= 0);

grant select, insert, update on promo_topup, promo_receivable, promo_withdrawal, promo_withdrawal_part, promo_notice
  to callsheet_app;
grant select, insert on promo_history to callsheet_app;
insert into directory.personal_column (relation, column_name, treatment, owner_column) values
  ('public.promo_topup', 'payer_user_id', 'replace', null),
  ('public.promo_withdrawal', 'requested_by', 'replace', null),
  ('public.promo_history', 'actor_user_id', 'replace', null),
  ('public.promo_notice', 'user_id', 'replace', null);

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
