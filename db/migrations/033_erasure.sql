-- migrate:up
-- Erasing a person. Their id is replaced everywhere by one pseudonym, append-only tables included, so that ledgers and
-- decisions stay whole and equal things stay equal. One function does it, as the owner; no role may do it by hand.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

-- Which columns tell who somebody is, and what becomes of each. A test finds columns that are missing here.
create table directory.personal_column (
  relation text collate "C" not null,
  column_name text collate "C" not null,
  treatment text collate "C" not null,
  owner_column text collate "C", -- whose row it is, where the column itself does not tell
  primary key (relation, column_name),
  constraint personal_column_treatment check (
    treatment in ('replace', 'replace_element', 'follows', 'overwrite', 'clear')),
  constraint personal_column_owner check ((treatment in ('overwrite', 'clear')) = (owner_column is not null))
);
comment on column directory.personal_column.treatment is
  'replace: the id by the pseudonym; replace_element: the same in an array; follows: its foreign key does it; '
  'overwrite: whatever stands in the person''s row, by the pseudonym; clear: the same, by null';

insert into directory.personal_column (relation, column_name, treatment, owner_column) values
  ('booking.order', 'location_address', 'clear', 'buyer_user_id'),
  ('booking.order', 'buyer_user_id', 'replace', null),
  ('booking.order', 'provider_user_id', 'follows', null),
  ('booking.request', 'message', 'clear', 'buyer_user_id'),
  ('booking.request', 'buyer_user_id', 'replace', null),
  ('booking.request', 'provider_user_id', 'replace', null),
  ('booking.invite', 'buyer_user_id', 'replace', null),
  ('booking.invite_recipient', 'recipient_user_id', 'replace', null),
  ('booking.group', 'buyer_user_id', 'replace', null),
  ('booking.provider_profile', 'provider_user_id', 'replace', null),
  ('booking.provider_profile', 'calendar_secret_hash', 'clear', 'provider_user_id'),
  ('booking.service_profile', 'provider_user_id', 'replace', null),
  ('booking.fee_policy', 'created_by', 'replace', null),
  ('booking.order_event', 'actor_user_id', 'replace', null),
  ('booking.chat_message', 'author_user_id', 'replace', null),
  ('booking.dispute', 'opened_by_user_id', 'replace', null),
  ('booking.dispute_decision', 'proposed_by', 'replace', null),
  ('booking.dispute_decision', 'decided_by', 'replace', null),
  ('booking.transfer', 'provider_user_id', 'replace', null),
  ('booking.provider_debt', 'provider_user_id', 'replace', null),
  ('directory.erasure', 'requested_by', 'replace', null),
  ('payments.customer', 'user_id', 'replace', null),
  ('payments.payment_method', 'user_id', 'follows', null),
  ('payments.payment_method', 'fingerprint_hash', 'clear', 'user_id'),
  ('public.credit_account', 'user_id', 'replace', null),
  ('public.credit_debt', 'user_id', 'follows', null),
  ('public.credit_grant', 'user_id', 'follows', null),
  ('public.credit_ledger', 'user_id', 'follows', null),
  ('public.dmca_notice', 'respondent_user_id', 'replace', null),
  ('public.evidence_object', 'uploaded_by', 'replace', null),
  ('public.feed_post', 'author_id', 'replace', null),
  ('public.follow', 'follower_user_id', 'replace', null),
  ('public.follow', 'target_id', 'replace', null),
  ('public.mail_suppression', 'user_id', 'replace', null),
  ('public.notification', 'user_id', 'replace', null),
  ('public.payout_hold', 'applied_by', 'replace', null),
  ('public.processor_dispute', 'submitted_by', 'replace', null),
  ('public.promo_advertiser', 'user_id', 'replace', null),
  ('public.promo_click_decision', 'decided_by', 'replace', null),
  ('public.promo_event', 'anon_fp_hash', 'clear', 'user_id'),
  ('public.promo_event', 'user_id', 'replace', null),
  ('public.referral_assessment', 'decided_by', 'replace', null),
  ('public.referral_award_month', 'user_id', 'replace', null),
  ('public.referral_invite', 'device_fp', 'clear', 'invitee_user_id'),
  ('public.referral_invite', 'ip_addr_sha', 'clear', 'invitee_user_id'),
  ('public.referral_invite', 'invitee_email_sha', 'overwrite', 'invitee_user_id'),
  ('public.referral_invite', 'invitee_user_id', 'replace', null),
  ('public.referral_invite', 'inviter_user_id', 'replace', null),
  ('public.saved_search', 'user_id', 'replace', null),
  ('public.search_document', 'owner_user_id', 'replace', null),
  ('public.support_case', 'opened_by_user', 'replace', null),
  ('public.support_case', 'owner_user_id', 'replace', null),
  ('public.support_case', 'watchers', 'replace_element', null),
  ('public.support_event', 'actor_user_id', 'replace', null),
  ('public.support_message', 'author_user_id', 'replace', null),
  ('public.support_refund', 'proposed_by', 'replace', null),
  ('public.support_refund', 'approved_by', 'replace', null);

-- Replaces a person by the pseudonym that directory.erasure has recorded just before, and tells what it touched.
-- Columns that are found by the row's owner come first, while the row still says whose it is.
create function directory.erase_user(erased_user_id text, chosen_pseudonym text)
returns table (relation text, column_name text, rows_changed bigint)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  target directory.personal_column;
  statement text;
begin
  if not exists (select from directory.erasure e where e.pseudonym = chosen_pseudonym) then
    raise exception 'an erasure is recorded before it is done' using errcode = 'restrict_violation';
  end if;
  perform set_config('callsheet.erasing', 'on', true);
  for target in
    select * from directory.personal_column p
    where p.treatment <> 'follows' order by p.owner_column is null, p.relation, p.column_name
  loop
    statement := case target.treatment
      when 'clear' then 'update %1$s set %2$I = null where %3$I = $1 and %2$I is not null'
      when 'overwrite' then 'update %1$s set %2$I = $2 where %3$I = $1'
      when 'replace' then 'update %1$s set %2$I = $2 where %2$I = $1'
      else 'update %1$s set %2$I = array_replace(%2$I, $1, $2) where %2$I @> array[$1]'
    end;
    execute format(statement, target.relation::regclass, target.column_name, target.owner_column)
      using erased_user_id, chosen_pseudonym;
    relation := target.relation;
    column_name := target.column_name;
    get diagnostics rows_changed = row_count;
    if rows_changed > 0 then
      return next;
    end if;
  end loop;
  update directory.user_profile set user_id = chosen_pseudonym, email_ciphertext = null, email_hash = null,
    erased_at = now(), updated_at = now()
  where user_id = erased_user_id;
  get diagnostics rows_changed = row_count;
  if rows_changed > 0 then
    relation := 'directory.user_profile';
    column_name := 'user_id';
    return next;
  end if;
  delete from core.idempotency_key where principal = erased_user_id;
  perform set_config('callsheet.erasing', '', true);
end
$$;
revoke execute on function directory.erase_user(text, text) from public;
grant execute on function directory.erase_user(text, text) to callsheet_app;
grant select on directory.personal_column to callsheet_app;

-- A column that is named here by mistake would fail the first erasure instead of this migration.
do $$
declare
  missing text;
begin
  select string_agg(p.relation || '.' || p.column_name, ', ') into missing
  from directory.personal_column p
  where not exists (
    select from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname || '.' || c.relname = p.relation and a.attname = p.column_name and not a.attisdropped);
  if missing is not null then
    raise exception 'personal_column names columns that do not exist: %', missing;
  end if;
end
$$;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
