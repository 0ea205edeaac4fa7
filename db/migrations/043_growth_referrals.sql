-- migrate:up
-- What judging a referral needs: keyed hashes of what people were seen with, the order's sum, and the queue of those a
-- person has to look at.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file constraint-missing-not-valid, require-concurrent-index-creation, require-lock-timeout
-- squawk-ignore-file require-statement-timeout

create table referral_signal (
  user_id text collate "C" not null,
  kind text collate "C" not null,
  hash bytea not null, -- keyed: equal signals are equal, and nobody reads them
  seen_at timestamptz not null default now(),
  primary key (user_id, kind, hash),
  constraint referral_signal_kind check (kind in ('mailbox', 'device', 'address', 'payment')),
  constraint referral_signal_hash check (octet_length(hash) = 32)
);
insert into directory.personal_column (relation, column_name, treatment, owner_column) values
  ('public.referral_signal', 'user_id', 'replace', null);

alter table referral_invite
  add column qualified_cents int, -- what the qualifying order came to
  add column in_review boolean not null default false,
  add column other_mailbox boolean not null default false, -- signed up with another one than was invited
  add column decision_reason text collate "C",
  add constraint referral_invite_review check (not in_review or status = 'held'),
  add constraint referral_invite_qualified_cents check (qualified_cents >= 0);
create index referral_invite_reviews on referral_invite (invite_id) where in_review;
create index referral_invite_of_invitee on referral_invite (invitee_user_id) where invitee_user_id is not null;
create index referral_invite_order on referral_invite (qualified_order_id) where qualified_order_id is not null;

grant select, insert on referral_signal to callsheet_app;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
