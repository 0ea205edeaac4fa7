-- migrate:up
-- Support cases, their messages and history, refunds and payout holds, as the data model document has them.
-- Attachments live in S3 under support-evidence/, immutable where object lock is enabled.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

create table support_case (
  case_id text primary key, -- sca_...
  type text not null check (type in ('booking','payment','product','dmca','policy','chargeback')),
  subtype text, -- e.g., 'no_show','quality','duplicate_charge'
  status text not null check (status in ('open','awaiting_customer','awaiting_seller','investigating','decision_pending','refunded','denied','goodwill','escalated','closed')),
  severity text not null check (severity in ('low','normal','high','urgent')),
  opened_by_user text not null, -- usr_...
  owner_user_id text, -- agent assigned
  watchers text[] not null default '{}',
  lbg_id text, -- booking group
  leg_id text,
  order_id text, -- fansub order (PPV/tip/request)
  studio_id text,
  creator_id text, -- fansub_creator
  payout_id text, -- if payout hold/release
  reason_code text, -- normalized reason taxonomy
  sla_first_resp_at timestamptz,
  sla_due_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table support_message (
  msg_id text primary key, -- smg_...
  case_id text not null references support_case(case_id) on delete cascade,
  author_role text not null check (author_role in ('buyer','seller','studio_owner','creator','agent','system')),
  author_user_id text,
  body_md text not null, -- markdown (sanitized)
  attachments_json jsonb not null default '[]'::jsonb, -- [{s3_key, hash, bytes, mime}]
  created_at timestamptz not null default now()
);

create table support_event (
  evt_id text primary key, -- sev_...
  case_id text not null references support_case(case_id) on delete cascade,
  action text not null, -- 'status_change','refund_issued','deposit_captured','evidence_attached','hold_applied','hold_released','chargeback_represented','dmca_hide','dmca_restore'
  actor_user_id text,
  details_json jsonb not null default '{}'::jsonb,
  created_at timestamptz not null default now()
);

-- Calculated refund/goodwill outcomes (mirror §1.9 fee/tax logic)
create table support_refund (
  refund_id text primary key, -- srf_...
  case_id text not null references support_case(case_id) on delete cascade,
  leg_id text,
  order_id text,
  amount_cents int not null,
  platform_fee_cents int not null,
  platform_fee_tax_cents int not null,
  reason text not null,
  processor_ref text, -- refund id on Stripe
  status text not null check (status in ('proposed','processing','succeeded','failed')),
  created_at timestamptz not null default now()
);

-- Payout holds (linked to legs/orders)
create table payout_hold (
  hold_id text primary key, -- sph_...
  case_id text not null references support_case(case_id),
  leg_id text,
  order_id text,
  amount_cents int not null, -- up to the payable amount
  status text not null check (status in ('applied','released','expired')),
  created_at timestamptz not null default now()
);

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
