-- migrate:up
-- The people of the marketplace, as far as the slices need to know them. Accounts live elsewhere.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

create schema directory;
grant usage on schema directory to callsheet_app;

create table directory.user_profile (
  user_id text collate "C" primary key, -- usr_...
  email_ciphertext bytea, -- only the mailer decrypts it
  email_hash bytea, -- keyed, for equality alone
  kinds text[] not null,
  time_zone text collate "C" not null,
  locale text collate "C" not null default 'en',
  nsfw_preference int not null default 0, -- the highest nsfw_band shown unblurred
  erased_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint user_profile_id check (user_id ~ '^usr_[0-9a-z]{1,60}$'),
  constraint user_profile_kinds check (kinds <@ array['buyer', 'provider'] and cardinality(kinds) between 1 and 2),
  constraint user_profile_time_zone check (time_zone ~ '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$'),
  constraint user_profile_locale check (locale ~ '^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$'),
  constraint user_profile_nsfw check (nsfw_preference between 0 and 2),
  constraint user_profile_email_whole check ((email_ciphertext is null) = (email_hash is null)),
  constraint user_profile_email_hash check (octet_length(email_hash) = 32),
  -- An erased profile has no address; any other has one.
  constraint user_profile_erased check ((erased_at is null) = (email_hash is not null))
);
create index user_profile_email on directory.user_profile (email_hash) where email_hash is not null;

-- Which pseudonym stands for an erased person. The id itself is kept nowhere, only its keyed hash, so that erasing the
-- same person again, or an old message of theirs that arrives late, finds the same pseudonym.
create table directory.erasure (
  user_id_hash bytea primary key,
  pseudonym text collate "C" not null,
  requested_by text collate "C" not null,
  erased_at timestamptz not null default now(),
  constraint erasure_hash check (octet_length(user_id_hash) = 32),
  constraint erasure_pseudonym check (pseudonym ~ '^usr_[0-9a-z]{1,60}$'),
  constraint erasure_pseudonym_once unique (pseudonym)
);
create trigger erasure_append_only before update or delete or truncate on directory.erasure
  for each statement execute function core.refuse_change();

grant select, insert, update on directory.user_profile to callsheet_app;
grant select, insert on directory.erasure to callsheet_app;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
