-- name: upsert_users(user_ids, email_ciphertexts, email_hashes, kinds, time_zones, locales, nsfw_preferences, now)
-- Creates or replaces profiles; `kinds` has one comma-separated text each. An erased one stays erased: the account
-- system's late message does not bring it back.
insert into directory.user_profile
  (user_id, email_ciphertext, email_hash, kinds, time_zone, locale, nsfw_preference, created_at, updated_at)
select u.user_id, u.email_ciphertext, u.email_hash, string_to_array(u.kinds, ','), u.time_zone, u.locale,
       u.nsfw_preference, :now::timestamptz, :now::timestamptz
from unnest(
  :user_ids::text[], :email_ciphertexts::bytea[], :email_hashes::bytea[], :kinds::text[], :time_zones::text[],
  :locales::text[], :nsfw_preferences::int[]
) as u (user_id, email_ciphertext, email_hash, kinds, time_zone, locale, nsfw_preference)
on conflict (user_id) do update
  set email_ciphertext = case when user_profile.email_hash = excluded.email_hash
                              then user_profile.email_ciphertext else excluded.email_ciphertext end,
      email_hash = excluded.email_hash, kinds = excluded.kinds, time_zone = excluded.time_zone,
      locale = excluded.locale, nsfw_preference = excluded.nsfw_preference,
      updated_at = case
        when (user_profile.email_hash, user_profile.kinds, user_profile.time_zone, user_profile.locale,
              user_profile.nsfw_preference)
          is distinct from (excluded.email_hash, excluded.kinds, excluded.time_zone, excluded.locale,
                            excluded.nsfw_preference)
        then excluded.updated_at else user_profile.updated_at end
  where user_profile.erased_at is null
returning user_id, kinds, time_zone, locale, nsfw_preference, erased_at, created_at, updated_at;

-- name: get_users(user_ids)
-- Several profiles.
select user_id, kinds, time_zone, locale, nsfw_preference, erased_at, created_at, updated_at
from directory.user_profile where user_id = any(:user_ids::text[]);

-- name: get_user(user_id)^
-- One profile.
select user_id, kinds, time_zone, locale, nsfw_preference, erased_at, created_at, updated_at
from directory.user_profile where user_id = :user_id;

-- name: sealed_email(user_id)^
-- What the mailer opens.
select email_ciphertext from directory.user_profile where user_id = :user_id and erased_at is null;

-- name: erasures_of(user_id_hashes)
-- Which of these ids were erased, by their hashes.
select user_id_hash, pseudonym from directory.erasure where user_id_hash = any(:user_id_hashes::bytea[]);

-- name: remember_erasure(user_id_hash, pseudonym, requested_by, now)!
-- Writes down, for good, which pseudonym stands for a person.
insert into directory.erasure (user_id_hash, pseudonym, requested_by, erased_at)
values (:user_id_hash, :pseudonym, :requested_by, :now);

-- name: lock_people(user_ids)
-- Lets one transaction at a time store or erase each of these people, taken in order of id. Locks: person.
select pg_advisory_xact_lock(hashtextextended('person:' || p.user_id, 0))
from (select user_id from unnest(:user_ids::text[]) as u (user_id) order by user_id) p;

-- name: erase_user(user_id, pseudonym)
-- Replaces the id in every table of the register by the pseudonym; tells what it touched.
select relation, column_name, rows_changed from directory.erase_user(:user_id, :pseudonym);

-- name: export_user(user_id)
-- Every row that names a person, by relation.
select relation, content from directory.export_user(:user_id) order by relation;

-- name: export_profile(user_id)^
-- The profile as the person may see it.
select user_id, kinds, time_zone, locale, nsfw_preference, created_at, updated_at
from directory.user_profile where user_id = :user_id;
