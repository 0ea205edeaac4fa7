-- migrate:up
-- What was missing once orders were fulfilled: how long a buyer looks at a milestone, what is paid on top or given back
-- by agreement, and what is said in a dispute.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file adding-foreign-key-constraint, ban-drop-constraint, constraint-missing-not-valid
-- squawk-ignore-file disallowed-unique-constraint
-- squawk-ignore-file require-concurrent-index-creation, require-lock-timeout, require-statement-timeout

-- The silence that approves a milestone begins anew when a dispute that interrupted it is over, so its end is stored.
alter table booking.milestone
  add column review_until timestamptz,
  add constraint milestone_reviewed check (status <> 'delivered' or review_until is not null);

-- A change of the price after the confirmation. What is paid on top waits for its payment and becomes part of the price
-- once that stands; what is given back is applied at once. Its title is that of the line it makes.
create table booking.adjustment (
  adjustment_id text collate "C" primary key, -- adj_...
  order_id text collate "C" not null references booking.order (order_id),
  kind text collate "C" not null,
  title text not null,
  amount_cents int not null, -- of the subtotal, or of the tip
  charge_cents int not null, -- what the buyer pays for it, fee and tax included
  payment_id text collate "C", -- null: nothing is paid for it
  asked_by text collate "C" not null,
  created_at timestamptz not null default now(),
  applied_at timestamptz, -- null: not yet paid, or never
  constraint adjustment_kind check (kind in ('tip', 'charge', 'refund')),
  constraint adjustment_title check (char_length(title) between 1 and 200),
  constraint adjustment_amounts check (amount_cents > 0 and charge_cents >= 0),
  constraint adjustment_paid check ((kind = 'refund') = (payment_id is null) and (kind <> 'refund' or charge_cents = 0)),
  constraint adjustment_payment_once unique (payment_id),
  constraint adjustment_payment foreign key (order_id, payment_id) references booking.payment (order_id, payment_id)
);
create index adjustment_of_order on booking.adjustment (order_id, adjustment_id);

-- What was said is evidence: it is never edited.
create table booking.dispute_statement (
  statement_id text collate "C" primary key, -- dst_...
  dispute_id text collate "C" not null references booking.dispute (dispute_id),
  author_user_id text collate "C" not null,
  author text collate "C" not null,
  body text not null,
  created_at timestamptz not null default now(),
  constraint dispute_statement_author check (author in ('buyer', 'provider', 'agent', 'processor')),
  constraint dispute_statement_body check (char_length(body) between 1 and 10000)
);
create index dispute_statement_of_dispute on booking.dispute_statement (dispute_id, statement_id);
create trigger dispute_statement_append_only before update or delete or truncate on booking.dispute_statement
  for each statement execute function core.refuse_change();

-- A decision may give back a part of the tip as well. Whoever proposed one may replace it; only its approval takes
-- another person.
alter table booking.dispute_decision
  add column refund_tip_cents int not null default 0,
  drop constraint dispute_decision_refund,
  drop constraint dispute_decision_four_eyes,
  add constraint dispute_decision_refund check (refund_subtotal_cents >= 0 and refund_tip_cents >= 0
    and (result = 'resolved_provider') = (refund_subtotal_cents = 0)
    and (result <> 'resolved_provider' or refund_tip_cents = 0)),
  add constraint dispute_decision_four_eyes check (status <> 'approved' or decided_by <> proposed_by);

insert into directory.personal_column (relation, column_name, treatment, owner_column) values
  ('booking.adjustment', 'asked_by', 'replace', null),
  ('booking.dispute_statement', 'author_user_id', 'replace', null);

grant select, insert, update on booking.adjustment to callsheet_app;
grant select, insert on booking.dispute_statement to callsheet_app;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
