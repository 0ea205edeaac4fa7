-- migrate:up
-- What the growth document leaves out of searches, follows, the feed and referrals. Credit has a file of its own.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file adding-foreign-key-constraint, adding-required-field, changing-column-type
-- squawk-ignore-file constraint-missing-not-valid, disallowed-unique-constraint, require-concurrent-index-creation
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

do $$
begin
  if exists (select from saved_search) or exists (select from feed_post) or exists (select from referral_invite) then
    raise exception 'growth holds rows from before the guards: give them zone, hash and status first';
  end if;
end
$$;

alter table saved_search
  alter column search_id type text collate "C",
  alter column user_id type text collate "C";
alter table saved_search_alert
  alter column alert_id type text collate "C",
  alter column search_id type text collate "C";
alter table follow
  alter column follower_user_id type text collate "C",
  alter column target_id type text collate "C";
alter table feed_post
  alter column feed_id type text collate "C",
  alter column author_id type text collate "C";
alter table referral_program
  alter column program_id type text collate "C";
alter table referral_invite
  alter column invite_id type text collate "C",
  alter column program_id type text collate "C",
  alter column inviter_user_id type text collate "C",
  alter column invitee_user_id type text collate "C",
  alter column invitee_email_sha type text collate "C";

-- The zone says what a day is for this search; equal hashes are equal searches, run once for everybody.
alter table saved_search
  add column time_zone text collate "C" not null,
  add column query_hash text collate "C" not null,
  add constraint saved_search_query check (jsonb_typeof(query_json) = 'object'),
  add constraint saved_search_time_zone check (time_zone ~ '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$'),
  add constraint saved_search_query_hash check (query_hash ~ '^[0-9a-f]{64}$');
create index saved_search_of_user on saved_search (user_id, search_id desc);
create index saved_search_equal on saved_search (scope, city, query_hash);
create index saved_search_due on saved_search (time_zone, last_alert_dt);

-- The row is claimed before anything is matched: `change_seq_through` is how far this alert looked, and the next one
-- starts there.
alter table saved_search_alert
  add column change_seq_through bigint not null default 0,
  add constraint saved_search_alert_counts check (match_count >= 0 and change_seq_through >= 0);
create index saved_search_alert_unfinished on saved_search_alert (created_at) where not (email_sent and inapp_created);

-- Where matches are looked up: people and studios as internal clients describe them. `change_seq` is taken under a lock
-- on the city, so that within a city a later commit never has a smaller one.
create sequence search_document_change_seq;
create table search_document (
  document_id text collate "C" primary key, -- srv_... or std_...
  scope text collate "C" not null,
  owner_user_id text collate "C" not null,
  city text collate "C" not null,
  title text not null,
  roles text[] not null default '{}',
  tags text[] not null default '{}',
  price_cents int,
  rating_hundredths int, -- 4.75 is 475
  verified boolean not null default false,
  available datemultirange not null default '{}',
  latitude numeric(9, 6),
  longitude numeric(9, 6),
  change_seq bigint not null default nextval('search_document_change_seq'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint search_document_scope check (scope in ('people', 'studios')),
  constraint search_document_price check (price_cents >= 0),
  constraint search_document_rating check (rating_hundredths between 0 and 500),
  constraint search_document_place check (
    (latitude is null) = (longitude is null) and latitude between -90 and 90 and longitude between -180 and 180),
  constraint search_document_change_once unique (change_seq)
);
alter sequence search_document_change_seq owned by search_document.change_seq;
create index search_document_changes on search_document (scope, city, change_seq);
create index search_document_price on search_document (scope, city, price_cents);
create index search_document_roles on search_document using gin (roles);
create index search_document_tags on search_document using gin (tags);

create index follow_target on follow (target_id, target_kind, follower_user_id);
alter table follow add constraint follow_not_oneself check (follower_user_id <> target_id);

-- Pages are keyed by the first publication: a draft that is published late must not land behind a reader.
alter table feed_post
  add column published_at timestamptz,
  add column hidden_by_case text collate "C" references support_case (case_id),
  add column starts_on date,
  add column ends_on date,
  add column studio_id text collate "C",
  add column version bigint not null default 1,
  add constraint feed_post_band check (nsfw_band between 0 and 2),
  add constraint feed_post_media check (jsonb_typeof(media_preview) = 'array'),
  add constraint feed_post_published check (not is_published or published_at is not null),
  add constraint feed_post_dates check (ends_on >= starts_on),
  add constraint feed_post_on_the_road check (
    not is_published or kind not in ('availability', 'touring') or num_nulls(city, starts_on, ends_on) = 0),
  add constraint feed_post_in_studio check (not is_published or kind <> 'studio_slot' or studio_id is not null),
  add constraint feed_post_version check (version > 0);
create index feed_post_author on feed_post (author_id, published_at desc, feed_id desc);
create index feed_post_visible on feed_post (published_at desc, feed_id desc)
  where is_published and hidden_by_case is null;
create index feed_post_visible_city on feed_post (city, published_at desc, feed_id desc)
  where is_published and hidden_by_case is null;
create index feed_post_roles on feed_post using gin (role_tags);

alter table referral_program
  add column min_order_cents int not null default 0, -- what the first completed order must reach
  add column credit_valid_days int, -- null: the credit does not expire
  add column updated_at timestamptz not null default now(),
  add constraint referral_program_reward check (reward_bips between 0 and 10000 and reward_fixed_cents >= 0),
  add constraint referral_program_cap check (monthly_cap >= 0),
  add constraint referral_program_order check (min_order_cents >= 0),
  add constraint referral_program_validity check (credit_valid_days > 0);

alter table referral_invite
  add column status text collate "C" not null default 'sent',
  add column qualified_order_id text collate "C" references booking.order (order_id),
  add column held_until timestamptz, -- the refund and dispute window of that order
  add column decided_at timestamptz,
  add column updated_at timestamptz not null default now(),
  add constraint referral_invite_status check (
    status in ('sent', 'accepted', 'qualified', 'held', 'awarded', 'rejected', 'clawed_back')),
  add constraint referral_invite_not_oneself check (inviter_user_id <> invitee_user_id),
  add constraint referral_invite_accepted check (
    status in ('sent', 'rejected') or num_nulls(invitee_user_id, accepted_at) = 0),
  add constraint referral_invite_qualified check (
    status in ('sent', 'accepted', 'rejected') or qualified_order_id is not null),
  add constraint referral_invite_held check (status <> 'held' or held_until is not null),
  add constraint referral_invite_decided check (
    status not in ('awarded', 'rejected', 'clawed_back') or decided_at is not null),
  add constraint referral_invite_once unique (program_id, inviter_user_id, invitee_email_sha);
-- Somebody joins a programme on one invitation, whoever else sent them one.
create unique index referral_invite_one_invitee on referral_invite (program_id, invitee_user_id)
  where invitee_user_id is not null and status <> 'rejected';
create index referral_invite_holding on referral_invite (held_until) where status = 'held';

-- Why an invitation was rewarded or not: the score and everything it was computed from, for good.
create table referral_assessment (
  assessment_id text collate "C" primary key, -- ras_...
  invite_id text collate "C" not null references referral_invite (invite_id),
  score int not null,
  inputs jsonb not null,
  decision text collate "C" not null,
  decided_by text collate "C", -- null: the score alone
  created_at timestamptz not null default now(),
  constraint referral_assessment_inputs check (jsonb_typeof(inputs) = 'object'),
  constraint referral_assessment_decision check (decision in ('award', 'review', 'block'))
);
create index referral_assessment_of_invite on referral_assessment (invite_id, assessment_id);
create trigger referral_assessment_append_only before update or delete or truncate on referral_assessment
  for each statement execute function core.refuse_change();

-- How many awards an inviter had in a month of theirs. A row that is counted up under its check cannot be overtaken, as
-- a sum that is read first can.
create table referral_award_month (
  user_id text collate "C" not null,
  program_id text collate "C" not null references referral_program (program_id),
  month date not null, -- its first day, in the inviter's zone
  awards int not null default 0,
  cap int not null,
  primary key (user_id, program_id, month),
  constraint referral_award_month_first_day check (extract(day from month) = 1),
  constraint referral_award_month_cap check (awards between 0 and cap)
);

-- What a person finds when they open the app. One row per cause, so that a job that runs twice tells it once.
create table notification (
  notification_id text collate "C" primary key, -- ntf_...
  user_id text collate "C" not null,
  kind text collate "C" not null, -- 'saved_search_alert', 'budget_low', ...
  related_id text collate "C" not null,
  payload jsonb not null default '{}'::jsonb,
  read_at timestamptz,
  created_at timestamptz not null default now(),
  constraint notification_once unique (user_id, kind, related_id),
  constraint notification_payload check (jsonb_typeof(payload) = 'object')
);
create index notification_of_user on notification (user_id, notification_id desc);
create index notification_unread on notification (user_id) where read_at is null;

-- Which mail a person does not want, or cannot get.
create table mail_suppression (
  user_id text collate "C" not null,
  topic text collate "C" not null, -- 'saved_search_alert', or 'all'
  reason text collate "C" not null,
  created_at timestamptz not null default now(),
  primary key (user_id, topic),
  constraint mail_suppression_reason check (reason in ('unsubscribed', 'bounced', 'complained'))
);

grant select, insert, update, delete on saved_search, search_document, mail_suppression to callsheet_app;
grant usage, select on sequence search_document_change_seq to callsheet_app;
grant select, insert, delete on follow to callsheet_app;
grant select, insert, update on saved_search_alert, feed_post, referral_program, referral_invite, referral_award_month,
  notification to callsheet_app;
grant select, insert on referral_assessment to callsheet_app;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
