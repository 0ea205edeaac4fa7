-- What db/migrations make of an empty database. Written by `make schema`; change a migration instead.

--
-- PostgreSQL database dump
--

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: booking; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA booking;

--
-- Name: core; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA core;

--
-- Name: directory; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA directory;

--
-- Name: payments; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA payments;

--
-- Name: btree_gist; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

--
-- Name: EXTENSION btree_gist; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON EXTENSION btree_gist IS 'support for indexing common datatypes in GiST';

--
-- Name: booking_mode; Type: TYPE; Schema: booking; Owner: -
--

CREATE TYPE booking.booking_mode AS ENUM (
    'IB',
    'RTB',
    'INVITE'
);

--
-- Name: booking_status; Type: TYPE; Schema: booking; Owner: -
--

CREATE TYPE booking.booking_status AS ENUM (
    'initiated',
    'pending_accept',
    'countered',
    'accepted',
    'declined',
    'confirmed',
    'in_progress',
    'delivered',
    'completed',
    'cancelled_buyer',
    'cancelled_provider',
    'disputed',
    'resolved'
);

--
-- Name: notify_insert(); Type: FUNCTION; Schema: core; Owner: -
--

CREATE FUNCTION core.notify_insert() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
begin
  perform pg_notify(tg_argv[0], '');
  return null;
end
$$;

--
-- Name: refuse_change(); Type: FUNCTION; Schema: core; Owner: -
--

CREATE FUNCTION core.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
declare
  owner name := (select pg_get_userbyid(relowner) from pg_class where oid = tg_relid);
begin
  if tg_op = 'UPDATE' and current_user = owner and current_setting('callsheet.erasing', true) = 'on' then
    return new;
  end if;
  raise exception '%.% is append-only: % is refused', tg_table_schema, tg_table_name, tg_op
    using errcode = 'restrict_violation';
end
$$;

--
-- Name: erase_user(text, text); Type: FUNCTION; Schema: directory; Owner: -
--

CREATE FUNCTION directory.erase_user(erased_user_id text, chosen_pseudonym text) RETURNS TABLE(relation text, column_name text, rows_changed bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
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
$_$;

--
-- Name: export_user(text); Type: FUNCTION; Schema: directory; Owner: -
--

CREATE FUNCTION directory.export_user(person text) RETURNS TABLE(relation text, content jsonb)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
  target directory.personal_column;
  hidden text[];
begin
  for target in
    select distinct on (p.relation) p.* from directory.personal_column p
    where p.treatment in ('replace', 'follows') order by p.relation, p.treatment desc, p.column_name
  loop
    -- Keyed hashes and ciphertexts say nothing to a person, and are bytes.
    select coalesce(array_agg(a.attname::text), '{}') into hidden
    from pg_attribute a where a.attrelid = target.relation::regclass and a.atttypid = 'bytea'::regtype;
    relation := target.relation;
    for content in execute format(
      'select to_jsonb(t) - $2 from %s t where %s',
      target.relation::regclass,
      (select string_agg(format('t.%I = $1', q.column_name), ' or ')
       from directory.personal_column q
       where q.relation = target.relation and q.treatment in ('replace', 'follows')))
      using person, hidden
    loop
      return next;
    end loop;
  end loop;
end
$_$;

--
-- Name: promo_erase_viewer(text, bytea, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.promo_erase_viewer(viewer text, hash bytea, chosen_pseudonym text, asked_by text, because text) RETURNS TABLE(pseudonym text, events bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  stable text;
  changed bigint;
begin
  insert into public.promo_viewer_erasure (viewer_hash, pseudonym, requested_by, reason)
  values (hash, chosen_pseudonym, asked_by, because)
  on conflict (viewer_hash) do update set reason = excluded.reason
  returning promo_viewer_erasure.pseudonym into stable;
  perform set_config('callsheet.erasing', 'on', true);
  with erased as (
    update public.promo_event e
    set user_id = case when e.user_id = viewer then stable else e.user_id end,
      anon_fp_hash = case when e.anon_fp_hash = viewer or e.user_id = viewer then stable else e.anon_fp_hash end
    where e.user_id = viewer or e.anon_fp_hash = viewer
    returning e.event_id, e.campaign_id
  ), forgotten as (
    update public.promo_click_decision d
    set facts = d.facts || coalesce((
      select jsonb_object_agg(f.key, left(encode(sha256(convert_to(stable || f.value, 'UTF8')), 'hex'), 16))
      from jsonb_each_text(d.facts) f where f.key in ('viewer', 'device')), '{}')
    from erased e
    where d.campaign_id = e.campaign_id and d.event_id = e.event_id
    returning 1
  )
  select count(*) from erased into changed;
  perform set_config('callsheet.erasing', '', true);
  update public.promo_viewer_erasure r set events = r.events + changed where r.viewer_hash = hash;
  return query select stable, changed;
end
$$;

--
-- Name: promo_event_bound(date); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.promo_event_bound(day date) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $$
  select 'pevt_' || string_agg(
    substr('0123456789abcdefghjkmnpqrstvwxyz', (extract(epoch from day)::bigint * 1000 >> shift & 31)::int + 1, 1),
    '' order by shift desc)
  from generate_series(0, 45, 5) as shift
$$;

--
-- Name: promo_event_drop_partition(date); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.promo_event_drop_partition(keep_from date) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '200ms'
    AS $$
declare
  partition text;
begin
  if keep_from > (now() at time zone 'UTC')::date - 90 then
    raise exception 'events are kept for 90 days' using errcode = 'invalid_parameter_value';
  end if;
  select c.relname into partition
  from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'public.promo_event'::regclass and c.relname < 'promo_event_p' || to_char(keep_from, 'YYYYMMDD')
  order by c.relname
  limit 1;
  if partition is not null then
    execute format('alter table public.promo_event detach partition public.%I', partition);
    execute format('drop table public.%I', partition);
  end if;
  return partition;
end
$$;

--
-- Name: promo_event_ensure_partitions(date, date); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.promo_event_ensure_partitions(first_day date, last_day date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  day date;
  partition text;
  made int := 0;
begin
  if last_day - first_day not between 0 and 400 then
    raise exception 'from % to % is not a range of at most 400 days', first_day, last_day
      using errcode = 'invalid_parameter_value';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('promo_event_ensure_partitions', 0));
  for day in select generate_series(first_day, last_day, '1 day')::date loop
    partition := 'promo_event_p' || to_char(day, 'YYYYMMDD');
    continue when to_regclass('public.' || partition) is not null;
    execute format('create table public.%I (like public.promo_event including defaults including constraints)',
      partition);
    execute format('alter table public.promo_event attach partition public.%I for values from (%L) to (%L)',
      partition, public.promo_event_bound(day), public.promo_event_bound(day + 1));
    execute format('create trigger %I before truncate on public.%I '
      'for each statement execute function core.refuse_change()', partition || '_no_truncate', partition);
    made := made + 1;
  end loop;
  return made;
end
$$;

--
-- Name: promo_refuse_writer(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.promo_refuse_writer() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
begin
  raise exception 'the % chain of promo_budget_ledger has another writer than %', new.chain, current_user
    using errcode = 'insufficient_privilege';
end
$$;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: adjustment; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.adjustment (
    adjustment_id text NOT NULL COLLATE pg_catalog."C",
    order_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL,
    amount_cents integer NOT NULL,
    charge_cents integer NOT NULL,
    payment_id text COLLATE pg_catalog."C",
    asked_by text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    applied_at timestamp with time zone,
    CONSTRAINT adjustment_amounts CHECK (((amount_cents > 0) AND (charge_cents >= 0))),
    CONSTRAINT adjustment_kind CHECK ((kind = ANY (ARRAY['tip'::text, 'charge'::text, 'refund'::text]))),
    CONSTRAINT adjustment_paid CHECK ((((kind = 'refund'::text) = (payment_id IS NULL)) AND ((kind <> 'refund'::text) OR (charge_cents = 0)))),
    CONSTRAINT adjustment_title CHECK (((char_length(title) >= 1) AND (char_length(title) <= 200)))
);

--
-- Name: autoaccept_rule; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.autoaccept_rule (
    rule_id text NOT NULL COLLATE pg_catalog."C",
    service_profile_id text NOT NULL COLLATE pg_catalog."C",
    min_price_cents integer,
    weekday_mask integer,
    max_distance_mi numeric,
    allow_ib boolean DEFAULT false NOT NULL,
    active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT autoaccept_rule_distance CHECK ((max_distance_mi >= (0)::numeric)),
    CONSTRAINT autoaccept_rule_price CHECK ((min_price_cents >= 0)),
    CONSTRAINT autoaccept_rule_weekdays CHECK (((weekday_mask >= 1) AND (weekday_mask <= 127)))
);

--
-- Name: card_promise; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.card_promise (
    order_id text NOT NULL COLLATE pg_catalog."C",
    payment_method_id text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

--
-- Name: chargeback; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.chargeback (
    processor_dispute_id text NOT NULL COLLATE pg_catalog."C",
    payment_id text NOT NULL COLLATE pg_catalog."C",
    status text NOT NULL COLLATE pg_catalog."C",
    charge_refundable boolean NOT NULL,
    closed boolean DEFAULT false NOT NULL,
    withdrawn_cents integer DEFAULT 0 NOT NULL,
    reinstated_cents integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT chargeback_amounts CHECK (((withdrawn_cents >= 0) AND ((reinstated_cents >= 0) AND (reinstated_cents <= withdrawn_cents))))
);

--
-- Name: chat_message; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.chat_message (
    chat_thread_id text NOT NULL COLLATE pg_catalog."C",
    sequence bigint NOT NULL,
    message_id text NOT NULL COLLATE pg_catalog."C",
    author_user_id text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT chat_message_body CHECK (((char_length(body) >= 1) AND (char_length(body) <= 10000))),
    CONSTRAINT chat_message_sequence CHECK ((sequence > 0))
);

--
-- Name: chat_thread; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.chat_thread (
    chat_thread_id text NOT NULL COLLATE pg_catalog."C",
    order_id text NOT NULL COLLATE pg_catalog."C",
    messages bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT chat_thread_messages CHECK ((messages >= 0))
);

--
-- Name: dispute; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.dispute (
    dispute_id text NOT NULL COLLATE pg_catalog."C",
    order_id text NOT NULL COLLATE pg_catalog."C",
    opened_by text NOT NULL,
    reason text NOT NULL,
    description text,
    status text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    opened_by_user_id text COLLATE pg_catalog."C",
    milestone_id text COLLATE pg_catalog."C",
    case_id text COLLATE pg_catalog."C",
    processor_dispute_id text COLLATE pg_catalog."C",
    outcome text COLLATE pg_catalog."C",
    version bigint DEFAULT 1 NOT NULL,
    resolved_at timestamp with time zone,
    CONSTRAINT dispute_chargeback CHECK (((status <> 'chargeback'::text) OR (processor_dispute_id IS NOT NULL))),
    CONSTRAINT dispute_opened_by CHECK ((opened_by = ANY (ARRAY['buyer'::text, 'provider'::text, 'agent'::text, 'processor'::text]))),
    CONSTRAINT dispute_opener CHECK (((opened_by = 'processor'::text) OR (opened_by_user_id IS NOT NULL))),
    CONSTRAINT dispute_outcome CHECK ((outcome = ANY (ARRAY['decided'::text, 'withdrawn'::text, 'chargeback_won'::text, 'chargeback_lost'::text]))),
    CONSTRAINT dispute_processor CHECK (((opened_by <> 'processor'::text) OR (processor_dispute_id IS NOT NULL))),
    CONSTRAINT dispute_resolved CHECK (((status = ANY (ARRAY['resolved_buyer'::text, 'resolved_provider'::text, 'split'::text])) = (num_nulls(outcome, resolved_at) = 0))),
    CONSTRAINT dispute_status_check CHECK ((status = ANY (ARRAY['open'::text, 'awaiting_evidence'::text, 'under_review'::text, 'resolved_buyer'::text, 'resolved_provider'::text, 'split'::text, 'chargeback'::text]))),
    CONSTRAINT dispute_version CHECK ((version > 0)),
    CONSTRAINT dispute_withdrawn CHECK (((outcome <> 'withdrawn'::text) OR ((opened_by = 'buyer'::text) AND (status = 'resolved_provider'::text)) OR ((opened_by = 'provider'::text) AND (status = 'resolved_buyer'::text)) OR ((opened_by = 'agent'::text) AND (status = ANY (ARRAY['resolved_buyer'::text, 'resolved_provider'::text])))))
);

--
-- Name: dispute_decision; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.dispute_decision (
    decision_id text NOT NULL COLLATE pg_catalog."C",
    dispute_id text NOT NULL COLLATE pg_catalog."C",
    status text DEFAULT 'proposed'::text NOT NULL COLLATE pg_catalog."C",
    result text NOT NULL COLLATE pg_catalog."C",
    refund_subtotal_cents integer NOT NULL,
    fee_refundable boolean NOT NULL,
    reason text NOT NULL,
    approval_role text NOT NULL COLLATE pg_catalog."C",
    proposed_by text NOT NULL COLLATE pg_catalog."C",
    decided_by text COLLATE pg_catalog."C",
    decided_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    refund_tip_cents integer DEFAULT 0 NOT NULL,
    CONSTRAINT dispute_decision_decided CHECK ((((status = 'proposed'::text) = (num_nulls(decided_by, decided_at) = 2)) AND (num_nulls(decided_by, decided_at) = ANY (ARRAY[0, 2])))),
    CONSTRAINT dispute_decision_four_eyes CHECK (((status <> 'approved'::text) OR (decided_by <> proposed_by))),
    CONSTRAINT dispute_decision_refund CHECK (((refund_subtotal_cents >= 0) AND (refund_tip_cents >= 0) AND ((result = 'resolved_provider'::text) = (refund_subtotal_cents = 0)) AND ((result <> 'resolved_provider'::text) OR (refund_tip_cents = 0)))),
    CONSTRAINT dispute_decision_result CHECK ((result = ANY (ARRAY['resolved_buyer'::text, 'resolved_provider'::text, 'split'::text]))),
    CONSTRAINT dispute_decision_role CHECK ((approval_role = ANY (ARRAY['agent'::text, 'finance'::text]))),
    CONSTRAINT dispute_decision_status CHECK ((status = ANY (ARRAY['proposed'::text, 'approved'::text, 'rejected'::text])))
);

--
-- Name: dispute_statement; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.dispute_statement (
    statement_id text NOT NULL COLLATE pg_catalog."C",
    dispute_id text NOT NULL COLLATE pg_catalog."C",
    author_user_id text NOT NULL COLLATE pg_catalog."C",
    author text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT dispute_statement_author CHECK ((author = ANY (ARRAY['buyer'::text, 'provider'::text, 'agent'::text, 'processor'::text]))),
    CONSTRAINT dispute_statement_body CHECK (((char_length(body) >= 1) AND (char_length(body) <= 10000)))
);

--
-- Name: fee_policy; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.fee_policy (
    fee_policy_id text NOT NULL COLLATE pg_catalog."C",
    city text COLLATE pg_catalog."C",
    effective_from timestamp with time zone NOT NULL,
    currency text DEFAULT 'usd'::text NOT NULL COLLATE pg_catalog."C",
    fee_bips integer NOT NULL,
    fee_min_cents integer DEFAULT 0 NOT NULL,
    fee_max_cents integer,
    tax_bips integer NOT NULL,
    credit_shrinks_tax boolean DEFAULT false NOT NULL,
    commission_bips integer NOT NULL,
    cancellation_policy text COLLATE pg_catalog."C",
    created_by text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT fee_policy_bips CHECK ((((fee_bips >= 0) AND (fee_bips <= 10000)) AND ((tax_bips >= 0) AND (tax_bips <= 10000)) AND ((commission_bips >= 0) AND (commission_bips <= 10000)))),
    CONSTRAINT fee_policy_bounds CHECK (((fee_min_cents >= 0) AND (fee_max_cents >= fee_min_cents))),
    CONSTRAINT fee_policy_cancellation CHECK ((cancellation_policy = ANY (ARRAY['flexible'::text, 'standard'::text, 'strict'::text]))),
    CONSTRAINT fee_policy_city CHECK ((city ~ '^[a-z][a-z0-9-]{1,63}$'::text)),
    CONSTRAINT fee_policy_currency CHECK ((currency ~ '^[a-z]{3}$'::text))
);

--
-- Name: group; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking."group" (
    lbg_id text NOT NULL COLLATE pg_catalog."C",
    buyer_user_id text NOT NULL COLLATE pg_catalog."C",
    title text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

--
-- Name: invite; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.invite (
    invite_id text NOT NULL COLLATE pg_catalog."C",
    buyer_user_id text NOT NULL COLLATE pg_catalog."C",
    award_mode text NOT NULL COLLATE pg_catalog."C",
    status text DEFAULT 'open'::text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL,
    message text,
    recipient_cap integer NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    payment_method_id text COLLATE pg_catalog."C",
    CONSTRAINT invite_award_mode CHECK ((award_mode = ANY (ARRAY['first_accept'::text, 'buyer_awards'::text]))),
    CONSTRAINT invite_cap CHECK (((recipient_cap >= 1) AND (recipient_cap <= 100))),
    CONSTRAINT invite_expiry CHECK ((expires_at > created_at)),
    CONSTRAINT invite_status CHECK ((status = ANY (ARRAY['open'::text, 'awarded'::text, 'closed'::text]))),
    CONSTRAINT invite_version CHECK ((version > 0))
);

--
-- Name: invite_recipient; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.invite_recipient (
    invite_id text NOT NULL COLLATE pg_catalog."C",
    recipient_user_id text NOT NULL COLLATE pg_catalog."C",
    status text NOT NULL,
    order_id text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    responded_at timestamp with time zone,
    decided_at timestamp with time zone,
    CONSTRAINT invite_recipient_awarded CHECK (((status <> 'awarded'::text) OR (num_nulls(responded_at, decided_at) = 0))),
    CONSTRAINT invite_recipient_responded CHECK (((status <> 'responded'::text) OR (responded_at IS NOT NULL))),
    CONSTRAINT invite_recipient_status_check CHECK ((status = ANY (ARRAY['new'::text, 'responded'::text, 'awarded'::text, 'not_awarded'::text])))
);

--
-- Name: line_item; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.line_item (
    id text NOT NULL COLLATE pg_catalog."C",
    order_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    title text NOT NULL,
    qty numeric DEFAULT 1 NOT NULL,
    unit_cents integer NOT NULL,
    total_cents integer NOT NULL,
    "position" integer DEFAULT 1 NOT NULL,
    refunds_line_id text COLLATE pg_catalog."C",
    CONSTRAINT line_item_amounts CHECK (((qty > (0)::numeric) AND (unit_cents >= 0) AND (total_cents >= 0))),
    CONSTRAINT line_item_kind_check CHECK ((kind = ANY (ARRAY['package'::text, 'extra'::text, 'travel'::text, 'license'::text, 'adjustment'::text, 'refund'::text]))),
    CONSTRAINT line_item_position CHECK (("position" > 0)),
    CONSTRAINT line_item_refund CHECK (((kind = 'refund'::text) = (refunds_line_id IS NOT NULL))),
    CONSTRAINT line_item_total CHECK (((total_cents)::numeric = round(((unit_cents)::numeric * qty))))
);

--
-- Name: milestone; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.milestone (
    milestone_id text NOT NULL COLLATE pg_catalog."C",
    order_id text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL,
    due_ts timestamp with time zone,
    amount_cents integer NOT NULL,
    status text NOT NULL,
    "position" integer DEFAULT 1 NOT NULL,
    delivered_at timestamp with time zone,
    settled_at timestamp with time zone,
    review_until timestamp with time zone,
    CONSTRAINT milestone_amount CHECK ((amount_cents >= 0)),
    CONSTRAINT milestone_delivered CHECK (((status <> 'delivered'::text) OR (delivered_at IS NOT NULL))),
    CONSTRAINT milestone_position CHECK (("position" > 0)),
    CONSTRAINT milestone_reviewed CHECK (((status <> 'delivered'::text) OR (review_until IS NOT NULL))),
    CONSTRAINT milestone_settled CHECK (((status <> ALL (ARRAY['approved'::text, 'refunded'::text])) OR (settled_at IS NOT NULL))),
    CONSTRAINT milestone_status_check CHECK ((status = ANY (ARRAY['open'::text, 'delivered'::text, 'approved'::text, 'disputed'::text, 'refunded'::text])))
);

--
-- Name: milestone_release; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.milestone_release (
    order_id text NOT NULL COLLATE pg_catalog."C",
    milestone_id text NOT NULL COLLATE pg_catalog."C",
    amount_cents integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT milestone_release_amount CHECK ((amount_cents >= 0))
);

--
-- Name: money_finding; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.money_finding (
    finding_id text NOT NULL COLLATE pg_catalog."C",
    order_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    expected_cents bigint NOT NULL,
    found_cents bigint NOT NULL,
    found_on date NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT money_finding_differs CHECK ((expected_cents <> found_cents))
);

--
-- Name: order; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking."order" (
    order_id text NOT NULL COLLATE pg_catalog."C",
    buyer_user_id text NOT NULL COLLATE pg_catalog."C",
    provider_user_id text NOT NULL COLLATE pg_catalog."C",
    service_profile_id text NOT NULL COLLATE pg_catalog."C",
    package_id text COLLATE pg_catalog."C",
    mode booking.booking_mode NOT NULL,
    status booking.booking_status DEFAULT 'initiated'::booking.booking_status NOT NULL,
    city text,
    start_ts timestamp with time zone NOT NULL,
    end_ts timestamp with time zone NOT NULL,
    location_kind text NOT NULL,
    location_address text,
    travel_miles numeric,
    license_tier text,
    subtotal_cents integer DEFAULT 0 NOT NULL,
    platform_fee_cents integer DEFAULT 0 NOT NULL,
    tax_cents integer DEFAULT 0 NOT NULL,
    tip_cents integer DEFAULT 0 NOT NULL,
    total_cents integer DEFAULT 0 NOT NULL,
    currency text DEFAULT 'usd'::text NOT NULL,
    stripe_payment_intent_id text COLLATE pg_catalog."C",
    connect_transfer_group text COLLATE pg_catalog."C",
    chat_thread_id text COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    lbg_id text COLLATE pg_catalog."C",
    invite_id text COLLATE pg_catalog."C",
    version bigint DEFAULT 1 NOT NULL,
    time_zone text NOT NULL COLLATE pg_catalog."C",
    quote_hash text NOT NULL COLLATE pg_catalog."C",
    credit_cents integer DEFAULT 0 NOT NULL,
    fee_policy_id text NOT NULL COLLATE pg_catalog."C",
    fee_bips integer NOT NULL,
    fee_min_cents integer NOT NULL,
    fee_max_cents integer,
    tax_bips integer NOT NULL,
    credit_shrinks_tax boolean DEFAULT false NOT NULL,
    commission_bips integer NOT NULL,
    cancellation_policy text NOT NULL COLLATE pg_catalog."C",
    full_refund_until timestamp with time zone NOT NULL,
    half_refund_until timestamp with time zone NOT NULL,
    grace_until timestamp with time zone,
    busy_from timestamp with time zone NOT NULL,
    busy_to timestamp with time zone NOT NULL,
    holds_slot boolean DEFAULT false NOT NULL,
    status_before_dispute booking.booking_status,
    change_rounds integer DEFAULT 0 NOT NULL,
    closed_reason text,
    pay_by timestamp with time zone,
    accepted_at timestamp with time zone,
    confirmed_at timestamp with time zone,
    checked_in_at timestamp with time zone,
    delivered_at timestamp with time zone,
    review_until timestamp with time zone,
    completed_at timestamp with time zone,
    shown_at timestamp with time zone,
    CONSTRAINT order_accepted_holds CHECK (((status <> 'accepted'::booking.booking_status) OR (holds_slot AND (pay_by IS NOT NULL)))),
    CONSTRAINT order_amounts CHECK (((subtotal_cents >= 0) AND (platform_fee_cents >= 0) AND (tax_cents >= 0) AND (tip_cents >= 0) AND (total_cents >= 0))),
    CONSTRAINT order_bips CHECK ((((fee_bips >= 0) AND (fee_bips <= 10000)) AND ((tax_bips >= 0) AND (tax_bips <= 10000)) AND ((commission_bips >= 0) AND (commission_bips <= 10000)))),
    CONSTRAINT order_busy_covers CHECK (((busy_from <= start_ts) AND (busy_to >= end_ts))),
    CONSTRAINT order_cancellation_policy CHECK ((cancellation_policy = ANY (ARRAY['flexible'::text, 'standard'::text, 'strict'::text]))),
    CONSTRAINT order_change_rounds CHECK (((change_rounds >= 0) AND (change_rounds <= 2))),
    CONSTRAINT order_credit CHECK (((credit_cents >= 0) AND (credit_cents <= platform_fee_cents))),
    CONSTRAINT order_currency CHECK ((currency ~ '^[a-z]{3}$'::text)),
    CONSTRAINT order_disputed_from CHECK (((status <> 'disputed'::booking.booking_status) OR (status_before_dispute IS NOT NULL))),
    CONSTRAINT order_end_after_start CHECK ((end_ts > start_ts)),
    CONSTRAINT order_fee_bounds CHECK (((fee_min_cents >= 0) AND (fee_max_cents >= fee_min_cents))),
    CONSTRAINT order_invite_mode CHECK (((invite_id IS NULL) OR (mode = 'INVITE'::booking.booking_mode))),
    CONSTRAINT order_location_kind_check CHECK ((location_kind = ANY (ARRAY['buyer'::text, 'provider_studio'::text, 'rented_studio'::text, 'remote'::text]))),
    CONSTRAINT order_quote_hash CHECK ((quote_hash ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT order_refund_bands CHECK ((full_refund_until <= half_refund_until)),
    CONSTRAINT order_slot_status CHECK (((NOT holds_slot) OR (status = ANY (ARRAY['accepted'::booking.booking_status, 'confirmed'::booking.booking_status, 'in_progress'::booking.booking_status, 'delivered'::booking.booking_status, 'disputed'::booking.booking_status])))),
    CONSTRAINT order_time_zone CHECK ((time_zone ~ '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$'::text)),
    CONSTRAINT order_total CHECK ((total_cents = (((((subtotal_cents)::bigint + platform_fee_cents) + tax_cents) + tip_cents) - credit_cents))),
    CONSTRAINT order_transfer_group CHECK ((connect_transfer_group = order_id)),
    CONSTRAINT order_travel CHECK ((travel_miles >= (0)::numeric)),
    CONSTRAINT order_two_parties CHECK ((buyer_user_id <> provider_user_id)),
    CONSTRAINT order_version CHECK ((version > 0))
);

--
-- Name: order_event; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.order_event (
    order_id text NOT NULL COLLATE pg_catalog."C",
    sequence bigint NOT NULL,
    event_id text NOT NULL COLLATE pg_catalog."C",
    event text NOT NULL COLLATE pg_catalog."C",
    from_status booking.booking_status,
    to_status booking.booking_status NOT NULL,
    actor_kind text NOT NULL COLLATE pg_catalog."C",
    actor_user_id text COLLATE pg_catalog."C",
    correlation_id text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    details jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT order_event_actor CHECK ((actor_kind = ANY (ARRAY['buyer'::text, 'provider'::text, 'agent'::text, 'finance'::text, 'admin'::text, 'service'::text, 'system'::text, 'processor'::text]))),
    CONSTRAINT order_event_details CHECK ((jsonb_typeof(details) = 'object'::text)),
    CONSTRAINT order_event_first CHECK (((sequence = 1) = (from_status IS NULL))),
    CONSTRAINT order_event_sequence CHECK ((sequence > 0))
);

--
-- Name: package; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.package (
    package_id text NOT NULL COLLATE pg_catalog."C",
    service_profile_id text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL,
    description text,
    price_cents integer NOT NULL,
    duration_minutes integer,
    license_tier text,
    active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT package_duration CHECK ((duration_minutes > 0)),
    CONSTRAINT package_price CHECK ((price_cents > 0))
);

--
-- Name: payment; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.payment (
    payment_id text NOT NULL COLLATE pg_catalog."C",
    order_id text NOT NULL COLLATE pg_catalog."C",
    sequence integer NOT NULL,
    purpose text NOT NULL COLLATE pg_catalog."C",
    status text DEFAULT 'pending'::text NOT NULL COLLATE pg_catalog."C",
    amount_cents integer NOT NULL,
    captured_cents integer DEFAULT 0 NOT NULL,
    refunded_cents integer DEFAULT 0 NOT NULL,
    withdrawn_cents integer DEFAULT 0 NOT NULL,
    reinstated_cents integer DEFAULT 0 NOT NULL,
    currency text NOT NULL COLLATE pg_catalog."C",
    off_session boolean DEFAULT false NOT NULL,
    stripe_payment_intent_id text COLLATE pg_catalog."C",
    stripe_charge_id text COLLATE pg_catalog."C",
    capture_before timestamp with time zone,
    failure_code text COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    payment_method_id text COLLATE pg_catalog."C",
    subtotal_cents integer DEFAULT 0 NOT NULL,
    tip_cents integer DEFAULT 0 NOT NULL,
    given_up_at timestamp with time zone,
    late boolean DEFAULT false NOT NULL,
    captured_at timestamp with time zone,
    CONSTRAINT payment_amounts CHECK (((amount_cents > 0) AND ((captured_cents >= 0) AND (captured_cents <= amount_cents)) AND ((refunded_cents >= 0) AND (refunded_cents <= captured_cents)))),
    CONSTRAINT payment_captured CHECK (((status = 'captured'::text) = (captured_cents > 0))),
    CONSTRAINT payment_captured_once CHECK (((status = 'captured'::text) = (captured_at IS NOT NULL))),
    CONSTRAINT payment_charge CHECK (((status <> 'captured'::text) OR (stripe_charge_id IS NOT NULL))),
    CONSTRAINT payment_chargeback CHECK (((withdrawn_cents >= 0) AND ((reinstated_cents >= 0) AND (reinstated_cents <= withdrawn_cents)))),
    CONSTRAINT payment_currency CHECK ((currency ~ '^[a-z]{3}$'::text)),
    CONSTRAINT payment_extra CHECK (((purpose = 'principal'::text) = ((subtotal_cents + tip_cents) = 0))),
    CONSTRAINT payment_off_session CHECK ((off_session = (payment_method_id IS NOT NULL))),
    CONSTRAINT payment_parts CHECK (((subtotal_cents >= 0) AND (tip_cents >= 0))),
    CONSTRAINT payment_purpose CHECK ((purpose = ANY (ARRAY['principal'::text, 'tip'::text, 'adjustment'::text]))),
    CONSTRAINT payment_status CHECK ((status = ANY (ARRAY['pending'::text, 'requires_action'::text, 'authorized'::text, 'captured'::text, 'cancelled'::text, 'failed'::text])))
);

--
-- Name: provider_debt; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.provider_debt (
    debt_id text NOT NULL COLLATE pg_catalog."C",
    provider_user_id text NOT NULL COLLATE pg_catalog."C",
    order_id text NOT NULL COLLATE pg_catalog."C",
    cause_id text NOT NULL COLLATE pg_catalog."C",
    amount_cents integer NOT NULL,
    paid_cents integer DEFAULT 0 NOT NULL,
    currency text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    forgiven_cents integer DEFAULT 0 NOT NULL,
    CONSTRAINT provider_debt_amounts CHECK (((amount_cents > 0) AND (paid_cents >= 0) AND (forgiven_cents >= 0) AND ((paid_cents + forgiven_cents) <= amount_cents))),
    CONSTRAINT provider_debt_currency CHECK ((currency ~ '^[a-z]{3}$'::text))
);

--
-- Name: provider_profile; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.provider_profile (
    provider_user_id text NOT NULL COLLATE pg_catalog."C",
    time_zone text NOT NULL COLLATE pg_catalog."C",
    travel_buffer_minutes integer DEFAULT 0 NOT NULL,
    working_hours jsonb DEFAULT '{}'::jsonb NOT NULL,
    blackouts tstzmultirange DEFAULT '{}'::tstzmultirange NOT NULL,
    cancellation_policy text DEFAULT 'standard'::text NOT NULL COLLATE pg_catalog."C",
    stripe_account_id text COLLATE pg_catalog."C",
    payouts_enabled boolean DEFAULT false NOT NULL,
    strikes integer DEFAULT 0 NOT NULL,
    calendar_secret_hash bytea,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT provider_profile_buffer CHECK (((travel_buffer_minutes >= 0) AND (travel_buffer_minutes <= 1440))),
    CONSTRAINT provider_profile_hours CHECK ((jsonb_typeof(working_hours) = 'object'::text)),
    CONSTRAINT provider_profile_payouts CHECK (((NOT payouts_enabled) OR (stripe_account_id IS NOT NULL))),
    CONSTRAINT provider_profile_policy CHECK ((cancellation_policy = ANY (ARRAY['flexible'::text, 'standard'::text, 'strict'::text]))),
    CONSTRAINT provider_profile_strikes CHECK ((strikes >= 0)),
    CONSTRAINT provider_profile_time_zone CHECK ((time_zone ~ '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$'::text))
);

--
-- Name: rate; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.rate (
    rate_id text NOT NULL COLLATE pg_catalog."C",
    service_profile_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    code text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL,
    unit_cents integer NOT NULL,
    active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT rate_kind CHECK ((kind = ANY (ARRAY['extra'::text, 'travel'::text, 'license'::text]))),
    CONSTRAINT rate_travel_by_the_mile CHECK (((kind <> 'travel'::text) OR (code = 'mile'::text))),
    CONSTRAINT rate_unit CHECK ((unit_cents >= 0))
);

--
-- Name: refund; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.refund (
    refund_id text NOT NULL COLLATE pg_catalog."C",
    refund_set_id text NOT NULL COLLATE pg_catalog."C",
    order_id text NOT NULL COLLATE pg_catalog."C",
    payment_id text NOT NULL COLLATE pg_catalog."C",
    cause text NOT NULL COLLATE pg_catalog."C",
    cause_id text NOT NULL COLLATE pg_catalog."C",
    status text DEFAULT 'reserved'::text NOT NULL COLLATE pg_catalog."C",
    amount_cents integer NOT NULL,
    subtotal_cents integer DEFAULT 0 NOT NULL,
    platform_fee_cents integer DEFAULT 0 NOT NULL,
    tax_cents integer DEFAULT 0 NOT NULL,
    tip_cents integer DEFAULT 0 NOT NULL,
    credit_cents integer DEFAULT 0 NOT NULL,
    commission_cents integer DEFAULT 0 NOT NULL,
    fee_refundable boolean NOT NULL,
    currency text NOT NULL COLLATE pg_catalog."C",
    stripe_refund_id text COLLATE pg_catalog."C",
    failure_reason text COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    attempts integer DEFAULT 1 NOT NULL,
    reply_kind text COLLATE pg_catalog."C",
    settled_at timestamp with time zone,
    CONSTRAINT refund_amounts CHECK (((amount_cents >= 0) AND (subtotal_cents >= 0) AND (platform_fee_cents >= 0) AND (tax_cents >= 0) AND (tip_cents >= 0) AND (credit_cents >= 0) AND (commission_cents >= 0))),
    CONSTRAINT refund_attempts CHECK ((attempts > 0)),
    CONSTRAINT refund_cause CHECK ((cause = ANY (ARRAY['cancellation'::text, 'adjustment'::text, 'dispute'::text, 'support'::text, 'late_payment'::text, 'processor'::text]))),
    CONSTRAINT refund_currency CHECK ((currency ~ '^[a-z]{3}$'::text)),
    CONSTRAINT refund_failed CHECK (((status <> 'failed'::text) OR (failure_reason IS NOT NULL))),
    CONSTRAINT refund_kept_fee CHECK ((fee_refundable OR ((platform_fee_cents = 0) AND (tax_cents = 0) AND (credit_cents = 0)))),
    CONSTRAINT refund_parts CHECK ((amount_cents = ((((subtotal_cents)::bigint + platform_fee_cents) + tax_cents) + tip_cents))),
    CONSTRAINT refund_status CHECK ((status = ANY (ARRAY['reserved'::text, 'processing'::text, 'succeeded'::text, 'failed'::text, 'void'::text]))),
    CONSTRAINT refund_succeeded CHECK (((status <> 'succeeded'::text) OR ((settled_at IS NOT NULL) AND ((stripe_refund_id IS NOT NULL) OR (amount_cents = 0)))))
);

--
-- Name: refund_balance; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.refund_balance (
    order_id text NOT NULL COLLATE pg_catalog."C",
    charged_cents bigint DEFAULT 0 NOT NULL,
    refunded_cents bigint DEFAULT 0 NOT NULL,
    subtotal_cents bigint DEFAULT 0 NOT NULL,
    subtotal_returned_cents bigint DEFAULT 0 NOT NULL,
    fee_cents bigint DEFAULT 0 NOT NULL,
    fee_returned_cents bigint DEFAULT 0 NOT NULL,
    fee_forfeited_cents bigint DEFAULT 0 NOT NULL,
    credit_cents bigint DEFAULT 0 NOT NULL,
    credit_returned_cents bigint DEFAULT 0 NOT NULL,
    credit_forfeited_cents bigint DEFAULT 0 NOT NULL,
    tax_cents bigint DEFAULT 0 NOT NULL,
    tax_returned_cents bigint DEFAULT 0 NOT NULL,
    tax_forfeited_cents bigint DEFAULT 0 NOT NULL,
    commission_cents bigint DEFAULT 0 NOT NULL,
    commission_returned_cents bigint DEFAULT 0 NOT NULL,
    tip_cents bigint DEFAULT 0 NOT NULL,
    tip_returned_cents bigint DEFAULT 0 NOT NULL,
    withdrawn_cents bigint DEFAULT 0 NOT NULL,
    reinstated_cents bigint DEFAULT 0 NOT NULL,
    transferred_cents bigint DEFAULT 0 NOT NULL,
    reversed_cents bigint DEFAULT 0 NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    released_subtotal_cents bigint DEFAULT 0 NOT NULL,
    released_from timestamp with time zone,
    CONSTRAINT refund_balance_chargeback CHECK (((withdrawn_cents >= 0) AND ((reinstated_cents >= 0) AND (reinstated_cents <= withdrawn_cents)))),
    CONSTRAINT refund_balance_charged CHECK (((refunded_cents >= 0) AND (refunded_cents <= charged_cents))),
    CONSTRAINT refund_balance_commission CHECK (((commission_returned_cents >= 0) AND (commission_returned_cents <= commission_cents))),
    CONSTRAINT refund_balance_credit CHECK (((credit_returned_cents >= 0) AND (credit_forfeited_cents >= 0) AND ((credit_returned_cents + credit_forfeited_cents) <= credit_cents))),
    CONSTRAINT refund_balance_fee CHECK (((fee_returned_cents >= 0) AND (fee_forfeited_cents >= 0) AND ((fee_returned_cents + fee_forfeited_cents) <= fee_cents))),
    CONSTRAINT refund_balance_released CHECK (((released_subtotal_cents >= 0) AND (released_subtotal_cents <= subtotal_cents))),
    CONSTRAINT refund_balance_subtotal CHECK (((subtotal_returned_cents >= 0) AND (subtotal_returned_cents <= subtotal_cents))),
    CONSTRAINT refund_balance_tax CHECK (((tax_returned_cents >= 0) AND (tax_forfeited_cents >= 0) AND ((tax_returned_cents + tax_forfeited_cents) <= tax_cents))),
    CONSTRAINT refund_balance_tip CHECK (((tip_returned_cents >= 0) AND (tip_returned_cents <= tip_cents))),
    CONSTRAINT refund_balance_transfers CHECK (((transferred_cents >= 0) AND ((reversed_cents >= 0) AND (reversed_cents <= transferred_cents))))
);

--
-- Name: refund_line; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.refund_line (
    refund_set_id text NOT NULL COLLATE pg_catalog."C",
    order_id text NOT NULL COLLATE pg_catalog."C",
    "position" integer NOT NULL,
    amount_cents integer NOT NULL,
    CONSTRAINT refund_line_amount CHECK ((amount_cents > 0))
);

--
-- Name: request; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.request (
    request_id text NOT NULL COLLATE pg_catalog."C",
    mode booking.booking_mode NOT NULL,
    order_id text NOT NULL COLLATE pg_catalog."C",
    buyer_user_id text NOT NULL COLLATE pg_catalog."C",
    provider_user_id text NOT NULL COLLATE pg_catalog."C",
    status text NOT NULL,
    message text,
    expires_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    offered_by text NOT NULL COLLATE pg_catalog."C",
    round integer DEFAULT 0 NOT NULL,
    supersedes_request_id text COLLATE pg_catalog."C",
    total_cents integer NOT NULL,
    lines jsonb,
    start_ts timestamp with time zone,
    end_ts timestamp with time zone,
    shown_at timestamp with time zone,
    answered_at timestamp with time zone,
    answer_reason text,
    capture_before timestamp with time zone,
    CONSTRAINT request_answered CHECK (((status = 'pending'::text) = (answered_at IS NULL))),
    CONSTRAINT request_expiry CHECK (((status <> 'pending'::text) OR (expires_at IS NOT NULL))),
    CONSTRAINT request_lines CHECK ((jsonb_typeof(lines) = 'array'::text)),
    CONSTRAINT request_not_its_own CHECK ((supersedes_request_id <> request_id)),
    CONSTRAINT request_offered_by CHECK ((offered_by = ANY (ARRAY['buyer'::text, 'provider'::text]))),
    CONSTRAINT request_round CHECK (((round >= 0) AND (round <= 6))),
    CONSTRAINT request_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'accepted'::text, 'declined'::text, 'countered'::text, 'expired'::text]))),
    CONSTRAINT request_times CHECK ((((start_ts IS NULL) = (end_ts IS NULL)) AND (end_ts > start_ts))),
    CONSTRAINT request_total CHECK ((total_cents >= 0)),
    CONSTRAINT request_two_parties CHECK ((buyer_user_id <> provider_user_id))
);

--
-- Name: reschedule; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.reschedule (
    reschedule_id text NOT NULL COLLATE pg_catalog."C",
    order_id text NOT NULL COLLATE pg_catalog."C",
    proposed_side text NOT NULL COLLATE pg_catalog."C",
    status text DEFAULT 'pending'::text NOT NULL COLLATE pg_catalog."C",
    start_ts timestamp with time zone NOT NULL,
    end_ts timestamp with time zone NOT NULL,
    busy_to timestamp with time zone NOT NULL,
    subtotal_change_cents integer NOT NULL,
    total_cents bigint NOT NULL,
    payment_method_id text COLLATE pg_catalog."C",
    expires_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT reschedule_answered CHECK (((status = 'pending'::text) = (answered_at IS NULL))),
    CONSTRAINT reschedule_proposed_side CHECK ((proposed_side = ANY (ARRAY['buyer'::text, 'provider'::text]))),
    CONSTRAINT reschedule_status CHECK ((status = ANY (ARRAY['pending'::text, 'accepted'::text, 'declined'::text, 'expired'::text]))),
    CONSTRAINT reschedule_times CHECK (((end_ts > start_ts) AND (busy_to >= end_ts))),
    CONSTRAINT reschedule_total CHECK ((total_cents >= 0))
);

--
-- Name: service_profile; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.service_profile (
    service_profile_id text NOT NULL COLLATE pg_catalog."C",
    provider_user_id text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL,
    city text NOT NULL COLLATE pg_catalog."C",
    hourly_cents integer NOT NULL,
    currency text DEFAULT 'usd'::text NOT NULL COLLATE pg_catalog."C",
    active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT service_profile_city CHECK ((city ~ '^[a-z][a-z0-9-]{1,63}$'::text)),
    CONSTRAINT service_profile_currency CHECK ((currency ~ '^[a-z]{3}$'::text)),
    CONSTRAINT service_profile_hourly CHECK ((hourly_cents > 0)),
    CONSTRAINT service_profile_title CHECK (((char_length(title) >= 1) AND (char_length(title) <= 200)))
);

--
-- Name: transfer; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.transfer (
    transfer_id text NOT NULL COLLATE pg_catalog."C",
    order_id text NOT NULL COLLATE pg_catalog."C",
    payment_id text NOT NULL COLLATE pg_catalog."C",
    milestone_id text COLLATE pg_catalog."C",
    provider_user_id text NOT NULL COLLATE pg_catalog."C",
    status text DEFAULT 'pending'::text NOT NULL COLLATE pg_catalog."C",
    amount_cents integer NOT NULL,
    reversed_cents integer DEFAULT 0 NOT NULL,
    currency text NOT NULL COLLATE pg_catalog."C",
    stripe_transfer_id text COLLATE pg_catalog."C",
    failure_reason text COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT transfer_amounts CHECK (((amount_cents > 0) AND ((reversed_cents >= 0) AND (reversed_cents <= amount_cents)))),
    CONSTRAINT transfer_currency CHECK ((currency ~ '^[a-z]{3}$'::text)),
    CONSTRAINT transfer_failed CHECK (((status <> 'failed'::text) OR (failure_reason IS NOT NULL))),
    CONSTRAINT transfer_settled CHECK (((status <> 'succeeded'::text) OR (settled_at IS NOT NULL))),
    CONSTRAINT transfer_status CHECK ((status = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text]))),
    CONSTRAINT transfer_succeeded CHECK (((status <> 'succeeded'::text) OR (stripe_transfer_id IS NOT NULL)))
);

--
-- Name: transfer_reversal; Type: TABLE; Schema: booking; Owner: -
--

CREATE TABLE booking.transfer_reversal (
    reversal_id text NOT NULL COLLATE pg_catalog."C",
    transfer_id text NOT NULL COLLATE pg_catalog."C",
    refund_id text COLLATE pg_catalog."C",
    status text DEFAULT 'pending'::text NOT NULL COLLATE pg_catalog."C",
    amount_cents integer NOT NULL,
    stripe_reversal_id text COLLATE pg_catalog."C",
    failure_reason text COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    debt_id text COLLATE pg_catalog."C",
    settled_at timestamp with time zone,
    CONSTRAINT transfer_reversal_amount CHECK ((amount_cents > 0)),
    CONSTRAINT transfer_reversal_failed CHECK (((status <> 'failed'::text) OR (failure_reason IS NOT NULL))),
    CONSTRAINT transfer_reversal_settled CHECK (((status <> 'succeeded'::text) OR (settled_at IS NOT NULL))),
    CONSTRAINT transfer_reversal_status CHECK ((status = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text]))),
    CONSTRAINT transfer_reversal_succeeded CHECK (((status <> 'succeeded'::text) OR (stripe_reversal_id IS NOT NULL)))
);

--
-- Name: cron; Type: TABLE; Schema: core; Owner: -
--

CREATE TABLE core.cron (
    name text NOT NULL COLLATE pg_catalog."C",
    last_slot timestamp with time zone NOT NULL
);

--
-- Name: idempotency_key; Type: TABLE; Schema: core; Owner: -
--

CREATE TABLE core.idempotency_key (
    principal text NOT NULL COLLATE pg_catalog."C",
    method text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    request_hash bytea NOT NULL,
    response bytea,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT idempotency_key_expiry CHECK ((expires_at > created_at)),
    CONSTRAINT idempotency_key_hash CHECK ((octet_length(request_hash) = 32))
);

--
-- Name: job; Type: TABLE; Schema: core; Owner: -
--

CREATE TABLE core.job (
    job_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    payload jsonb DEFAULT '{}'::jsonb NOT NULL,
    run_at timestamp with time zone NOT NULL,
    status text DEFAULT 'queued'::text NOT NULL COLLATE pg_catalog."C",
    attempts integer DEFAULT 0 NOT NULL,
    claims integer DEFAULT 0 NOT NULL,
    lease_until timestamp with time zone,
    last_error text,
    correlation_id text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT job_counts CHECK (((attempts >= 0) AND (claims >= 0))),
    CONSTRAINT job_done_has_end CHECK (((status <> 'done'::text) OR (finished_at IS NOT NULL))),
    CONSTRAINT job_payload_object CHECK ((jsonb_typeof(payload) = 'object'::text)),
    CONSTRAINT job_running_has_lease CHECK (((status <> 'running'::text) OR (lease_until IS NOT NULL))),
    CONSTRAINT job_status CHECK ((status = ANY (ARRAY['queued'::text, 'running'::text, 'held'::text, 'done'::text])))
);

--
-- Name: outbox; Type: TABLE; Schema: core; Owner: -
--

CREATE TABLE core.outbox (
    seq bigint NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    topic text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    payload bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT outbox_version CHECK ((version > 0))
);

--
-- Name: outbox_seq_seq; Type: SEQUENCE; Schema: core; Owner: -
--

ALTER TABLE core.outbox ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME core.outbox_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: erasure; Type: TABLE; Schema: directory; Owner: -
--

CREATE TABLE directory.erasure (
    user_id_hash bytea NOT NULL,
    pseudonym text NOT NULL COLLATE pg_catalog."C",
    requested_by text NOT NULL COLLATE pg_catalog."C",
    erased_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT erasure_hash CHECK ((octet_length(user_id_hash) = 32)),
    CONSTRAINT erasure_pseudonym CHECK ((pseudonym ~ '^usr_[0-9a-z]{1,60}$'::text))
);

--
-- Name: personal_column; Type: TABLE; Schema: directory; Owner: -
--

CREATE TABLE directory.personal_column (
    relation text NOT NULL COLLATE pg_catalog."C",
    column_name text NOT NULL COLLATE pg_catalog."C",
    treatment text NOT NULL COLLATE pg_catalog."C",
    owner_column text COLLATE pg_catalog."C",
    CONSTRAINT personal_column_owner CHECK (((treatment = ANY (ARRAY['overwrite'::text, 'clear'::text])) = (owner_column IS NOT NULL))),
    CONSTRAINT personal_column_treatment CHECK ((treatment = ANY (ARRAY['replace'::text, 'replace_element'::text, 'follows'::text, 'overwrite'::text, 'clear'::text])))
);

--
-- Name: COLUMN personal_column.treatment; Type: COMMENT; Schema: directory; Owner: -
--

COMMENT ON COLUMN directory.personal_column.treatment IS 'replace: the id by the pseudonym; replace_element: the same in an array; follows: its foreign key does it; overwrite: whatever stands in the person''s row, by the pseudonym; clear: the same, by null';

--
-- Name: user_profile; Type: TABLE; Schema: directory; Owner: -
--

CREATE TABLE directory.user_profile (
    user_id text NOT NULL COLLATE pg_catalog."C",
    email_ciphertext bytea,
    email_hash bytea,
    kinds text[] NOT NULL,
    time_zone text NOT NULL COLLATE pg_catalog."C",
    locale text DEFAULT 'en'::text NOT NULL COLLATE pg_catalog."C",
    nsfw_preference integer DEFAULT 0 NOT NULL,
    erased_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT user_profile_email_hash CHECK ((octet_length(email_hash) = 32)),
    CONSTRAINT user_profile_email_whole CHECK (((email_ciphertext IS NULL) = (email_hash IS NULL))),
    CONSTRAINT user_profile_erased CHECK (((erased_at IS NULL) = (email_hash IS NOT NULL))),
    CONSTRAINT user_profile_id CHECK ((user_id ~ '^usr_[0-9a-z]{1,60}$'::text)),
    CONSTRAINT user_profile_kinds CHECK (((kinds <@ ARRAY['buyer'::text, 'provider'::text]) AND ((cardinality(kinds) >= 1) AND (cardinality(kinds) <= 2)))),
    CONSTRAINT user_profile_locale CHECK ((locale ~ '^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$'::text)),
    CONSTRAINT user_profile_nsfw CHECK (((nsfw_preference >= 0) AND (nsfw_preference <= 2))),
    CONSTRAINT user_profile_time_zone CHECK ((time_zone ~ '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$'::text))
);

--
-- Name: customer; Type: TABLE; Schema: payments; Owner: -
--

CREATE TABLE payments.customer (
    user_id text NOT NULL COLLATE pg_catalog."C",
    processor text DEFAULT 'stripe'::text NOT NULL COLLATE pg_catalog."C",
    stripe_customer_id text NOT NULL COLLATE pg_catalog."C",
    default_payment_method_id text COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT customer_processor CHECK ((processor = 'stripe'::text))
);

--
-- Name: object_owner; Type: TABLE; Schema: payments; Owner: -
--

CREATE TABLE payments.object_owner (
    object_id text NOT NULL COLLATE pg_catalog."C",
    slice text NOT NULL COLLATE pg_catalog."C",
    owner_kind text NOT NULL COLLATE pg_catalog."C",
    owner_id text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT object_owner_slice CHECK ((slice = ANY (ARRAY['booking'::text, 'growth'::text, 'promo'::text, 'support'::text, 'payments'::text])))
);

--
-- Name: payment_method; Type: TABLE; Schema: payments; Owner: -
--

CREATE TABLE payments.payment_method (
    payment_method_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    brand text NOT NULL,
    last4 text NOT NULL COLLATE pg_catalog."C",
    exp_month integer NOT NULL,
    exp_year integer NOT NULL,
    fingerprint_hash bytea,
    detached_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT payment_method_expiry CHECK ((((exp_month >= 1) AND (exp_month <= 12)) AND ((exp_year >= 2000) AND (exp_year <= 9999)))),
    CONSTRAINT payment_method_fingerprint CHECK ((octet_length(fingerprint_hash) = 32)),
    CONSTRAINT payment_method_last4 CHECK ((last4 ~ '^[0-9]{4}$'::text))
);

--
-- Name: stripe_call; Type: TABLE; Schema: payments; Owner: -
--

CREATE TABLE payments.stripe_call (
    call_id text NOT NULL COLLATE pg_catalog."C",
    idempotency_key text NOT NULL COLLATE pg_catalog."C",
    method text NOT NULL COLLATE pg_catalog."C",
    params_hash bytea NOT NULL,
    params jsonb NOT NULL,
    owner_kind text NOT NULL COLLATE pg_catalog."C",
    owner_id text NOT NULL COLLATE pg_catalog."C",
    status text DEFAULT 'pending'::text NOT NULL COLLATE pg_catalog."C",
    outcome jsonb,
    error_code text COLLATE pg_catalog."C",
    attempts integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    slice text NOT NULL COLLATE pg_catalog."C",
    reply_kind text COLLATE pg_catalog."C",
    generation integer DEFAULT 1 NOT NULL,
    key_since timestamp with time zone DEFAULT now() NOT NULL,
    failure jsonb,
    CONSTRAINT stripe_call_attempts CHECK ((attempts >= 0)),
    CONSTRAINT stripe_call_error CHECK (((status <> 'failed'::text) OR (error_code IS NOT NULL))),
    CONSTRAINT stripe_call_failure CHECK ((jsonb_typeof(failure) = 'object'::text)),
    CONSTRAINT stripe_call_generation CHECK ((generation >= 1)),
    CONSTRAINT stripe_call_hash CHECK ((octet_length(params_hash) = 32)),
    CONSTRAINT stripe_call_key_length CHECK ((length(idempotency_key) <= 200)),
    CONSTRAINT stripe_call_outcome CHECK (((status <> 'succeeded'::text) OR (outcome IS NOT NULL))),
    CONSTRAINT stripe_call_params CHECK ((jsonb_typeof(params) = 'object'::text)),
    CONSTRAINT stripe_call_slice CHECK ((slice = ANY (ARRAY['booking'::text, 'growth'::text, 'promo'::text, 'support'::text, 'payments'::text]))),
    CONSTRAINT stripe_call_status CHECK ((status = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text, 'unknown'::text])))
);

--
-- Name: webhook_event; Type: TABLE; Schema: payments; Owner: -
--

CREATE TABLE payments.webhook_event (
    event_id text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL COLLATE pg_catalog."C",
    api_version text COLLATE pg_catalog."C",
    livemode boolean NOT NULL,
    payload jsonb NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    status text DEFAULT 'received'::text NOT NULL COLLATE pg_catalog."C",
    attempts integer DEFAULT 0 NOT NULL,
    reason text,
    handled_at timestamp with time zone,
    CONSTRAINT webhook_event_attempts CHECK ((attempts >= 0)),
    CONSTRAINT webhook_event_handled CHECK (((status <> 'handled'::text) OR (handled_at IS NOT NULL))),
    CONSTRAINT webhook_event_payload CHECK ((jsonb_typeof(payload) = 'object'::text)),
    CONSTRAINT webhook_event_reason CHECK (((status <> ALL (ARRAY['parked'::text, 'ignored'::text])) OR (reason IS NOT NULL))),
    CONSTRAINT webhook_event_status CHECK ((status = ANY (ARRAY['received'::text, 'handled'::text, 'parked'::text, 'ignored'::text])))
);

--
-- Name: calendar; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.calendar (
    calendar_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    time_zone text NOT NULL COLLATE pg_catalog."C",
    intervals jsonb NOT NULL,
    holidays date[] DEFAULT '{}'::date[] NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT calendar_intervals CHECK ((jsonb_typeof(intervals) = 'object'::text)),
    CONSTRAINT calendar_time_zone CHECK ((time_zone ~ '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$'::text)),
    CONSTRAINT calendar_version CHECK ((version > 0))
);

--
-- Name: credit_account; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.credit_account (
    user_id text NOT NULL COLLATE pg_catalog."C",
    balance_cents bigint DEFAULT 0 NOT NULL,
    currency text DEFAULT 'USD'::text NOT NULL COLLATE pg_catalog."C",
    sequence bigint DEFAULT 0 NOT NULL,
    hash bytea DEFAULT '\x'::bytea NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT credit_account_balance CHECK ((balance_cents >= 0)),
    CONSTRAINT credit_account_currency CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT credit_account_sequence CHECK ((sequence >= 0))
);

--
-- Name: credit_debt; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.credit_debt (
    debt_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    related_id text NOT NULL COLLATE pg_catalog."C",
    amount_cents integer NOT NULL,
    paid_cents integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT credit_debt_amounts CHECK (((amount_cents > 0) AND ((paid_cents >= 0) AND (paid_cents <= amount_cents))))
);

--
-- Name: credit_grant; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.credit_grant (
    grant_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    entry_id text NOT NULL COLLATE pg_catalog."C",
    amount_cents integer NOT NULL,
    remaining_cents integer NOT NULL,
    expires_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    scope text DEFAULT 'buyer_fee_only'::text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT credit_grant_amounts CHECK (((amount_cents > 0) AND ((remaining_cents >= 0) AND (remaining_cents <= amount_cents)))),
    CONSTRAINT credit_grant_scope CHECK ((scope = ANY (ARRAY['buyer_fee_only'::text, 'order_total'::text])))
);

--
-- Name: credit_ledger; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.credit_ledger (
    entry_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    program_id text COLLATE pg_catalog."C",
    amount_cents integer NOT NULL,
    currency text DEFAULT 'USD'::text NOT NULL,
    reason text NOT NULL,
    related_id text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    sequence bigint NOT NULL,
    reverses_entry_id text COLLATE pg_catalog."C",
    debt_id text COLLATE pg_catalog."C",
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT credit_ledger_amount CHECK ((amount_cents > 0)),
    CONSTRAINT credit_ledger_currency CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT credit_ledger_debt CHECK (((debt_id IS NULL) OR (kind = 'clawback'::text))),
    CONSTRAINT credit_ledger_kind_check CHECK ((kind = ANY (ARRAY['award'::text, 'clawback'::text, 'redeem'::text]))),
    CONSTRAINT credit_ledger_reversal CHECK (((reverses_entry_id IS NULL) OR (kind = 'award'::text))),
    CONSTRAINT credit_ledger_sequence CHECK ((sequence > 0))
);

--
-- Name: credit_redemption; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.credit_redemption (
    entry_id text NOT NULL COLLATE pg_catalog."C",
    grant_id text NOT NULL COLLATE pg_catalog."C",
    amount_cents integer NOT NULL,
    restored_cents integer DEFAULT 0 NOT NULL,
    CONSTRAINT credit_redemption_amounts CHECK (((amount_cents > 0) AND ((restored_cents >= 0) AND (restored_cents <= amount_cents))))
);

--
-- Name: dmca_notice; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.dmca_notice (
    notice_id text NOT NULL COLLATE pg_catalog."C",
    case_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    content_id text NOT NULL COLLATE pg_catalog."C",
    respondent_user_id text NOT NULL COLLATE pg_catalog."C",
    elements jsonb NOT NULL,
    parties_ciphertext bytea NOT NULL,
    received_at timestamp with time zone NOT NULL,
    complete_at timestamp with time zone,
    copied_at timestamp with time zone,
    restore_from timestamp with time zone,
    restore_until timestamp with time zone,
    court_action_at timestamp with time zone,
    restored_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT dmca_notice_elements CHECK ((jsonb_typeof(elements) = 'object'::text)),
    CONSTRAINT dmca_notice_kind CHECK ((kind = ANY (ARRAY['notice'::text, 'counter_notice'::text]))),
    CONSTRAINT dmca_notice_restored CHECK (((restored_at IS NULL) OR (court_action_at IS NULL))),
    CONSTRAINT dmca_notice_window CHECK ((((restore_from IS NULL) = (restore_until IS NULL)) AND (restore_from <= restore_until)))
);

--
-- Name: evidence_object; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.evidence_object (
    evidence_id text NOT NULL COLLATE pg_catalog."C",
    case_id text NOT NULL COLLATE pg_catalog."C",
    uploaded_by text NOT NULL COLLATE pg_catalog."C",
    status text DEFAULT 'awaiting_upload'::text NOT NULL COLLATE pg_catalog."C",
    quarantine_key text NOT NULL COLLATE pg_catalog."C",
    s3_key text COLLATE pg_catalog."C",
    version_id text COLLATE pg_catalog."C",
    sha256 bytea NOT NULL,
    bytes bigint NOT NULL,
    mime text NOT NULL COLLATE pg_catalog."C",
    retention_until timestamp with time zone,
    legal_hold boolean DEFAULT false NOT NULL,
    rejected_reason text,
    upload_expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    stored_at timestamp with time zone,
    CONSTRAINT evidence_object_bytes CHECK ((bytes > 0)),
    CONSTRAINT evidence_object_rejected CHECK (((status <> 'rejected'::text) OR (rejected_reason IS NOT NULL))),
    CONSTRAINT evidence_object_sha256 CHECK ((octet_length(sha256) = 32)),
    CONSTRAINT evidence_object_status CHECK ((status = ANY (ARRAY['awaiting_upload'::text, 'stored'::text, 'rejected'::text, 'abandoned'::text]))),
    CONSTRAINT evidence_object_stored CHECK (((status = 'stored'::text) = (num_nulls(s3_key, version_id, retention_until, stored_at) = 0)))
);

--
-- Name: feed_post; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.feed_post (
    feed_id text NOT NULL COLLATE pg_catalog."C",
    author_id text NOT NULL COLLATE pg_catalog."C",
    role_tags text[] NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    body_md text,
    media_preview jsonb DEFAULT '[]'::jsonb NOT NULL,
    nsfw_band integer DEFAULT 0 NOT NULL,
    city text,
    verified_chip boolean DEFAULT false NOT NULL,
    is_published boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    published_at timestamp with time zone,
    hidden_by_case text COLLATE pg_catalog."C",
    starts_on date,
    ends_on date,
    studio_id text COLLATE pg_catalog."C",
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT feed_post_band CHECK (((nsfw_band >= 0) AND (nsfw_band <= 2))),
    CONSTRAINT feed_post_dates CHECK ((ends_on >= starts_on)),
    CONSTRAINT feed_post_in_studio CHECK (((NOT is_published) OR (kind <> 'studio_slot'::text) OR (studio_id IS NOT NULL))),
    CONSTRAINT feed_post_kind_check CHECK ((kind = ANY (ARRAY['case_study'::text, 'availability'::text, 'touring'::text, 'studio_slot'::text, 'influence'::text]))),
    CONSTRAINT feed_post_media CHECK ((jsonb_typeof(media_preview) = 'array'::text)),
    CONSTRAINT feed_post_on_the_road CHECK (((NOT is_published) OR (kind <> ALL (ARRAY['availability'::text, 'touring'::text])) OR (num_nulls(city, starts_on, ends_on) = 0))),
    CONSTRAINT feed_post_published CHECK (((NOT is_published) OR (published_at IS NOT NULL))),
    CONSTRAINT feed_post_version CHECK ((version > 0))
);

--
-- Name: follow; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.follow (
    follower_user_id text NOT NULL COLLATE pg_catalog."C",
    target_id text NOT NULL COLLATE pg_catalog."C",
    target_kind text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT follow_not_oneself CHECK ((follower_user_id <> target_id)),
    CONSTRAINT follow_target_kind_check CHECK ((target_kind = ANY (ARRAY['service_profile'::text, 'fansub_creator'::text])))
);

--
-- Name: mail_suppression; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.mail_suppression (
    user_id text NOT NULL COLLATE pg_catalog."C",
    topic text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT mail_suppression_reason CHECK ((reason = ANY (ARRAY['unsubscribed'::text, 'bounced'::text, 'complained'::text])))
);

--
-- Name: notification; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.notification (
    notification_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    related_id text NOT NULL COLLATE pg_catalog."C",
    payload jsonb DEFAULT '{}'::jsonb NOT NULL,
    read_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT notification_payload CHECK ((jsonb_typeof(payload) = 'object'::text))
);

--
-- Name: payout_hold; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.payout_hold (
    hold_id text NOT NULL COLLATE pg_catalog."C",
    case_id text NOT NULL COLLATE pg_catalog."C",
    leg_id text COLLATE pg_catalog."C",
    order_id text COLLATE pg_catalog."C",
    amount_cents integer NOT NULL,
    status text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    applied_by text NOT NULL COLLATE pg_catalog."C",
    released_reason text COLLATE pg_catalog."C",
    released_at timestamp with time zone,
    warned_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT payout_hold_amount CHECK ((amount_cents > 0)),
    CONSTRAINT payout_hold_expiry CHECK ((expires_at > created_at)),
    CONSTRAINT payout_hold_reason CHECK ((released_reason = ANY (ARRAY['cleared'::text, 'consumed'::text]))),
    CONSTRAINT payout_hold_released CHECK ((((status = 'released'::text) = (released_reason IS NOT NULL)) AND ((status = 'applied'::text) = (released_at IS NULL)))),
    CONSTRAINT payout_hold_status_check CHECK ((status = ANY (ARRAY['applied'::text, 'released'::text, 'expired'::text]))),
    CONSTRAINT payout_hold_target CHECK ((num_nonnulls(leg_id, order_id) = 1))
);

--
-- Name: processor_dispute; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.processor_dispute (
    processor_dispute_id text NOT NULL COLLATE pg_catalog."C",
    case_id text NOT NULL COLLATE pg_catalog."C",
    leg_id text COLLATE pg_catalog."C",
    stripe_charge_id text NOT NULL COLLATE pg_catalog."C",
    amount_cents integer NOT NULL,
    currency text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    status text NOT NULL COLLATE pg_catalog."C",
    charge_refundable boolean DEFAULT false NOT NULL,
    withdrawn_cents integer DEFAULT 0 NOT NULL,
    reinstated_cents integer DEFAULT 0 NOT NULL,
    due_by timestamp with time zone,
    draft jsonb,
    submitted_at timestamp with time zone,
    submitted_by text COLLATE pg_catalog."C",
    accepted_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT processor_dispute_amounts CHECK (((amount_cents > 0) AND (withdrawn_cents >= 0) AND (reinstated_cents >= 0))),
    CONSTRAINT processor_dispute_answer CHECK (((submitted_at IS NULL) OR (accepted_at IS NULL))),
    CONSTRAINT processor_dispute_currency CHECK ((currency ~ '^[a-z]{3}$'::text)),
    CONSTRAINT processor_dispute_draft CHECK ((jsonb_typeof(draft) = 'object'::text)),
    CONSTRAINT processor_dispute_submitted CHECK (((submitted_at IS NULL) = (submitted_by IS NULL)))
);

--
-- Name: promo_adjustment; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_adjustment (
    adjustment_id text NOT NULL COLLATE pg_catalog."C",
    campaign_id text NOT NULL COLLATE pg_catalog."C",
    promo_cents integer NOT NULL,
    cash_cents integer NOT NULL,
    reason text NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    proposed_by text NOT NULL COLLATE pg_catalog."C",
    proposed_at timestamp with time zone NOT NULL,
    approved_by text COLLATE pg_catalog."C",
    approved_at timestamp with time zone,
    CONSTRAINT promo_adjustment_amount CHECK (((((promo_cents)::bigint + cash_cents) <> 0) AND ((sign((promo_cents)::double precision) * sign((cash_cents)::double precision)) >= (0)::double precision))),
    CONSTRAINT promo_adjustment_approved CHECK ((((status = 'approved'::text) = (approved_by IS NOT NULL)) AND ((approved_by IS NULL) = (approved_at IS NULL)))),
    CONSTRAINT promo_adjustment_four_eyes CHECK ((approved_by <> proposed_by)),
    CONSTRAINT promo_adjustment_status CHECK ((status = ANY (ARRAY['proposed'::text, 'approved'::text])))
);

--
-- Name: promo_advertiser; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_advertiser (
    advertiser_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    default_payment_id text,
    status text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    suspended_reason text DEFAULT ''::text NOT NULL,
    CONSTRAINT promo_advertiser_status_check CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text, 'suspended'::text]))),
    CONSTRAINT promo_advertiser_suspended CHECK (((status = 'suspended'::text) = (suspended_reason <> ''::text))),
    CONSTRAINT promo_advertiser_version CHECK ((version > 0))
);

--
-- Name: promo_advertiser_device; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_advertiser_device (
    advertiser_id text NOT NULL COLLATE pg_catalog."C",
    device_hash text NOT NULL COLLATE pg_catalog."C",
    last_seen_at timestamp with time zone NOT NULL
);

--
-- Name: promo_attributed_order; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_attributed_order (
    order_id text NOT NULL COLLATE pg_catalog."C",
    campaign_id text NOT NULL COLLATE pg_catalog."C",
    impression_id text NOT NULL COLLATE pg_catalog."C",
    ordered_at timestamp with time zone NOT NULL
);

--
-- Name: promo_budget_ledger; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_budget_ledger (
    entry_id text NOT NULL COLLATE pg_catalog."C",
    campaign_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    amount_cents integer NOT NULL,
    processor text,
    processor_ref text COLLATE pg_catalog."C",
    reason text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    chain text NOT NULL COLLATE pg_catalog."C",
    sequence bigint NOT NULL,
    promo_cents integer NOT NULL,
    cash_cents integer NOT NULL,
    click_key text COLLATE pg_catalog."C",
    budget_day date,
    credit_source text COLLATE pg_catalog."C",
    reverses_entry_id text COLLATE pg_catalog."C",
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT promo_budget_ledger_chain CHECK ((chain =
CASE
    WHEN (amount_cents < 0) THEN 'spend'::text
    ELSE 'funding'::text
END)),
    CONSTRAINT promo_budget_ledger_credit CHECK (((kind = 'credit'::text) = (credit_source IS NOT NULL))),
    CONSTRAINT promo_budget_ledger_credit_source CHECK ((credit_source = ANY (ARRAY['grant'::text, 'invalid_click'::text, 'goodwill'::text]))),
    CONSTRAINT promo_budget_ledger_kind_check CHECK ((kind = ANY (ARRAY['topup'::text, 'spend'::text, 'credit'::text, 'adjustment'::text]))),
    CONSTRAINT promo_budget_ledger_processor CHECK ((processor = 'stripe'::text)),
    CONSTRAINT promo_budget_ledger_reversal CHECK (((credit_source <> 'invalid_click'::text) OR (reverses_entry_id IS NOT NULL))),
    CONSTRAINT promo_budget_ledger_reverses CHECK (((reverses_entry_id IS NULL) OR (kind = ANY (ARRAY['credit'::text, 'adjustment'::text])))),
    CONSTRAINT promo_budget_ledger_sequence CHECK ((sequence > 0)),
    CONSTRAINT promo_budget_ledger_sign CHECK (
CASE kind
    WHEN 'spend'::text THEN (amount_cents < 0)
    WHEN 'adjustment'::text THEN (amount_cents <> 0)
    ELSE (amount_cents > 0)
END),
    CONSTRAINT promo_budget_ledger_spend CHECK (((kind <> 'spend'::text) OR (num_nulls(click_key, budget_day) = 0))),
    CONSTRAINT promo_budget_ledger_split CHECK (((amount_cents = ((promo_cents)::bigint + cash_cents)) AND ((sign((promo_cents)::double precision) * sign((amount_cents)::double precision)) >= (0)::double precision) AND ((sign((cash_cents)::double precision) * sign((amount_cents)::double precision)) >= (0)::double precision))),
    CONSTRAINT promo_budget_ledger_topup CHECK (((kind <> 'topup'::text) OR ((num_nulls(processor, processor_ref) = 0) AND (promo_cents = 0))))
);

--
-- Name: promo_campaign; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_campaign (
    campaign_id text NOT NULL COLLATE pg_catalog."C",
    advertiser_id text NOT NULL COLLATE pg_catalog."C",
    target_entity_type text NOT NULL,
    target_entity_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    surface text NOT NULL,
    format text NOT NULL,
    city_targets text[] NOT NULL,
    keyword_targets text[] DEFAULT '{}'::text[],
    status text NOT NULL,
    start_date date NOT NULL,
    end_date date,
    cpc_cents integer NOT NULL,
    daily_budget_cents integer NOT NULL,
    total_budget_cents integer,
    pacing_mode text DEFAULT 'even'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    role_targets text[] DEFAULT '{}'::text[] NOT NULL,
    negative_keyword_targets text[] DEFAULT '{}'::text[] NOT NULL,
    hours_of_week integer[],
    total_budget_mode text NOT NULL COLLATE pg_catalog."C",
    time_zone text NOT NULL COLLATE pg_catalog."C",
    version bigint DEFAULT 1 NOT NULL,
    limits_version bigint DEFAULT 1 NOT NULL,
    status_before_suspension text COLLATE pg_catalog."C",
    suspended_reason text,
    activated_at timestamp with time zone,
    auto_topup_below_cents integer,
    auto_topup_cents integer,
    CONSTRAINT promo_campaign_activated CHECK (((status <> 'active'::text) OR (activated_at IS NOT NULL))),
    CONSTRAINT promo_campaign_amounts CHECK (((cpc_cents > 0) AND (daily_budget_cents > 0) AND (total_budget_cents > 0))),
    CONSTRAINT promo_campaign_auto_topup CHECK ((((auto_topup_below_cents IS NULL) = (auto_topup_cents IS NULL)) AND (auto_topup_below_cents >= 0) AND (auto_topup_cents > 0))),
    CONSTRAINT promo_campaign_before_suspension CHECK ((status_before_suspension = ANY (ARRAY['draft'::text, 'active'::text, 'paused'::text]))),
    CONSTRAINT promo_campaign_cities CHECK ((cardinality(city_targets) > 0)),
    CONSTRAINT promo_campaign_dates CHECK ((end_date >= start_date)),
    CONSTRAINT promo_campaign_format_check CHECK ((format = ANY (ARRAY['featured'::text, 'boosted'::text]))),
    CONSTRAINT promo_campaign_hours CHECK (((0 <= ALL (hours_of_week)) AND (167 >= ALL (hours_of_week)))),
    CONSTRAINT promo_campaign_pacing_mode_check CHECK ((pacing_mode = ANY (ARRAY['even'::text, 'accelerated'::text]))),
    CONSTRAINT promo_campaign_roles CHECK (((surface = 'people_search'::text) = (cardinality(role_targets) > 0))),
    CONSTRAINT promo_campaign_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'active'::text, 'paused'::text, 'ended'::text, 'suspended'::text]))),
    CONSTRAINT promo_campaign_surface_check CHECK ((surface = ANY (ARRAY['people_search'::text, 'studio_search'::text]))),
    CONSTRAINT promo_campaign_suspended CHECK (((status = 'suspended'::text) = (status_before_suspension IS NOT NULL))),
    CONSTRAINT promo_campaign_target CHECK (((surface = 'people_search'::text) = (target_entity_type = 'service_profile'::text))),
    CONSTRAINT promo_campaign_target_entity_type_check CHECK ((target_entity_type = ANY (ARRAY['service_profile'::text, 'studio'::text]))),
    CONSTRAINT promo_campaign_time_zone CHECK ((time_zone ~ '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$'::text)),
    CONSTRAINT promo_campaign_total CHECK (((total_budget_mode = 'capped'::text) = (total_budget_cents IS NOT NULL))),
    CONSTRAINT promo_campaign_total_mode CHECK ((total_budget_mode = ANY (ARRAY['capped'::text, 'unlimited'::text]))),
    CONSTRAINT promo_campaign_versions CHECK (((version > 0) AND (limits_version > 0)))
);

--
-- Name: promo_campaign_event; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_campaign_event (
    campaign_id text NOT NULL COLLATE pg_catalog."C",
    sequence bigint NOT NULL,
    event text NOT NULL COLLATE pg_catalog."C",
    from_status text COLLATE pg_catalog."C",
    to_status text NOT NULL COLLATE pg_catalog."C",
    actor_kind text NOT NULL COLLATE pg_catalog."C",
    actor_user_id text COLLATE pg_catalog."C",
    reason text DEFAULT ''::text NOT NULL,
    correlation_id text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT promo_campaign_event_actor CHECK (((actor_kind = 'system'::text) = (actor_user_id IS NULL))),
    CONSTRAINT promo_campaign_event_actor_kind CHECK ((actor_kind = ANY (ARRAY['advertiser'::text, 'staff'::text, 'system'::text]))),
    CONSTRAINT promo_campaign_event_first CHECK (((sequence = 1) = (from_status IS NULL))),
    CONSTRAINT promo_campaign_event_from CHECK ((from_status = ANY (ARRAY['draft'::text, 'active'::text, 'paused'::text, 'ended'::text, 'suspended'::text]))),
    CONSTRAINT promo_campaign_event_sequence CHECK ((sequence > 0)),
    CONSTRAINT promo_campaign_event_to CHECK ((to_status = ANY (ARRAY['draft'::text, 'active'::text, 'paused'::text, 'ended'::text, 'suspended'::text])))
);

--
-- Name: promo_click_claim; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_click_claim (
    claim_id text NOT NULL COLLATE pg_catalog."C",
    campaign_id text NOT NULL COLLATE pg_catalog."C",
    event_id text NOT NULL COLLATE pg_catalog."C",
    spend_entry_id text NOT NULL COLLATE pg_catalog."C",
    claimed_by text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    decided_by text COLLATE pg_catalog."C",
    decision_reason text,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT promo_click_claim_decided CHECK ((((status = 'open'::text) = (decided_by IS NULL)) AND ((decided_by IS NULL) = (decision_reason IS NULL)))),
    CONSTRAINT promo_click_claim_status CHECK ((status = ANY (ARRAY['open'::text, 'granted'::text, 'denied'::text]))),
    CONSTRAINT promo_click_claim_version CHECK ((version > 0))
);

--
-- Name: promo_click_decision; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_click_decision (
    campaign_id text NOT NULL COLLATE pg_catalog."C",
    event_id text NOT NULL COLLATE pg_catalog."C",
    revision integer DEFAULT 1 NOT NULL,
    verdict text NOT NULL COLLATE pg_catalog."C",
    rule text COLLATE pg_catalog."C",
    rule_version integer,
    versions jsonb DEFAULT '{}'::jsonb NOT NULL,
    hits jsonb DEFAULT '[]'::jsonb NOT NULL,
    evidence jsonb DEFAULT '{}'::jsonb NOT NULL,
    click_key text COLLATE pg_catalog."C",
    budget_day date,
    price_cents integer DEFAULT 0 NOT NULL,
    billed_cents integer DEFAULT 0 NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    log_index integer NOT NULL,
    decided_by text DEFAULT 'stream'::text NOT NULL COLLATE pg_catalog."C",
    decided_at timestamp with time zone DEFAULT now() NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL
);

--
-- Name: promo_control; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_control (
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    payload jsonb NOT NULL,
    received_at timestamp with time zone NOT NULL
);

--
-- Name: promo_day_plan; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_day_plan (
    campaign_id text NOT NULL COLLATE pg_catalog."C",
    budget_day date NOT NULL,
    curve real[],
    impressions bigint NOT NULL,
    clicks bigint NOT NULL,
    CONSTRAINT promo_day_plan_counts CHECK (((impressions >= 0) AND (clicks >= 0))),
    CONSTRAINT promo_day_plan_curve CHECK ((cardinality(curve) = 96))
);

--
-- Name: promo_debit; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_debit (
    debit_id text NOT NULL COLLATE pg_catalog."C",
    campaign_id text NOT NULL COLLATE pg_catalog."C",
    outcome text NOT NULL COLLATE pg_catalog."C",
    entry_id text COLLATE pg_catalog."C",
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    decided_at timestamp with time zone NOT NULL
);

--
-- Name: promo_debt_settlement; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_debt_settlement (
    settlement_id text NOT NULL COLLATE pg_catalog."C",
    topup_id text NOT NULL COLLATE pg_catalog."C",
    method text NOT NULL COLLATE pg_catalog."C",
    amount_cents bigint NOT NULL,
    adjustment_id text COLLATE pg_catalog."C",
    reason text NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    version bigint DEFAULT 1 NOT NULL,
    proposed_by text NOT NULL COLLATE pg_catalog."C",
    proposed_at timestamp with time zone NOT NULL,
    approved_by text COLLATE pg_catalog."C",
    approved_at timestamp with time zone,
    CONSTRAINT promo_debt_settlement_amount CHECK ((amount_cents > 0)),
    CONSTRAINT promo_debt_settlement_approved CHECK ((((status = 'approved'::text) = (approved_by IS NOT NULL)) AND ((approved_by IS NULL) = (approved_at IS NULL)))),
    CONSTRAINT promo_debt_settlement_collected CHECK (((method = 'collected'::text) = (adjustment_id IS NOT NULL))),
    CONSTRAINT promo_debt_settlement_method CHECK ((method = ANY (ARRAY['written_off'::text, 'paid_otherwise'::text, 'collected'::text]))),
    CONSTRAINT promo_debt_settlement_status CHECK ((status = ANY (ARRAY['proposed'::text, 'approved'::text]))),
    CONSTRAINT promo_debt_settlement_two_people CHECK ((approved_by <> proposed_by))
);

--
-- Name: promo_event; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_event (
    event_id text NOT NULL COLLATE pg_catalog."C",
    campaign_id text NOT NULL COLLATE pg_catalog."C",
    impression_id text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL,
    role text,
    city text NOT NULL,
    query_hash text NOT NULL,
    user_id text COLLATE pg_catalog."C",
    anon_fp_hash text,
    ip_hash text NOT NULL,
    ua_hash text NOT NULL,
    ts timestamp with time zone DEFAULT now() NOT NULL,
    extra_json jsonb DEFAULT '{}'::jsonb,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    log_index integer NOT NULL,
    rule_ts timestamp with time zone NOT NULL,
    CONSTRAINT promo_event_type_check CHECK ((type = ANY (ARRAY['impression'::text, 'click'::text, 'invalid_click'::text])))
)
PARTITION BY RANGE (event_id);

--
-- Name: promo_funding_head; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_funding_head (
    campaign_id text NOT NULL COLLATE pg_catalog."C",
    sequence bigint DEFAULT 0 NOT NULL,
    promo_cents bigint DEFAULT 0 NOT NULL,
    cash_cents bigint DEFAULT 0 NOT NULL,
    hash bytea DEFAULT '\x'::bytea NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    restored_cents bigint DEFAULT 0 NOT NULL,
    CONSTRAINT promo_funding_head_restored CHECK ((restored_cents >= 0)),
    CONSTRAINT promo_funding_head_sums CHECK (((promo_cents >= 0) AND (cash_cents >= 0)))
);

--
-- Name: promo_history; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_history (
    subject_id text NOT NULL COLLATE pg_catalog."C",
    sequence bigint NOT NULL,
    event text NOT NULL COLLATE pg_catalog."C",
    from_status text COLLATE pg_catalog."C",
    to_status text NOT NULL COLLATE pg_catalog."C",
    actor_user_id text COLLATE pg_catalog."C",
    correlation_id text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT promo_history_first CHECK (((sequence = 1) = (from_status IS NULL)))
);

--
-- Name: promo_late_pass; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_late_pass (
    rule text NOT NULL COLLATE pg_catalog."C",
    part integer NOT NULL,
    through bigint NOT NULL
);

--
-- Name: promo_ledger_checkpoint; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_ledger_checkpoint (
    advertiser_id text NOT NULL COLLATE pg_catalog."C",
    day date NOT NULL,
    heads jsonb NOT NULL,
    digest bytea NOT NULL,
    made_at timestamp with time zone NOT NULL
);

--
-- Name: promo_notice; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_notice (
    notice_id text NOT NULL COLLATE pg_catalog."C",
    campaign_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    cause text NOT NULL COLLATE pg_catalog."C",
    payload jsonb NOT NULL,
    mail_status text DEFAULT 'pending'::text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT promo_notice_kind CHECK ((kind = ANY (ARRAY['campaign_balance_low'::text, 'campaign_balance_spent'::text, 'campaign_day_spent'::text, 'campaign_total_spent'::text, 'campaign_automatic_topup_failed'::text, 'campaign_topup_charged_back'::text, 'campaign_withdrawal_refused'::text, 'campaign_refund_failed'::text, 'campaign_clicks_credited'::text]))),
    CONSTRAINT promo_notice_mail CHECK ((mail_status = ANY (ARRAY['pending'::text, 'sending'::text, 'sent'::text, 'refused'::text, 'suppressed'::text]))),
    CONSTRAINT promo_notice_payload CHECK ((jsonb_typeof(payload) = 'object'::text))
);

--
-- Name: promo_open_exposure; Type: TABLE; Schema: public; Owner: -
--

CREATE UNLOGGED TABLE public.promo_open_exposure (
    server text NOT NULL COLLATE pg_catalog."C",
    campaign_id text NOT NULL COLLATE pg_catalog."C",
    cents double precision NOT NULL,
    as_of timestamp with time zone NOT NULL
);

--
-- Name: promo_pacing; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_pacing (
    campaign_id text NOT NULL COLLATE pg_catalog."C",
    budget_day date NOT NULL,
    stepped_at timestamp with time zone NOT NULL,
    steps double precision[] NOT NULL,
    pass_through double precision NOT NULL,
    click_rate double precision NOT NULL,
    allocation_cents bigint NOT NULL,
    planned_cents bigint NOT NULL,
    spent_cents bigint NOT NULL,
    published bigint NOT NULL,
    CONSTRAINT promo_pacing_click_rate CHECK (((click_rate > (0)::double precision) AND (click_rate < (1)::double precision))),
    CONSTRAINT promo_pacing_pass_through CHECK (((pass_through > (0)::double precision) AND (pass_through <= (1)::double precision))),
    CONSTRAINT promo_pacing_steps CHECK (((cardinality(steps) >= 1) AND (cardinality(steps) <= 3)))
);

--
-- Name: promo_pacing_publication; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.promo_pacing_publication
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

--
-- Name: promo_policy; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_policy (
    policy_id text NOT NULL COLLATE pg_catalog."C",
    surface text NOT NULL,
    role text,
    city text NOT NULL,
    cpc_floor_cents integer NOT NULL,
    max_density_top20 integer NOT NULL,
    max_above_fold integer NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT promo_policy_limits CHECK (((cpc_floor_cents >= 0) AND ((max_density_top20 >= 0) AND (max_density_top20 <= 20)) AND ((max_above_fold >= 0) AND (max_above_fold <= max_density_top20)))),
    CONSTRAINT promo_policy_role CHECK (((surface = 'people_search'::text) = (role IS NOT NULL))),
    CONSTRAINT promo_policy_surface CHECK ((surface = ANY (ARRAY['people_search'::text, 'studio_search'::text])))
);

--
-- Name: promo_receivable; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_receivable (
    processor_ref text NOT NULL COLLATE pg_catalog."C",
    topup_id text NOT NULL COLLATE pg_catalog."C",
    taken_cents bigint NOT NULL,
    returned_cents bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT promo_receivable_sums CHECK (((taken_cents >= 0) AND (returned_cents >= 0)))
);

--
-- Name: promo_rollup_15m; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_rollup_15m (
    campaign_id text NOT NULL COLLATE pg_catalog."C",
    bucket_start timestamp with time zone NOT NULL,
    impressions bigint DEFAULT 0 NOT NULL,
    clicks bigint DEFAULT 0 NOT NULL,
    billed_clicks bigint DEFAULT 0 NOT NULL,
    invalid_clicks bigint DEFAULT 0 NOT NULL,
    duplicate_clicks bigint DEFAULT 0 NOT NULL,
    over_delivered_clicks bigint DEFAULT 0 NOT NULL,
    spend_cents bigint DEFAULT 0 NOT NULL
);

--
-- Name: promo_rule_book; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_rule_book (
    version integer NOT NULL,
    book jsonb NOT NULL,
    note text NOT NULL,
    published_by text NOT NULL COLLATE pg_catalog."C",
    published_at timestamp with time zone NOT NULL,
    CONSTRAINT promo_rule_book_note CHECK (((length(note) >= 1) AND (length(note) <= 500))),
    CONSTRAINT promo_rule_book_version CHECK (((version > 0) AND (version = ((book ->> 'version'::text))::integer)))
);

--
-- Name: promo_spend_head; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_spend_head (
    campaign_id text NOT NULL COLLATE pg_catalog."C",
    sequence bigint DEFAULT 0 NOT NULL,
    promo_cents bigint DEFAULT 0 NOT NULL,
    cash_cents bigint DEFAULT 0 NOT NULL,
    hash bytea DEFAULT '\x'::bytea NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

--
-- Name: promo_switch_event; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_switch_event (
    version bigint NOT NULL,
    scope text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    stopped boolean NOT NULL,
    reason text NOT NULL,
    actor_user_id text NOT NULL COLLATE pg_catalog."C",
    correlation_id text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT promo_switch_event_scope CHECK ((scope = ANY (ARRAY['everything'::text, 'rule'::text, 'campaign'::text]))),
    CONSTRAINT promo_switch_event_subject CHECK (((scope = 'everything'::text) = (subject = ''::text)))
);

--
-- Name: promo_switchboard; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_switchboard (
    single boolean DEFAULT true NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    everything boolean DEFAULT false NOT NULL,
    rules text[] DEFAULT '{}'::text[] NOT NULL,
    campaigns text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT promo_switchboard_single CHECK (single),
    CONSTRAINT promo_switchboard_version CHECK ((version >= 0))
);

--
-- Name: promo_topup; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_topup (
    topup_id text NOT NULL COLLATE pg_catalog."C",
    campaign_id text NOT NULL COLLATE pg_catalog."C",
    payer_user_id text NOT NULL COLLATE pg_catalog."C",
    amount_cents integer NOT NULL,
    cause text NOT NULL COLLATE pg_catalog."C",
    status text NOT NULL COLLATE pg_catalog."C",
    payment_intent_id text COLLATE pg_catalog."C",
    charge_id text COLLATE pg_catalog."C",
    entry_id text COLLATE pg_catalog."C",
    failure_code text COLLATE pg_catalog."C",
    decline_code text COLLATE pg_catalog."C",
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT promo_topup_amount CHECK ((amount_cents > 0)),
    CONSTRAINT promo_topup_cause CHECK ((cause = ANY (ARRAY['advertiser'::text, 'automatic'::text]))),
    CONSTRAINT promo_topup_failed CHECK (((status <> 'failed'::text) OR (failure_code IS NOT NULL))),
    CONSTRAINT promo_topup_paid CHECK (((status = ANY (ARRAY['paid'::text, 'charged_back'::text])) = (num_nulls(charge_id, entry_id) = 0))),
    CONSTRAINT promo_topup_status CHECK ((status = ANY (ARRAY['pending'::text, 'requires_action'::text, 'paid'::text, 'failed'::text, 'canceled'::text, 'charged_back'::text]))),
    CONSTRAINT promo_topup_version CHECK ((version > 0))
);

--
-- Name: promo_traffic_15m; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_traffic_15m (
    surface text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL COLLATE pg_catalog."C",
    city text NOT NULL COLLATE pg_catalog."C",
    bucket_start timestamp with time zone NOT NULL,
    searches bigint NOT NULL,
    CONSTRAINT promo_traffic_15m_searches CHECK ((searches > 0))
);

--
-- Name: promo_unserved; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_unserved (
    campaign_id text NOT NULL COLLATE pg_catalog."C",
    hour timestamp with time zone NOT NULL,
    reason text NOT NULL COLLATE pg_catalog."C",
    samples bigint NOT NULL,
    CONSTRAINT promo_unserved_reason CHECK ((reason = ANY (ARRAY['negative_keyword'::text, 'paced'::text, 'budget_in_flight'::text, 'viewer_sated'::text, 'outranked'::text, 'already_shown'::text, 'beside_itself'::text, 'no_slot_of_its_format'::text]))),
    CONSTRAINT promo_unserved_samples CHECK ((samples > 0))
);

--
-- Name: promo_viewer_erasure; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_viewer_erasure (
    viewer_hash bytea NOT NULL,
    pseudonym text NOT NULL COLLATE pg_catalog."C",
    requested_by text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL,
    events bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT promo_viewer_erasure_hash CHECK ((octet_length(viewer_hash) = 32))
);

--
-- Name: promo_withdrawal; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_withdrawal (
    withdrawal_id text NOT NULL COLLATE pg_catalog."C",
    campaign_id text NOT NULL COLLATE pg_catalog."C",
    debit_id text NOT NULL COLLATE pg_catalog."C",
    requested_by text NOT NULL COLLATE pg_catalog."C",
    amount_cents integer NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT promo_withdrawal_amount CHECK ((amount_cents > 0)),
    CONSTRAINT promo_withdrawal_status CHECK ((status = ANY (ARRAY['requested'::text, 'refunding'::text, 'refused'::text, 'completed'::text]))),
    CONSTRAINT promo_withdrawal_version CHECK ((version > 0))
);

--
-- Name: promo_withdrawal_part; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.promo_withdrawal_part (
    withdrawal_id text NOT NULL COLLATE pg_catalog."C",
    topup_id text NOT NULL COLLATE pg_catalog."C",
    amount_cents integer NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    refund_id text COLLATE pg_catalog."C",
    failure_code text COLLATE pg_catalog."C",
    restored_entry_id text COLLATE pg_catalog."C",
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT promo_withdrawal_part_amount CHECK ((amount_cents > 0)),
    CONSTRAINT promo_withdrawal_part_failed CHECK ((((status = 'failed'::text) = (restored_entry_id IS NOT NULL)) AND ((status = 'failed'::text) = (failure_code IS NOT NULL)))),
    CONSTRAINT promo_withdrawal_part_status CHECK ((status = ANY (ARRAY['reserved'::text, 'pending'::text, 'succeeded'::text, 'failed'::text, 'released'::text])))
);

--
-- Name: referral_assessment; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.referral_assessment (
    assessment_id text NOT NULL COLLATE pg_catalog."C",
    invite_id text NOT NULL COLLATE pg_catalog."C",
    score integer NOT NULL,
    inputs jsonb NOT NULL,
    decision text NOT NULL COLLATE pg_catalog."C",
    decided_by text COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT referral_assessment_decision CHECK ((decision = ANY (ARRAY['award'::text, 'review'::text, 'block'::text]))),
    CONSTRAINT referral_assessment_inputs CHECK ((jsonb_typeof(inputs) = 'object'::text))
);

--
-- Name: referral_award_month; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.referral_award_month (
    user_id text NOT NULL COLLATE pg_catalog."C",
    program_id text NOT NULL COLLATE pg_catalog."C",
    month date NOT NULL,
    awards integer DEFAULT 0 NOT NULL,
    cap integer NOT NULL,
    CONSTRAINT referral_award_month_cap CHECK (((awards >= 0) AND (awards <= cap))),
    CONSTRAINT referral_award_month_first_day CHECK ((EXTRACT(day FROM month) = (1)::numeric))
);

--
-- Name: referral_invite; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.referral_invite (
    invite_id text NOT NULL COLLATE pg_catalog."C",
    program_id text NOT NULL COLLATE pg_catalog."C",
    inviter_user_id text NOT NULL COLLATE pg_catalog."C",
    invitee_user_id text COLLATE pg_catalog."C",
    invitee_email_sha text NOT NULL COLLATE pg_catalog."C",
    source text,
    device_fp text,
    ip_addr_sha text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    accepted_at timestamp with time zone,
    status text DEFAULT 'sent'::text NOT NULL COLLATE pg_catalog."C",
    qualified_order_id text COLLATE pg_catalog."C",
    held_until timestamp with time zone,
    decided_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    qualified_cents integer,
    in_review boolean DEFAULT false NOT NULL,
    other_mailbox boolean DEFAULT false NOT NULL,
    decision_reason text COLLATE pg_catalog."C",
    CONSTRAINT referral_invite_accepted CHECK (((status = ANY (ARRAY['sent'::text, 'rejected'::text])) OR (num_nulls(invitee_user_id, accepted_at) = 0))),
    CONSTRAINT referral_invite_decided CHECK (((status <> ALL (ARRAY['awarded'::text, 'rejected'::text, 'clawed_back'::text])) OR (decided_at IS NOT NULL))),
    CONSTRAINT referral_invite_held CHECK (((status <> 'held'::text) OR (held_until IS NOT NULL))),
    CONSTRAINT referral_invite_not_oneself CHECK ((inviter_user_id <> invitee_user_id)),
    CONSTRAINT referral_invite_qualified CHECK (((status = ANY (ARRAY['sent'::text, 'accepted'::text, 'rejected'::text])) OR (qualified_order_id IS NOT NULL))),
    CONSTRAINT referral_invite_qualified_cents CHECK ((qualified_cents >= 0)),
    CONSTRAINT referral_invite_review CHECK (((NOT in_review) OR (status = 'held'::text))),
    CONSTRAINT referral_invite_status CHECK ((status = ANY (ARRAY['sent'::text, 'accepted'::text, 'qualified'::text, 'held'::text, 'awarded'::text, 'rejected'::text, 'clawed_back'::text])))
);

--
-- Name: referral_program; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.referral_program (
    program_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    reward_bips integer DEFAULT 0 NOT NULL,
    reward_fixed_cents integer DEFAULT 0 NOT NULL,
    credit_scope text NOT NULL,
    monthly_cap integer DEFAULT 5 NOT NULL,
    active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    min_order_cents integer DEFAULT 0 NOT NULL,
    credit_valid_days integer,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT referral_program_cap CHECK ((monthly_cap >= 0)),
    CONSTRAINT referral_program_kind_check CHECK ((kind = ANY (ARRAY['provider_invites_provider'::text, 'buyer_invites_buyer'::text, 'cross_side'::text]))),
    CONSTRAINT referral_program_order CHECK ((min_order_cents >= 0)),
    CONSTRAINT referral_program_reward CHECK ((((reward_bips >= 0) AND (reward_bips <= 10000)) AND (reward_fixed_cents >= 0))),
    CONSTRAINT referral_program_scope CHECK ((credit_scope = ANY (ARRAY['buyer_fee_only'::text, 'order_total'::text]))),
    CONSTRAINT referral_program_validity CHECK ((credit_valid_days > 0))
);

--
-- Name: referral_signal; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.referral_signal (
    user_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    hash bytea NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT referral_signal_hash CHECK ((octet_length(hash) = 32)),
    CONSTRAINT referral_signal_kind CHECK ((kind = ANY (ARRAY['mailbox'::text, 'device'::text, 'address'::text, 'payment'::text])))
);

--
-- Name: refund_limit; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.refund_limit (
    refund_limit_id text NOT NULL COLLATE pg_catalog."C",
    currency text NOT NULL COLLATE pg_catalog."C",
    agent_approves_cents integer NOT NULL,
    agent_grants_cents integer NOT NULL,
    created_by text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT refund_limit_amounts CHECK (((agent_approves_cents >= 0) AND (agent_grants_cents >= 0))),
    CONSTRAINT refund_limit_currency CHECK ((currency ~ '^[a-z]{3}$'::text))
);

--
-- Name: saved_search; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.saved_search (
    search_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL,
    query_json jsonb NOT NULL,
    city text NOT NULL,
    paused_until date,
    last_alert_dt date,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    time_zone text NOT NULL COLLATE pg_catalog."C",
    query_hash text NOT NULL COLLATE pg_catalog."C",
    last_run_dt date DEFAULT '1970-01-01'::date NOT NULL,
    seen_through bigint DEFAULT 0 NOT NULL,
    CONSTRAINT saved_search_query CHECK ((jsonb_typeof(query_json) = 'object'::text)),
    CONSTRAINT saved_search_query_hash CHECK ((query_hash ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT saved_search_scope_check CHECK ((scope = ANY (ARRAY['people'::text, 'studios'::text]))),
    CONSTRAINT saved_search_seen_through CHECK ((seen_through >= 0)),
    CONSTRAINT saved_search_time_zone CHECK ((time_zone ~ '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$'::text))
);

--
-- Name: saved_search_alert; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.saved_search_alert (
    alert_id text NOT NULL COLLATE pg_catalog."C",
    search_id text NOT NULL COLLATE pg_catalog."C",
    alert_dt date NOT NULL,
    match_count integer NOT NULL,
    email_sent boolean DEFAULT false NOT NULL,
    inapp_created boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    change_seq_through bigint DEFAULT 0 NOT NULL,
    mail_status text DEFAULT 'pending'::text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT saved_search_alert_counts CHECK (((match_count >= 0) AND (change_seq_through >= 0))),
    CONSTRAINT saved_search_alert_mail_sent CHECK ((email_sent = (mail_status = 'sent'::text))),
    CONSTRAINT saved_search_alert_mail_status CHECK ((mail_status = ANY (ARRAY['pending'::text, 'sending'::text, 'sent'::text, 'suppressed'::text, 'refused'::text])))
);

--
-- Name: saved_search_alert_item; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.saved_search_alert_item (
    user_id text NOT NULL COLLATE pg_catalog."C",
    alert_dt date NOT NULL,
    document_id text NOT NULL COLLATE pg_catalog."C",
    alert_id text NOT NULL COLLATE pg_catalog."C",
    change_seq bigint NOT NULL
);

--
-- Name: search_document; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.search_document (
    document_id text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    owner_user_id text NOT NULL COLLATE pg_catalog."C",
    city text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL,
    roles text[] DEFAULT '{}'::text[] NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    price_cents integer,
    rating_hundredths integer,
    verified boolean DEFAULT false NOT NULL,
    available datemultirange DEFAULT '{}'::datemultirange NOT NULL,
    latitude numeric(9,6),
    longitude numeric(9,6),
    change_seq bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT search_document_place CHECK ((((latitude IS NULL) = (longitude IS NULL)) AND ((latitude >= ('-90'::integer)::numeric) AND (latitude <= (90)::numeric)) AND ((longitude >= ('-180'::integer)::numeric) AND (longitude <= (180)::numeric)))),
    CONSTRAINT search_document_price CHECK ((price_cents >= 0)),
    CONSTRAINT search_document_rating CHECK (((rating_hundredths >= 0) AND (rating_hundredths <= 500))),
    CONSTRAINT search_document_scope CHECK ((scope = ANY (ARRAY['people'::text, 'studios'::text])))
);

--
-- Name: search_document_change_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.search_document_change_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

--
-- Name: search_document_change_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.search_document_change_seq OWNED BY public.search_document.change_seq;

--
-- Name: sla_miss; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sla_miss (
    case_id text NOT NULL COLLATE pg_catalog."C",
    sla_cycle integer NOT NULL,
    clock text NOT NULL COLLATE pg_catalog."C",
    due_at timestamp with time zone NOT NULL,
    missed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT sla_miss_clock CHECK ((clock = ANY (ARRAY['first_response'::text, 'next_response'::text, 'resolution'::text]))),
    CONSTRAINT sla_miss_late CHECK ((missed_at >= due_at))
);

--
-- Name: sla_policy; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sla_policy (
    sla_policy_id text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL COLLATE pg_catalog."C",
    severity text NOT NULL COLLATE pg_catalog."C",
    calendar_id text NOT NULL COLLATE pg_catalog."C",
    first_response_minutes integer NOT NULL,
    next_response_minutes integer NOT NULL,
    resolution_minutes integer NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT sla_policy_minutes CHECK (((first_response_minutes > 0) AND (next_response_minutes > 0) AND (resolution_minutes >= first_response_minutes))),
    CONSTRAINT sla_policy_severity CHECK ((severity = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text]))),
    CONSTRAINT sla_policy_type CHECK ((type = ANY (ARRAY['booking'::text, 'payment'::text, 'product'::text, 'dmca'::text, 'policy'::text, 'chargeback'::text]))),
    CONSTRAINT sla_policy_version CHECK ((version > 0))
);

--
-- Name: stream_partition; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.stream_partition (
    log text DEFAULT 'clicks'::text NOT NULL COLLATE pg_catalog."C",
    partition integer NOT NULL,
    fence bigint DEFAULT 0 NOT NULL,
    last_offset bigint DEFAULT 0 NOT NULL,
    generation text COLLATE pg_catalog."C",
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    charging_paused_at timestamp with time zone,
    rule_ts timestamp with time zone
);

--
-- Name: support_case; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.support_case (
    case_id text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL,
    subtype text,
    status text NOT NULL,
    severity text NOT NULL,
    opened_by_user text NOT NULL COLLATE pg_catalog."C",
    owner_user_id text COLLATE pg_catalog."C",
    watchers text[] DEFAULT '{}'::text[] NOT NULL COLLATE pg_catalog."C",
    lbg_id text COLLATE pg_catalog."C",
    leg_id text COLLATE pg_catalog."C",
    order_id text COLLATE pg_catalog."C",
    studio_id text COLLATE pg_catalog."C",
    creator_id text COLLATE pg_catalog."C",
    payout_id text COLLATE pg_catalog."C",
    reason_code text,
    sla_first_resp_at timestamp with time zone,
    sla_due_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    sla_cycle integer DEFAULT 1 NOT NULL,
    sla_snapshot jsonb,
    sla_next_resp_at timestamp with time zone,
    sla_paused_at timestamp with time zone,
    merged_into_case_id text COLLATE pg_catalog."C",
    processor_dispute_id text COLLATE pg_catalog."C",
    content_id text COLLATE pg_catalog."C",
    closed_reason text,
    closed_at timestamp with time zone,
    opener_role text NOT NULL COLLATE pg_catalog."C",
    respondent_user_id text COLLATE pg_catalog."C",
    respondent_role text COLLATE pg_catalog."C",
    public_version bigint DEFAULT 1 NOT NULL,
    status_since timestamp with time zone NOT NULL,
    decision_requested_by text COLLATE pg_catalog."C",
    next_due_at timestamp with time zone GENERATED ALWAYS AS (COALESCE(LEAST(sla_first_resp_at, sla_next_resp_at, sla_due_at), 'infinity'::timestamp with time zone)) STORED NOT NULL,
    CONSTRAINT support_case_closed CHECK (((status <> 'closed'::text) OR (num_nulls(closed_at, closed_reason) = 0))),
    CONSTRAINT support_case_decision_asked CHECK (((status = 'decision_pending'::text) = (decision_requested_by IS NOT NULL))),
    CONSTRAINT support_case_merged_closed CHECK (((merged_into_case_id IS NULL) OR (status = 'closed'::text))),
    CONSTRAINT support_case_not_its_own CHECK ((merged_into_case_id <> case_id)),
    CONSTRAINT support_case_opener_role CHECK ((opener_role = ANY (ARRAY['buyer'::text, 'seller'::text, 'studio_owner'::text, 'creator'::text, 'agent'::text, 'system'::text]))),
    CONSTRAINT support_case_public_version CHECK (((public_version >= 1) AND (public_version <= version))),
    CONSTRAINT support_case_respondent CHECK (((respondent_user_id IS NULL) = (respondent_role IS NULL))),
    CONSTRAINT support_case_respondent_role CHECK ((respondent_role = ANY (ARRAY['buyer'::text, 'seller'::text, 'studio_owner'::text, 'creator'::text, 'agent'::text, 'system'::text]))),
    CONSTRAINT support_case_severity_check CHECK ((severity = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text]))),
    CONSTRAINT support_case_sla_cycle CHECK ((sla_cycle > 0)),
    CONSTRAINT support_case_sla_snapshot CHECK ((jsonb_typeof(sla_snapshot) = 'object'::text)),
    CONSTRAINT support_case_status_check CHECK ((status = ANY (ARRAY['open'::text, 'awaiting_customer'::text, 'awaiting_seller'::text, 'investigating'::text, 'decision_pending'::text, 'refunded'::text, 'denied'::text, 'goodwill'::text, 'escalated'::text, 'closed'::text]))),
    CONSTRAINT support_case_two_parties CHECK ((respondent_user_id <> opened_by_user)),
    CONSTRAINT support_case_type_check CHECK ((type = ANY (ARRAY['booking'::text, 'payment'::text, 'product'::text, 'dmca'::text, 'policy'::text, 'chargeback'::text]))),
    CONSTRAINT support_case_version CHECK ((version > 0))
);

--
-- Name: support_event; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.support_event (
    evt_id text NOT NULL COLLATE pg_catalog."C",
    case_id text NOT NULL COLLATE pg_catalog."C",
    action text NOT NULL,
    actor_user_id text COLLATE pg_catalog."C",
    details_json jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    sequence bigint NOT NULL,
    correlation_id text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    from_status text COLLATE pg_catalog."C",
    to_status text COLLATE pg_catalog."C",
    public_sequence bigint,
    CONSTRAINT support_event_details CHECK ((jsonb_typeof(details_json) = 'object'::text)),
    CONSTRAINT support_event_public_sequence CHECK (((public_sequence >= 1) AND (public_sequence <= sequence))),
    CONSTRAINT support_event_sequence CHECK ((sequence > 0))
);

--
-- Name: support_message; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.support_message (
    msg_id text NOT NULL COLLATE pg_catalog."C",
    case_id text NOT NULL COLLATE pg_catalog."C",
    author_role text NOT NULL,
    author_user_id text COLLATE pg_catalog."C",
    body_md text NOT NULL,
    attachments_json jsonb DEFAULT '[]'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    visibility text DEFAULT 'public'::text NOT NULL COLLATE pg_catalog."C",
    origin_case_id text COLLATE pg_catalog."C",
    body_html text,
    renderer_version integer,
    CONSTRAINT support_message_attachments CHECK ((jsonb_typeof(attachments_json) = 'array'::text)),
    CONSTRAINT support_message_author CHECK (((author_role = 'system'::text) OR (author_user_id IS NOT NULL))),
    CONSTRAINT support_message_author_role_check CHECK ((author_role = ANY (ARRAY['buyer'::text, 'seller'::text, 'studio_owner'::text, 'creator'::text, 'agent'::text, 'system'::text]))),
    CONSTRAINT support_message_internal_author CHECK (((visibility = 'public'::text) OR (author_role = ANY (ARRAY['agent'::text, 'system'::text])))),
    CONSTRAINT support_message_rendered CHECK (((body_html IS NULL) = (renderer_version IS NULL))),
    CONSTRAINT support_message_visibility CHECK ((visibility = ANY (ARRAY['public'::text, 'internal'::text])))
);

--
-- Name: support_refund; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.support_refund (
    refund_id text NOT NULL COLLATE pg_catalog."C",
    case_id text NOT NULL COLLATE pg_catalog."C",
    leg_id text COLLATE pg_catalog."C",
    order_id text COLLATE pg_catalog."C",
    amount_cents integer NOT NULL,
    platform_fee_cents integer NOT NULL,
    platform_fee_tax_cents integer NOT NULL,
    reason text NOT NULL,
    processor_ref text COLLATE pg_catalog."C",
    status text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    subtotal_cents integer NOT NULL,
    fee_refundable boolean NOT NULL,
    proposed_by text NOT NULL COLLATE pg_catalog."C",
    approved_by text COLLATE pg_catalog."C",
    failure_reason text COLLATE pg_catalog."C",
    attempts integer DEFAULT 0 NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    currency text NOT NULL COLLATE pg_catalog."C",
    share jsonb NOT NULL,
    credit_cents integer DEFAULT 0 NOT NULL,
    refund_set_id text COLLATE pg_catalog."C",
    rejected_by text COLLATE pg_catalog."C",
    CONSTRAINT support_refund_amounts CHECK (((amount_cents > 0) AND (subtotal_cents >= 0) AND (platform_fee_cents >= 0) AND (platform_fee_tax_cents >= 0))),
    CONSTRAINT support_refund_approved CHECK (((status <> ALL (ARRAY['processing'::text, 'succeeded'::text])) OR (approved_by IS NOT NULL))),
    CONSTRAINT support_refund_attempts CHECK ((attempts >= 0)),
    CONSTRAINT support_refund_credit CHECK ((credit_cents >= 0)),
    CONSTRAINT support_refund_currency CHECK ((currency ~ '^[a-z]{3}$'::text)),
    CONSTRAINT support_refund_failed CHECK (((status <> 'failed'::text) OR (failure_reason IS NOT NULL))),
    CONSTRAINT support_refund_four_eyes CHECK ((approved_by <> proposed_by)),
    CONSTRAINT support_refund_parts CHECK ((((platform_fee_cents)::bigint + platform_fee_tax_cents) <= amount_cents)),
    CONSTRAINT support_refund_rejected CHECK ((COALESCE((failure_reason = 'rejected'::text), false) = (rejected_by IS NOT NULL))),
    CONSTRAINT support_refund_reserved CHECK (((status <> ALL (ARRAY['processing'::text, 'succeeded'::text])) OR (refund_set_id IS NOT NULL))),
    CONSTRAINT support_refund_share CHECK ((jsonb_typeof(share) = 'object'::text)),
    CONSTRAINT support_refund_status_check CHECK ((status = ANY (ARRAY['proposed'::text, 'processing'::text, 'succeeded'::text, 'failed'::text]))),
    CONSTRAINT support_refund_succeeded CHECK (((status <> 'succeeded'::text) OR (processor_ref IS NOT NULL)))
);

--
-- Name: search_document change_seq; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.search_document ALTER COLUMN change_seq SET DEFAULT nextval('public.search_document_change_seq'::regclass);

--
-- Name: adjustment adjustment_payment_once; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.adjustment
    ADD CONSTRAINT adjustment_payment_once UNIQUE (payment_id);

--
-- Name: adjustment adjustment_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.adjustment
    ADD CONSTRAINT adjustment_pkey PRIMARY KEY (adjustment_id);

--
-- Name: autoaccept_rule autoaccept_rule_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.autoaccept_rule
    ADD CONSTRAINT autoaccept_rule_pkey PRIMARY KEY (rule_id);

--
-- Name: card_promise card_promise_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.card_promise
    ADD CONSTRAINT card_promise_pkey PRIMARY KEY (order_id);

--
-- Name: chargeback chargeback_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.chargeback
    ADD CONSTRAINT chargeback_pkey PRIMARY KEY (processor_dispute_id);

--
-- Name: chat_message chat_message_id; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.chat_message
    ADD CONSTRAINT chat_message_id UNIQUE (message_id);

--
-- Name: chat_message chat_message_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.chat_message
    ADD CONSTRAINT chat_message_pkey PRIMARY KEY (chat_thread_id, sequence);

--
-- Name: chat_thread chat_thread_of_order; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.chat_thread
    ADD CONSTRAINT chat_thread_of_order UNIQUE (order_id, chat_thread_id);

--
-- Name: chat_thread chat_thread_order; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.chat_thread
    ADD CONSTRAINT chat_thread_order UNIQUE (order_id);

--
-- Name: chat_thread chat_thread_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.chat_thread
    ADD CONSTRAINT chat_thread_pkey PRIMARY KEY (chat_thread_id);

--
-- Name: dispute_decision dispute_decision_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.dispute_decision
    ADD CONSTRAINT dispute_decision_pkey PRIMARY KEY (decision_id);

--
-- Name: dispute dispute_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.dispute
    ADD CONSTRAINT dispute_pkey PRIMARY KEY (dispute_id);

--
-- Name: dispute dispute_processor_once; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.dispute
    ADD CONSTRAINT dispute_processor_once UNIQUE (processor_dispute_id);

--
-- Name: dispute_statement dispute_statement_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.dispute_statement
    ADD CONSTRAINT dispute_statement_pkey PRIMARY KEY (statement_id);

--
-- Name: fee_policy fee_policy_once; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.fee_policy
    ADD CONSTRAINT fee_policy_once UNIQUE NULLS NOT DISTINCT (city, currency, effective_from);

--
-- Name: fee_policy fee_policy_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.fee_policy
    ADD CONSTRAINT fee_policy_pkey PRIMARY KEY (fee_policy_id);

--
-- Name: group group_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking."group"
    ADD CONSTRAINT group_pkey PRIMARY KEY (lbg_id);

--
-- Name: invite invite_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.invite
    ADD CONSTRAINT invite_pkey PRIMARY KEY (invite_id);

--
-- Name: invite_recipient invite_recipient_order; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.invite_recipient
    ADD CONSTRAINT invite_recipient_order UNIQUE (order_id);

--
-- Name: invite_recipient invite_recipient_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.invite_recipient
    ADD CONSTRAINT invite_recipient_pkey PRIMARY KEY (invite_id, recipient_user_id);

--
-- Name: line_item line_item_of_order; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.line_item
    ADD CONSTRAINT line_item_of_order UNIQUE (order_id, id);

--
-- Name: line_item line_item_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.line_item
    ADD CONSTRAINT line_item_pkey PRIMARY KEY (id);

--
-- Name: line_item line_item_place; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.line_item
    ADD CONSTRAINT line_item_place UNIQUE (order_id, "position");

--
-- Name: milestone milestone_of_order; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.milestone
    ADD CONSTRAINT milestone_of_order UNIQUE (order_id, milestone_id);

--
-- Name: milestone milestone_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.milestone
    ADD CONSTRAINT milestone_pkey PRIMARY KEY (milestone_id);

--
-- Name: milestone milestone_place; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.milestone
    ADD CONSTRAINT milestone_place UNIQUE (order_id, "position");

--
-- Name: milestone_release milestone_release_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.milestone_release
    ADD CONSTRAINT milestone_release_pkey PRIMARY KEY (order_id, milestone_id);

--
-- Name: money_finding money_finding_once; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.money_finding
    ADD CONSTRAINT money_finding_once UNIQUE (order_id, name, found_on);

--
-- Name: money_finding money_finding_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.money_finding
    ADD CONSTRAINT money_finding_pkey PRIMARY KEY (finding_id);

--
-- Name: order_event order_event_id; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.order_event
    ADD CONSTRAINT order_event_id UNIQUE (event_id);

--
-- Name: order_event order_event_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.order_event
    ADD CONSTRAINT order_event_pkey PRIMARY KEY (order_id, sequence);

--
-- Name: order order_payment_intent; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking."order"
    ADD CONSTRAINT order_payment_intent UNIQUE (stripe_payment_intent_id);

--
-- Name: order order_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking."order"
    ADD CONSTRAINT order_pkey PRIMARY KEY (order_id);

--
-- Name: order order_slot_excl; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking."order"
    ADD CONSTRAINT order_slot_excl EXCLUDE USING gist (provider_user_id WITH =, tstzrange(busy_from, busy_to, '[)'::text) WITH &&) WHERE (holds_slot);

--
-- Name: package package_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.package
    ADD CONSTRAINT package_pkey PRIMARY KEY (package_id);

--
-- Name: package package_profile; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.package
    ADD CONSTRAINT package_profile UNIQUE (package_id, service_profile_id);

--
-- Name: payment payment_charge_once; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.payment
    ADD CONSTRAINT payment_charge_once UNIQUE (stripe_charge_id);

--
-- Name: payment payment_intent; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.payment
    ADD CONSTRAINT payment_intent UNIQUE (stripe_payment_intent_id);

--
-- Name: payment payment_of_order; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.payment
    ADD CONSTRAINT payment_of_order UNIQUE (order_id, payment_id);

--
-- Name: payment payment_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.payment
    ADD CONSTRAINT payment_pkey PRIMARY KEY (payment_id);

--
-- Name: payment payment_sequence; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.payment
    ADD CONSTRAINT payment_sequence UNIQUE (order_id, sequence);

--
-- Name: provider_debt provider_debt_once; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.provider_debt
    ADD CONSTRAINT provider_debt_once UNIQUE (order_id, cause_id);

--
-- Name: provider_debt provider_debt_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.provider_debt
    ADD CONSTRAINT provider_debt_pkey PRIMARY KEY (debt_id);

--
-- Name: provider_profile provider_profile_account; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.provider_profile
    ADD CONSTRAINT provider_profile_account UNIQUE (stripe_account_id);

--
-- Name: provider_profile provider_profile_calendar; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.provider_profile
    ADD CONSTRAINT provider_profile_calendar UNIQUE (calendar_secret_hash);

--
-- Name: provider_profile provider_profile_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.provider_profile
    ADD CONSTRAINT provider_profile_pkey PRIMARY KEY (provider_user_id);

--
-- Name: rate rate_code; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.rate
    ADD CONSTRAINT rate_code UNIQUE (service_profile_id, kind, code);

--
-- Name: rate rate_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.rate
    ADD CONSTRAINT rate_pkey PRIMARY KEY (rate_id);

--
-- Name: refund_balance refund_balance_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.refund_balance
    ADD CONSTRAINT refund_balance_pkey PRIMARY KEY (order_id);

--
-- Name: refund refund_cause_once; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.refund
    ADD CONSTRAINT refund_cause_once UNIQUE (order_id, cause, cause_id, payment_id);

--
-- Name: refund_line refund_line_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.refund_line
    ADD CONSTRAINT refund_line_pkey PRIMARY KEY (refund_set_id, "position");

--
-- Name: refund refund_once; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.refund
    ADD CONSTRAINT refund_once UNIQUE (refund_set_id, payment_id);

--
-- Name: refund refund_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.refund
    ADD CONSTRAINT refund_pkey PRIMARY KEY (refund_id);

--
-- Name: refund refund_stripe_once; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.refund
    ADD CONSTRAINT refund_stripe_once UNIQUE (stripe_refund_id);

--
-- Name: request request_of_order; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.request
    ADD CONSTRAINT request_of_order UNIQUE (order_id, request_id);

--
-- Name: request request_once_a_round; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.request
    ADD CONSTRAINT request_once_a_round UNIQUE (order_id, round);

--
-- Name: request request_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.request
    ADD CONSTRAINT request_pkey PRIMARY KEY (request_id);

--
-- Name: request request_superseded_once; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.request
    ADD CONSTRAINT request_superseded_once UNIQUE (supersedes_request_id);

--
-- Name: reschedule reschedule_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.reschedule
    ADD CONSTRAINT reschedule_pkey PRIMARY KEY (reschedule_id);

--
-- Name: service_profile service_profile_owner; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.service_profile
    ADD CONSTRAINT service_profile_owner UNIQUE (service_profile_id, provider_user_id);

--
-- Name: service_profile service_profile_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.service_profile
    ADD CONSTRAINT service_profile_pkey PRIMARY KEY (service_profile_id);

--
-- Name: transfer transfer_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.transfer
    ADD CONSTRAINT transfer_pkey PRIMARY KEY (transfer_id);

--
-- Name: transfer_reversal transfer_reversal_pkey; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.transfer_reversal
    ADD CONSTRAINT transfer_reversal_pkey PRIMARY KEY (reversal_id);

--
-- Name: transfer_reversal transfer_reversal_stripe_once; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.transfer_reversal
    ADD CONSTRAINT transfer_reversal_stripe_once UNIQUE (stripe_reversal_id);

--
-- Name: transfer transfer_stripe_once; Type: CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.transfer
    ADD CONSTRAINT transfer_stripe_once UNIQUE (stripe_transfer_id);

--
-- Name: cron cron_pkey; Type: CONSTRAINT; Schema: core; Owner: -
--

ALTER TABLE ONLY core.cron
    ADD CONSTRAINT cron_pkey PRIMARY KEY (name);

--
-- Name: idempotency_key idempotency_key_pkey; Type: CONSTRAINT; Schema: core; Owner: -
--

ALTER TABLE ONLY core.idempotency_key
    ADD CONSTRAINT idempotency_key_pkey PRIMARY KEY (principal, method, key);

--
-- Name: job job_pkey; Type: CONSTRAINT; Schema: core; Owner: -
--

ALTER TABLE ONLY core.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (job_id);

--
-- Name: outbox outbox_pkey; Type: CONSTRAINT; Schema: core; Owner: -
--

ALTER TABLE ONLY core.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (seq);

--
-- Name: erasure erasure_pkey; Type: CONSTRAINT; Schema: directory; Owner: -
--

ALTER TABLE ONLY directory.erasure
    ADD CONSTRAINT erasure_pkey PRIMARY KEY (user_id_hash);

--
-- Name: erasure erasure_pseudonym_once; Type: CONSTRAINT; Schema: directory; Owner: -
--

ALTER TABLE ONLY directory.erasure
    ADD CONSTRAINT erasure_pseudonym_once UNIQUE (pseudonym);

--
-- Name: personal_column personal_column_pkey; Type: CONSTRAINT; Schema: directory; Owner: -
--

ALTER TABLE ONLY directory.personal_column
    ADD CONSTRAINT personal_column_pkey PRIMARY KEY (relation, column_name);

--
-- Name: user_profile user_profile_pkey; Type: CONSTRAINT; Schema: directory; Owner: -
--

ALTER TABLE ONLY directory.user_profile
    ADD CONSTRAINT user_profile_pkey PRIMARY KEY (user_id);

--
-- Name: customer customer_pkey; Type: CONSTRAINT; Schema: payments; Owner: -
--

ALTER TABLE ONLY payments.customer
    ADD CONSTRAINT customer_pkey PRIMARY KEY (user_id);

--
-- Name: customer customer_stripe_id; Type: CONSTRAINT; Schema: payments; Owner: -
--

ALTER TABLE ONLY payments.customer
    ADD CONSTRAINT customer_stripe_id UNIQUE (stripe_customer_id);

--
-- Name: object_owner object_owner_pkey; Type: CONSTRAINT; Schema: payments; Owner: -
--

ALTER TABLE ONLY payments.object_owner
    ADD CONSTRAINT object_owner_pkey PRIMARY KEY (object_id);

--
-- Name: payment_method payment_method_pkey; Type: CONSTRAINT; Schema: payments; Owner: -
--

ALTER TABLE ONLY payments.payment_method
    ADD CONSTRAINT payment_method_pkey PRIMARY KEY (payment_method_id);

--
-- Name: stripe_call stripe_call_key; Type: CONSTRAINT; Schema: payments; Owner: -
--

ALTER TABLE ONLY payments.stripe_call
    ADD CONSTRAINT stripe_call_key UNIQUE (idempotency_key);

--
-- Name: stripe_call stripe_call_pkey; Type: CONSTRAINT; Schema: payments; Owner: -
--

ALTER TABLE ONLY payments.stripe_call
    ADD CONSTRAINT stripe_call_pkey PRIMARY KEY (call_id);

--
-- Name: webhook_event webhook_event_pkey; Type: CONSTRAINT; Schema: payments; Owner: -
--

ALTER TABLE ONLY payments.webhook_event
    ADD CONSTRAINT webhook_event_pkey PRIMARY KEY (event_id);

--
-- Name: calendar calendar_name; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calendar
    ADD CONSTRAINT calendar_name UNIQUE (name);

--
-- Name: calendar calendar_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calendar
    ADD CONSTRAINT calendar_pkey PRIMARY KEY (calendar_id);

--
-- Name: credit_account credit_account_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.credit_account
    ADD CONSTRAINT credit_account_pkey PRIMARY KEY (user_id);

--
-- Name: credit_debt credit_debt_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.credit_debt
    ADD CONSTRAINT credit_debt_once UNIQUE (user_id, related_id);

--
-- Name: credit_debt credit_debt_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.credit_debt
    ADD CONSTRAINT credit_debt_pkey PRIMARY KEY (debt_id);

--
-- Name: credit_grant credit_grant_entry; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.credit_grant
    ADD CONSTRAINT credit_grant_entry UNIQUE (entry_id);

--
-- Name: credit_grant credit_grant_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.credit_grant
    ADD CONSTRAINT credit_grant_pkey PRIMARY KEY (grant_id);

--
-- Name: credit_ledger credit_ledger_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.credit_ledger
    ADD CONSTRAINT credit_ledger_once UNIQUE (kind, related_id, user_id);

--
-- Name: credit_ledger credit_ledger_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.credit_ledger
    ADD CONSTRAINT credit_ledger_pkey PRIMARY KEY (entry_id);

--
-- Name: credit_ledger credit_ledger_position; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.credit_ledger
    ADD CONSTRAINT credit_ledger_position UNIQUE (user_id, sequence);

--
-- Name: credit_redemption credit_redemption_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.credit_redemption
    ADD CONSTRAINT credit_redemption_pkey PRIMARY KEY (entry_id, grant_id);

--
-- Name: dmca_notice dmca_notice_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.dmca_notice
    ADD CONSTRAINT dmca_notice_pkey PRIMARY KEY (notice_id);

--
-- Name: evidence_object evidence_object_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.evidence_object
    ADD CONSTRAINT evidence_object_key UNIQUE (s3_key, version_id);

--
-- Name: evidence_object evidence_object_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.evidence_object
    ADD CONSTRAINT evidence_object_pkey PRIMARY KEY (evidence_id);

--
-- Name: feed_post feed_post_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.feed_post
    ADD CONSTRAINT feed_post_pkey PRIMARY KEY (feed_id);

--
-- Name: follow follow_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.follow
    ADD CONSTRAINT follow_pkey PRIMARY KEY (follower_user_id, target_id, target_kind);

--
-- Name: mail_suppression mail_suppression_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.mail_suppression
    ADD CONSTRAINT mail_suppression_pkey PRIMARY KEY (user_id, topic);

--
-- Name: notification notification_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.notification
    ADD CONSTRAINT notification_once UNIQUE (user_id, kind, related_id);

--
-- Name: notification notification_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.notification
    ADD CONSTRAINT notification_pkey PRIMARY KEY (notification_id);

--
-- Name: payout_hold payout_hold_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.payout_hold
    ADD CONSTRAINT payout_hold_pkey PRIMARY KEY (hold_id);

--
-- Name: processor_dispute processor_dispute_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.processor_dispute
    ADD CONSTRAINT processor_dispute_pkey PRIMARY KEY (processor_dispute_id);

--
-- Name: promo_adjustment promo_adjustment_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_adjustment
    ADD CONSTRAINT promo_adjustment_pkey PRIMARY KEY (adjustment_id);

--
-- Name: promo_advertiser_device promo_advertiser_device_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_advertiser_device
    ADD CONSTRAINT promo_advertiser_device_pkey PRIMARY KEY (advertiser_id, device_hash);

--
-- Name: promo_advertiser promo_advertiser_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_advertiser
    ADD CONSTRAINT promo_advertiser_pkey PRIMARY KEY (advertiser_id);

--
-- Name: promo_advertiser promo_advertiser_user; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_advertiser
    ADD CONSTRAINT promo_advertiser_user UNIQUE (user_id);

--
-- Name: promo_attributed_order promo_attributed_order_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_attributed_order
    ADD CONSTRAINT promo_attributed_order_pkey PRIMARY KEY (order_id);

--
-- Name: promo_budget_ledger promo_budget_ledger_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_budget_ledger
    ADD CONSTRAINT promo_budget_ledger_pkey PRIMARY KEY (entry_id);

--
-- Name: promo_budget_ledger promo_budget_ledger_position; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_budget_ledger
    ADD CONSTRAINT promo_budget_ledger_position UNIQUE (campaign_id, chain, sequence);

--
-- Name: promo_budget_ledger promo_budget_ledger_processor_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_budget_ledger
    ADD CONSTRAINT promo_budget_ledger_processor_once UNIQUE (processor, processor_ref, kind);

--
-- Name: promo_campaign_event promo_campaign_event_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_campaign_event
    ADD CONSTRAINT promo_campaign_event_pkey PRIMARY KEY (campaign_id, sequence);

--
-- Name: promo_campaign promo_campaign_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_campaign
    ADD CONSTRAINT promo_campaign_pkey PRIMARY KEY (campaign_id);

--
-- Name: promo_click_claim promo_click_claim_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_click_claim
    ADD CONSTRAINT promo_click_claim_once UNIQUE (spend_entry_id);

--
-- Name: promo_click_claim promo_click_claim_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_click_claim
    ADD CONSTRAINT promo_click_claim_pkey PRIMARY KEY (claim_id);

--
-- Name: promo_click_decision promo_click_decision_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_click_decision
    ADD CONSTRAINT promo_click_decision_pkey PRIMARY KEY (campaign_id, event_id, revision);

--
-- Name: promo_control promo_control_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_control
    ADD CONSTRAINT promo_control_pkey PRIMARY KEY (log_partition, log_offset);

--
-- Name: promo_day_plan promo_day_plan_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_day_plan
    ADD CONSTRAINT promo_day_plan_pkey PRIMARY KEY (campaign_id);

--
-- Name: promo_debit promo_debit_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_debit
    ADD CONSTRAINT promo_debit_pkey PRIMARY KEY (debit_id);

--
-- Name: promo_debt_settlement promo_debt_settlement_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_debt_settlement
    ADD CONSTRAINT promo_debt_settlement_once UNIQUE (adjustment_id);

--
-- Name: promo_debt_settlement promo_debt_settlement_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_debt_settlement
    ADD CONSTRAINT promo_debt_settlement_pkey PRIMARY KEY (settlement_id);

--
-- Name: promo_event promo_event_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_event
    ADD CONSTRAINT promo_event_pkey PRIMARY KEY (event_id, campaign_id);

--
-- Name: promo_funding_head promo_funding_head_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_funding_head
    ADD CONSTRAINT promo_funding_head_pkey PRIMARY KEY (campaign_id);

--
-- Name: promo_history promo_history_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_history
    ADD CONSTRAINT promo_history_pkey PRIMARY KEY (subject_id, sequence);

--
-- Name: promo_late_pass promo_late_pass_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_late_pass
    ADD CONSTRAINT promo_late_pass_pkey PRIMARY KEY (rule, part);

--
-- Name: promo_ledger_checkpoint promo_ledger_checkpoint_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_ledger_checkpoint
    ADD CONSTRAINT promo_ledger_checkpoint_pkey PRIMARY KEY (advertiser_id, day);

--
-- Name: promo_notice promo_notice_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_notice
    ADD CONSTRAINT promo_notice_once UNIQUE (campaign_id, kind, cause);

--
-- Name: promo_notice promo_notice_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_notice
    ADD CONSTRAINT promo_notice_pkey PRIMARY KEY (notice_id);

--
-- Name: promo_open_exposure promo_open_exposure_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_open_exposure
    ADD CONSTRAINT promo_open_exposure_pkey PRIMARY KEY (server, campaign_id);

--
-- Name: promo_pacing promo_pacing_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_pacing
    ADD CONSTRAINT promo_pacing_pkey PRIMARY KEY (campaign_id);

--
-- Name: promo_policy promo_policy_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_policy
    ADD CONSTRAINT promo_policy_once UNIQUE NULLS NOT DISTINCT (surface, role, city);

--
-- Name: promo_policy promo_policy_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_policy
    ADD CONSTRAINT promo_policy_pkey PRIMARY KEY (policy_id);

--
-- Name: promo_receivable promo_receivable_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_receivable
    ADD CONSTRAINT promo_receivable_pkey PRIMARY KEY (processor_ref);

--
-- Name: promo_rollup_15m promo_rollup_15m_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_rollup_15m
    ADD CONSTRAINT promo_rollup_15m_pkey PRIMARY KEY (campaign_id, bucket_start);

--
-- Name: promo_rule_book promo_rule_book_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_rule_book
    ADD CONSTRAINT promo_rule_book_pkey PRIMARY KEY (version);

--
-- Name: promo_spend_head promo_spend_head_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_spend_head
    ADD CONSTRAINT promo_spend_head_pkey PRIMARY KEY (campaign_id);

--
-- Name: promo_switch_event promo_switch_event_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_switch_event
    ADD CONSTRAINT promo_switch_event_pkey PRIMARY KEY (version);

--
-- Name: promo_switchboard promo_switchboard_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_switchboard
    ADD CONSTRAINT promo_switchboard_pkey PRIMARY KEY (single);

--
-- Name: promo_topup promo_topup_charge; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_topup
    ADD CONSTRAINT promo_topup_charge UNIQUE (charge_id);

--
-- Name: promo_topup promo_topup_intent; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_topup
    ADD CONSTRAINT promo_topup_intent UNIQUE (payment_intent_id);

--
-- Name: promo_topup promo_topup_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_topup
    ADD CONSTRAINT promo_topup_pkey PRIMARY KEY (topup_id);

--
-- Name: promo_traffic_15m promo_traffic_15m_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_traffic_15m
    ADD CONSTRAINT promo_traffic_15m_pkey PRIMARY KEY (surface, role, city, bucket_start);

--
-- Name: promo_unserved promo_unserved_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_unserved
    ADD CONSTRAINT promo_unserved_pkey PRIMARY KEY (campaign_id, hour, reason);

--
-- Name: promo_viewer_erasure promo_viewer_erasure_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_viewer_erasure
    ADD CONSTRAINT promo_viewer_erasure_pkey PRIMARY KEY (viewer_hash);

--
-- Name: promo_viewer_erasure promo_viewer_erasure_pseudonym; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_viewer_erasure
    ADD CONSTRAINT promo_viewer_erasure_pseudonym UNIQUE (pseudonym);

--
-- Name: promo_withdrawal promo_withdrawal_debit; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_withdrawal
    ADD CONSTRAINT promo_withdrawal_debit UNIQUE (debit_id);

--
-- Name: promo_withdrawal_part promo_withdrawal_part_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_withdrawal_part
    ADD CONSTRAINT promo_withdrawal_part_pkey PRIMARY KEY (withdrawal_id, topup_id);

--
-- Name: promo_withdrawal_part promo_withdrawal_part_refund; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_withdrawal_part
    ADD CONSTRAINT promo_withdrawal_part_refund UNIQUE (refund_id);

--
-- Name: promo_withdrawal promo_withdrawal_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_withdrawal
    ADD CONSTRAINT promo_withdrawal_pkey PRIMARY KEY (withdrawal_id);

--
-- Name: referral_assessment referral_assessment_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.referral_assessment
    ADD CONSTRAINT referral_assessment_pkey PRIMARY KEY (assessment_id);

--
-- Name: referral_award_month referral_award_month_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.referral_award_month
    ADD CONSTRAINT referral_award_month_pkey PRIMARY KEY (user_id, program_id, month);

--
-- Name: referral_invite referral_invite_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.referral_invite
    ADD CONSTRAINT referral_invite_once UNIQUE (program_id, inviter_user_id, invitee_email_sha);

--
-- Name: referral_invite referral_invite_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.referral_invite
    ADD CONSTRAINT referral_invite_pkey PRIMARY KEY (invite_id);

--
-- Name: referral_program referral_program_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.referral_program
    ADD CONSTRAINT referral_program_pkey PRIMARY KEY (program_id);

--
-- Name: referral_signal referral_signal_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.referral_signal
    ADD CONSTRAINT referral_signal_pkey PRIMARY KEY (user_id, kind, hash);

--
-- Name: refund_limit refund_limit_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.refund_limit
    ADD CONSTRAINT refund_limit_pkey PRIMARY KEY (refund_limit_id);

--
-- Name: saved_search_alert_item saved_search_alert_item_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.saved_search_alert_item
    ADD CONSTRAINT saved_search_alert_item_pkey PRIMARY KEY (user_id, alert_dt, document_id);

--
-- Name: saved_search_alert saved_search_alert_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.saved_search_alert
    ADD CONSTRAINT saved_search_alert_pkey PRIMARY KEY (alert_id);

--
-- Name: saved_search_alert saved_search_alert_search_id_alert_dt_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.saved_search_alert
    ADD CONSTRAINT saved_search_alert_search_id_alert_dt_key UNIQUE (search_id, alert_dt);

--
-- Name: saved_search saved_search_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.saved_search
    ADD CONSTRAINT saved_search_pkey PRIMARY KEY (search_id);

--
-- Name: search_document search_document_change_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.search_document
    ADD CONSTRAINT search_document_change_once UNIQUE (change_seq);

--
-- Name: search_document search_document_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.search_document
    ADD CONSTRAINT search_document_pkey PRIMARY KEY (document_id);

--
-- Name: sla_miss sla_miss_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sla_miss
    ADD CONSTRAINT sla_miss_pkey PRIMARY KEY (case_id, sla_cycle, clock, due_at);

--
-- Name: sla_policy sla_policy_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sla_policy
    ADD CONSTRAINT sla_policy_once UNIQUE (type, severity);

--
-- Name: sla_policy sla_policy_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sla_policy
    ADD CONSTRAINT sla_policy_pkey PRIMARY KEY (sla_policy_id);

--
-- Name: stream_partition stream_partition_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.stream_partition
    ADD CONSTRAINT stream_partition_pkey PRIMARY KEY (log, partition);

--
-- Name: support_case support_case_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.support_case
    ADD CONSTRAINT support_case_pkey PRIMARY KEY (case_id);

--
-- Name: support_event support_event_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.support_event
    ADD CONSTRAINT support_event_once UNIQUE (case_id, sequence);

--
-- Name: support_event support_event_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.support_event
    ADD CONSTRAINT support_event_pkey PRIMARY KEY (evt_id);

--
-- Name: support_event support_event_public_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.support_event
    ADD CONSTRAINT support_event_public_once UNIQUE (case_id, public_sequence);

--
-- Name: support_message support_message_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.support_message
    ADD CONSTRAINT support_message_pkey PRIMARY KEY (msg_id);

--
-- Name: support_refund support_refund_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.support_refund
    ADD CONSTRAINT support_refund_pkey PRIMARY KEY (refund_id);

--
-- Name: support_refund support_refund_processor_ref; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.support_refund
    ADD CONSTRAINT support_refund_processor_ref UNIQUE (processor_ref);

--
-- Name: support_refund support_refund_set_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.support_refund
    ADD CONSTRAINT support_refund_set_once UNIQUE (refund_set_id);

--
-- Name: adjustment_of_order; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX adjustment_of_order ON booking.adjustment USING btree (order_id, adjustment_id);

--
-- Name: autoaccept_rule_of_profile; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX autoaccept_rule_of_profile ON booking.autoaccept_rule USING btree (service_profile_id, rule_id);

--
-- Name: chargeback_of_payment; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX chargeback_of_payment ON booking.chargeback USING btree (payment_id);

--
-- Name: dispute_decision_one_open; Type: INDEX; Schema: booking; Owner: -
--

CREATE UNIQUE INDEX dispute_decision_one_open ON booking.dispute_decision USING btree (dispute_id) WHERE (status = ANY (ARRAY['proposed'::text, 'approved'::text]));

--
-- Name: dispute_of_order; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX dispute_of_order ON booking.dispute USING btree (order_id, dispute_id);

--
-- Name: dispute_one_open; Type: INDEX; Schema: booking; Owner: -
--

CREATE UNIQUE INDEX dispute_one_open ON booking.dispute USING btree (order_id) WHERE (status = ANY (ARRAY['open'::text, 'awaiting_evidence'::text, 'under_review'::text]));

--
-- Name: dispute_statement_of_dispute; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX dispute_statement_of_dispute ON booking.dispute_statement USING btree (dispute_id, statement_id);

--
-- Name: group_buyer; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX group_buyer ON booking."group" USING btree (buyer_user_id, lbg_id);

--
-- Name: invite_buyer; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX invite_buyer ON booking.invite USING btree (buyer_user_id, invite_id);

--
-- Name: invite_expiring; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX invite_expiring ON booking.invite USING btree (expires_at) WHERE (status = 'open'::text);

--
-- Name: invite_recipient_one_award; Type: INDEX; Schema: booking; Owner: -
--

CREATE UNIQUE INDEX invite_recipient_one_award ON booking.invite_recipient USING btree (invite_id) WHERE (status = 'awarded'::text);

--
-- Name: invite_recipient_user; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX invite_recipient_user ON booking.invite_recipient USING btree (recipient_user_id, invite_id DESC);

--
-- Name: milestone_due; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX milestone_due ON booking.milestone USING btree (due_ts) WHERE ((status = 'open'::text) AND (due_ts IS NOT NULL));

--
-- Name: milestone_silent; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX milestone_silent ON booking.milestone USING btree (delivered_at) WHERE (status = 'delivered'::text);

--
-- Name: money_finding_day; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX money_finding_day ON booking.money_finding USING btree (found_on, finding_id);

--
-- Name: order_buyer; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX order_buyer ON booking."order" USING btree (buyer_user_id, order_id DESC);

--
-- Name: order_group; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX order_group ON booking."order" USING btree (lbg_id) WHERE (lbg_id IS NOT NULL);

--
-- Name: order_invite; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX order_invite ON booking."order" USING btree (invite_id) WHERE (invite_id IS NOT NULL);

--
-- Name: order_provider; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX order_provider ON booking."order" USING btree (provider_user_id, order_id DESC);

--
-- Name: order_provider_open; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX order_provider_open ON booking."order" USING btree (provider_user_id, busy_from) WHERE (status = ANY (ARRAY['pending_accept'::booking.booking_status, 'countered'::booking.booking_status]));

--
-- Name: order_timers; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX order_timers ON booking."order" USING btree (status, start_ts) WHERE (status = ANY (ARRAY['initiated'::booking.booking_status, 'accepted'::booking.booking_status, 'confirmed'::booking.booking_status, 'in_progress'::booking.booking_status, 'delivered'::booking.booking_status]));

--
-- Name: package_of_profile; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX package_of_profile ON booking.package USING btree (service_profile_id, package_id);

--
-- Name: payment_capture_deadline; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX payment_capture_deadline ON booking.payment USING btree (capture_before) WHERE (status = 'authorized'::text);

--
-- Name: payment_one_adjustment; Type: INDEX; Schema: booking; Owner: -
--

CREATE UNIQUE INDEX payment_one_adjustment ON booking.payment USING btree (order_id) WHERE ((purpose = 'adjustment'::text) AND (status = ANY (ARRAY['pending'::text, 'requires_action'::text, 'authorized'::text, 'failed'::text])) AND (given_up_at IS NULL));

--
-- Name: payment_open; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX payment_open ON booking.payment USING btree (updated_at) WHERE (status = ANY (ARRAY['pending'::text, 'requires_action'::text, 'authorized'::text, 'failed'::text]));

--
-- Name: provider_debt_of_order; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX provider_debt_of_order ON booking.provider_debt USING btree (order_id);

--
-- Name: provider_debt_open; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX provider_debt_open ON booking.provider_debt USING btree (provider_user_id, debt_id) WHERE ((paid_cents + forgiven_cents) < amount_cents);

--
-- Name: refund_balance_owing; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX refund_balance_owing ON booking.refund_balance USING btree (order_id) WHERE ((transferred_cents - reversed_cents) < (((((((subtotal_cents - subtotal_returned_cents) - commission_cents) + commission_returned_cents) + tip_cents) - tip_returned_cents) - withdrawn_cents) + reinstated_cents));

--
-- Name: refund_line_of_order; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX refund_line_of_order ON booking.refund_line USING btree (order_id, "position");

--
-- Name: refund_of_cause; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX refund_of_cause ON booking.refund USING btree (cause, cause_id);

--
-- Name: refund_of_order; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX refund_of_order ON booking.refund USING btree (order_id, refund_id);

--
-- Name: refund_open; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX refund_open ON booking.refund USING btree (updated_at) WHERE (status = ANY (ARRAY['reserved'::text, 'processing'::text]));

--
-- Name: request_buyer; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX request_buyer ON booking.request USING btree (buyer_user_id, request_id DESC);

--
-- Name: request_expiring; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX request_expiring ON booking.request USING btree (expires_at) WHERE (status = 'pending'::text);

--
-- Name: request_one_pending; Type: INDEX; Schema: booking; Owner: -
--

CREATE UNIQUE INDEX request_one_pending ON booking.request USING btree (order_id) WHERE (status = 'pending'::text);

--
-- Name: request_provider; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX request_provider ON booking.request USING btree (provider_user_id, request_id DESC);

--
-- Name: reschedule_one_pending; Type: INDEX; Schema: booking; Owner: -
--

CREATE UNIQUE INDEX reschedule_one_pending ON booking.reschedule USING btree (order_id) WHERE (status = 'pending'::text);

--
-- Name: service_profile_provider; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX service_profile_provider ON booking.service_profile USING btree (provider_user_id, service_profile_id);

--
-- Name: transfer_of_order; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX transfer_of_order ON booking.transfer USING btree (order_id, transfer_id);

--
-- Name: transfer_of_provider; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX transfer_of_provider ON booking.transfer USING btree (provider_user_id, created_at);

--
-- Name: transfer_open; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX transfer_open ON booking.transfer USING btree (updated_at) WHERE (status = 'pending'::text);

--
-- Name: transfer_reversal_of_transfer; Type: INDEX; Schema: booking; Owner: -
--

CREATE INDEX transfer_reversal_of_transfer ON booking.transfer_reversal USING btree (transfer_id);

--
-- Name: idempotency_key_expires; Type: INDEX; Schema: core; Owner: -
--

CREATE INDEX idempotency_key_expires ON core.idempotency_key USING btree (expires_at);

--
-- Name: job_due; Type: INDEX; Schema: core; Owner: -
--

CREATE INDEX job_due ON core.job USING btree (run_at, job_id) WHERE (status = 'queued'::text);

--
-- Name: job_finished; Type: INDEX; Schema: core; Owner: -
--

CREATE INDEX job_finished ON core.job USING btree (finished_at) WHERE (status = 'done'::text);

--
-- Name: job_held; Type: INDEX; Schema: core; Owner: -
--

CREATE INDEX job_held ON core.job USING btree (kind, created_at) WHERE (status = 'held'::text);

--
-- Name: job_key; Type: INDEX; Schema: core; Owner: -
--

CREATE INDEX job_key ON core.job USING btree (key);

--
-- Name: job_lease; Type: INDEX; Schema: core; Owner: -
--

CREATE INDEX job_lease ON core.job USING btree (lease_until) WHERE (status = 'running'::text);

--
-- Name: job_queued_key; Type: INDEX; Schema: core; Owner: -
--

CREATE UNIQUE INDEX job_queued_key ON core.job USING btree (kind, key) WHERE (status = 'queued'::text);

--
-- Name: outbox_topic; Type: INDEX; Schema: core; Owner: -
--

CREATE INDEX outbox_topic ON core.outbox USING btree (topic, seq);

--
-- Name: user_profile_email; Type: INDEX; Schema: directory; Owner: -
--

CREATE INDEX user_profile_email ON directory.user_profile USING btree (email_hash) WHERE (email_hash IS NOT NULL);

--
-- Name: object_owner_owner; Type: INDEX; Schema: payments; Owner: -
--

CREATE INDEX object_owner_owner ON payments.object_owner USING btree (slice, owner_kind, owner_id);

--
-- Name: payment_method_fingerprint; Type: INDEX; Schema: payments; Owner: -
--

CREATE INDEX payment_method_fingerprint ON payments.payment_method USING btree (fingerprint_hash) WHERE (detached_at IS NULL);

--
-- Name: payment_method_user; Type: INDEX; Schema: payments; Owner: -
--

CREATE INDEX payment_method_user ON payments.payment_method USING btree (user_id);

--
-- Name: stripe_call_open; Type: INDEX; Schema: payments; Owner: -
--

CREATE INDEX stripe_call_open ON payments.stripe_call USING btree (updated_at) WHERE (status = ANY (ARRAY['pending'::text, 'unknown'::text]));

--
-- Name: stripe_call_owner; Type: INDEX; Schema: payments; Owner: -
--

CREATE INDEX stripe_call_owner ON payments.stripe_call USING btree (owner_kind, owner_id, created_at);

--
-- Name: webhook_event_open; Type: INDEX; Schema: payments; Owner: -
--

CREATE INDEX webhook_event_open ON payments.webhook_event USING btree (received_at) WHERE (status = ANY (ARRAY['received'::text, 'parked'::text]));

--
-- Name: webhook_event_parked; Type: INDEX; Schema: payments; Owner: -
--

CREATE INDEX webhook_event_parked ON payments.webhook_event USING btree (((payload #>> '{data,object,id}'::text[]))) WHERE (status = 'parked'::text);

--
-- Name: credit_debt_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX credit_debt_open ON public.credit_debt USING btree (user_id, debt_id) WHERE (paid_cents < amount_cents);

--
-- Name: credit_grant_expiring; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX credit_grant_expiring ON public.credit_grant USING btree (expires_at) WHERE ((remaining_cents > 0) AND (expires_at IS NOT NULL));

--
-- Name: credit_grant_spendable; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX credit_grant_spendable ON public.credit_grant USING btree (user_id, expires_at, grant_id) WHERE (remaining_cents > 0);

--
-- Name: credit_ledger_reversals; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX credit_ledger_reversals ON public.credit_ledger USING btree (reverses_entry_id) WHERE (reverses_entry_id IS NOT NULL);

--
-- Name: credit_redemption_of_grant; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX credit_redemption_of_grant ON public.credit_redemption USING btree (grant_id);

--
-- Name: dmca_notice_of_case; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX dmca_notice_of_case ON public.dmca_notice USING btree (case_id, notice_id);

--
-- Name: dmca_notice_respondent; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX dmca_notice_respondent ON public.dmca_notice USING btree (respondent_user_id) WHERE (kind = 'notice'::text);

--
-- Name: evidence_object_of_case; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX evidence_object_of_case ON public.evidence_object USING btree (case_id, evidence_id);

--
-- Name: feed_post_author; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX feed_post_author ON public.feed_post USING btree (author_id, published_at DESC, feed_id DESC) INCLUDE (nsfw_band) WHERE (is_published AND (hidden_by_case IS NULL));

--
-- Name: feed_post_roles; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX feed_post_roles ON public.feed_post USING gin (role_tags);

--
-- Name: feed_post_visible; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX feed_post_visible ON public.feed_post USING btree (published_at DESC, feed_id DESC) INCLUDE (author_id, nsfw_band) WHERE (is_published AND (hidden_by_case IS NULL));

--
-- Name: feed_post_visible_city; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX feed_post_visible_city ON public.feed_post USING btree (city, published_at DESC, feed_id DESC) WHERE (is_published AND (hidden_by_case IS NULL));

--
-- Name: follow_target; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX follow_target ON public.follow USING btree (target_id, target_kind, follower_user_id);

--
-- Name: idx_credit_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX idx_credit_user ON public.credit_ledger USING btree (user_id, created_at DESC);

--
-- Name: idx_feed_post_city; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX idx_feed_post_city ON public.feed_post USING btree (city);

--
-- Name: idx_feed_post_pub; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX idx_feed_post_pub ON public.feed_post USING btree (is_published, created_at DESC);

--
-- Name: idx_rfi_email; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX idx_rfi_email ON public.referral_invite USING btree (invitee_email_sha);

--
-- Name: idx_rfi_inviter; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX idx_rfi_inviter ON public.referral_invite USING btree (inviter_user_id, created_at DESC);

--
-- Name: idx_saved_search_city; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX idx_saved_search_city ON public.saved_search USING btree (city);

--
-- Name: idx_saved_search_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX idx_saved_search_user ON public.saved_search USING btree (user_id);

--
-- Name: notification_of_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX notification_of_user ON public.notification USING btree (user_id, notification_id DESC);

--
-- Name: notification_unread; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX notification_unread ON public.notification USING btree (user_id) WHERE (read_at IS NULL);

--
-- Name: payout_hold_expiring; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX payout_hold_expiring ON public.payout_hold USING btree (expires_at) WHERE (status = 'applied'::text);

--
-- Name: payout_hold_of_case; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX payout_hold_of_case ON public.payout_hold USING btree (case_id);

--
-- Name: payout_hold_of_leg; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX payout_hold_of_leg ON public.payout_hold USING btree (leg_id) WHERE (status = 'applied'::text);

--
-- Name: processor_dispute_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX processor_dispute_due ON public.processor_dispute USING btree (due_by) WHERE ((submitted_at IS NULL) AND (accepted_at IS NULL));

--
-- Name: processor_dispute_of_case; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX processor_dispute_of_case ON public.processor_dispute USING btree (case_id);

--
-- Name: promo_adjustment_of_campaign; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_adjustment_of_campaign ON public.promo_adjustment USING btree (campaign_id, adjustment_id DESC);

--
-- Name: promo_advertiser_changed; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_advertiser_changed ON public.promo_advertiser USING btree (updated_at);

--
-- Name: promo_advertiser_device_seen; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_advertiser_device_seen ON public.promo_advertiser_device USING btree (last_seen_at);

--
-- Name: promo_attributed_order_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_attributed_order_time ON public.promo_attributed_order USING btree (campaign_id, ordered_at);

--
-- Name: promo_budget_ledger_click; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX promo_budget_ledger_click ON public.promo_budget_ledger USING btree (campaign_id, click_key) WHERE (kind = 'spend'::text);

--
-- Name: promo_budget_ledger_corrections; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_budget_ledger_corrections ON public.promo_budget_ledger USING btree (campaign_id) WHERE (kind = ANY (ARRAY['credit'::text, 'adjustment'::text]));

--
-- Name: promo_budget_ledger_credited; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX promo_budget_ledger_credited ON public.promo_budget_ledger USING btree (reverses_entry_id) WHERE (credit_source = 'invalid_click'::text);

--
-- Name: promo_budget_ledger_day; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_budget_ledger_day ON public.promo_budget_ledger USING btree (campaign_id, budget_day) WHERE (kind = 'spend'::text);

--
-- Name: promo_budget_ledger_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_budget_ledger_time ON public.promo_budget_ledger USING btree (campaign_id, created_at, entry_id);

--
-- Name: promo_campaign_changed; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_campaign_changed ON public.promo_campaign USING btree (updated_at);

--
-- Name: promo_campaign_ending; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_campaign_ending ON public.promo_campaign USING btree (end_date) WHERE ((status = ANY (ARRAY['active'::text, 'paused'::text])) AND (end_date IS NOT NULL));

--
-- Name: promo_campaign_of_advertiser; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_campaign_of_advertiser ON public.promo_campaign USING btree (advertiser_id, campaign_id DESC);

--
-- Name: promo_campaign_serving; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_campaign_serving ON public.promo_campaign USING btree (surface) WHERE (status = 'active'::text);

--
-- Name: promo_click_claim_of_campaign; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_click_claim_of_campaign ON public.promo_click_claim USING btree (campaign_id, claim_id DESC);

--
-- Name: promo_click_claim_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_click_claim_open ON public.promo_click_claim USING btree (claim_id) WHERE (status = 'open'::text);

--
-- Name: promo_click_decision_place; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_click_decision_place ON public.promo_click_decision USING btree (log_partition, log_offset, log_index);

--
-- Name: promo_control_newest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_control_newest ON public.promo_control USING btree (kind, key, version);

--
-- Name: promo_debt_settlement_of_topup; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_debt_settlement_of_topup ON public.promo_debt_settlement USING btree (topup_id, settlement_id);

--
-- Name: promo_funding_head_changed; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_funding_head_changed ON public.promo_funding_head USING btree (updated_at);

--
-- Name: promo_open_exposure_of_campaign; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_open_exposure_of_campaign ON public.promo_open_exposure USING btree (campaign_id);

--
-- Name: promo_open_exposure_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_open_exposure_time ON public.promo_open_exposure USING btree (as_of);

--
-- Name: promo_pacing_published; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_pacing_published ON public.promo_pacing USING btree (published);

--
-- Name: promo_receivable_of_topup; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_receivable_of_topup ON public.promo_receivable USING btree (topup_id);

--
-- Name: promo_spend_head_changed; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_spend_head_changed ON public.promo_spend_head USING btree (updated_at);

--
-- Name: promo_topup_automatic; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX promo_topup_automatic ON public.promo_topup USING btree (campaign_id) WHERE ((cause = 'automatic'::text) AND (status = ANY (ARRAY['pending'::text, 'requires_action'::text])));

--
-- Name: promo_topup_of_campaign; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_topup_of_campaign ON public.promo_topup USING btree (campaign_id, topup_id DESC);

--
-- Name: promo_traffic_15m_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_traffic_15m_time ON public.promo_traffic_15m USING brin (bucket_start);

--
-- Name: promo_unserved_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_unserved_time ON public.promo_unserved USING brin (hour);

--
-- Name: promo_withdrawal_of_campaign; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_withdrawal_of_campaign ON public.promo_withdrawal USING btree (campaign_id, withdrawal_id DESC);

--
-- Name: promo_withdrawal_open; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX promo_withdrawal_open ON public.promo_withdrawal USING btree (campaign_id) WHERE (status = 'requested'::text);

--
-- Name: promo_withdrawal_part_of_topup; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX promo_withdrawal_part_of_topup ON public.promo_withdrawal_part USING btree (topup_id);

--
-- Name: referral_assessment_of_invite; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX referral_assessment_of_invite ON public.referral_assessment USING btree (invite_id, assessment_id);

--
-- Name: referral_invite_holding; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX referral_invite_holding ON public.referral_invite USING btree (held_until) WHERE (status = 'held'::text);

--
-- Name: referral_invite_of_invitee; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX referral_invite_of_invitee ON public.referral_invite USING btree (invitee_user_id) WHERE (invitee_user_id IS NOT NULL);

--
-- Name: referral_invite_one_invitee; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX referral_invite_one_invitee ON public.referral_invite USING btree (program_id, invitee_user_id) WHERE ((invitee_user_id IS NOT NULL) AND (status <> 'rejected'::text));

--
-- Name: referral_invite_order; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX referral_invite_order ON public.referral_invite USING btree (qualified_order_id) WHERE (qualified_order_id IS NOT NULL);

--
-- Name: referral_invite_reviews; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX referral_invite_reviews ON public.referral_invite USING btree (invite_id) WHERE in_review;

--
-- Name: refund_limit_newest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX refund_limit_newest ON public.refund_limit USING btree (currency, refund_limit_id DESC);

--
-- Name: saved_search_alert_item_of_alert; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX saved_search_alert_item_of_alert ON public.saved_search_alert_item USING btree (alert_id, change_seq DESC);

--
-- Name: saved_search_alert_unfinished; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX saved_search_alert_unfinished ON public.saved_search_alert USING btree (created_at) WHERE (NOT (email_sent AND inapp_created));

--
-- Name: saved_search_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX saved_search_due ON public.saved_search USING btree (time_zone, last_alert_dt);

--
-- Name: saved_search_equal; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX saved_search_equal ON public.saved_search USING btree (scope, city, query_hash);

--
-- Name: saved_search_of_user; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX saved_search_of_user ON public.saved_search USING btree (user_id, search_id DESC);

--
-- Name: saved_search_run; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX saved_search_run ON public.saved_search USING btree (time_zone, scope, city, query_hash);

--
-- Name: search_document_changes; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX search_document_changes ON public.search_document USING btree (scope, city, change_seq);

--
-- Name: search_document_price; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX search_document_price ON public.search_document USING btree (scope, city, price_cents);

--
-- Name: search_document_roles; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX search_document_roles ON public.search_document USING gin (roles);

--
-- Name: search_document_tags; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX search_document_tags ON public.search_document USING gin (tags);

--
-- Name: support_case_breaching; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX support_case_breaching ON public.support_case USING btree (next_due_at, case_id) WHERE (status <> 'closed'::text);

--
-- Name: support_case_leg_cases; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX support_case_leg_cases ON public.support_case USING btree (leg_id) WHERE (leg_id IS NOT NULL);

--
-- Name: support_case_one_open; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX support_case_one_open ON public.support_case USING btree (type, COALESCE(leg_id, order_id)) WHERE ((status <> 'closed'::text) AND (type <> 'chargeback'::text) AND (COALESCE(leg_id, order_id) IS NOT NULL));

--
-- Name: support_case_opener; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX support_case_opener ON public.support_case USING btree (opened_by_user, case_id DESC);

--
-- Name: support_case_per_processor_dispute; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX support_case_per_processor_dispute ON public.support_case USING btree (processor_dispute_id) WHERE (processor_dispute_id IS NOT NULL);

--
-- Name: support_case_queue; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX support_case_queue ON public.support_case USING btree (owner_user_id, next_due_at, case_id) WHERE (status <> 'closed'::text);

--
-- Name: support_case_respondent_cases; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX support_case_respondent_cases ON public.support_case USING btree (respondent_user_id, case_id DESC) WHERE (respondent_user_id IS NOT NULL);

--
-- Name: support_message_of_case; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX support_message_of_case ON public.support_message USING btree (case_id, msg_id);

--
-- Name: support_refund_of_case; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX support_refund_of_case ON public.support_refund USING btree (case_id, refund_id);

--
-- Name: support_refund_of_leg; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX support_refund_of_leg ON public.support_refund USING btree (leg_id);

--
-- Name: support_refund_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX support_refund_open ON public.support_refund USING btree (case_id) WHERE (status = ANY (ARRAY['proposed'::text, 'processing'::text]));

--
-- Name: chat_message chat_message_append_only; Type: TRIGGER; Schema: booking; Owner: -
--

CREATE TRIGGER chat_message_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON booking.chat_message FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

--
-- Name: dispute_statement dispute_statement_append_only; Type: TRIGGER; Schema: booking; Owner: -
--

CREATE TRIGGER dispute_statement_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON booking.dispute_statement FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

--
-- Name: fee_policy fee_policy_append_only; Type: TRIGGER; Schema: booking; Owner: -
--

CREATE TRIGGER fee_policy_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON booking.fee_policy FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

--
-- Name: order_event order_event_append_only; Type: TRIGGER; Schema: booking; Owner: -
--

CREATE TRIGGER order_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON booking.order_event FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

--
-- Name: job job_notify; Type: TRIGGER; Schema: core; Owner: -
--

CREATE TRIGGER job_notify AFTER INSERT ON core.job FOR EACH STATEMENT EXECUTE FUNCTION core.notify_insert('callsheet_jobs');

--
-- Name: outbox outbox_notify; Type: TRIGGER; Schema: core; Owner: -
--

CREATE TRIGGER outbox_notify AFTER INSERT ON core.outbox FOR EACH STATEMENT EXECUTE FUNCTION core.notify_insert('callsheet_outbox');

--
-- Name: erasure erasure_append_only; Type: TRIGGER; Schema: directory; Owner: -
--

CREATE TRIGGER erasure_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON directory.erasure FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

--
-- Name: credit_ledger credit_ledger_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER credit_ledger_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.credit_ledger FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

--
-- Name: promo_attributed_order promo_attributed_order_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER promo_attributed_order_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.promo_attributed_order FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

--
-- Name: promo_budget_ledger promo_budget_ledger_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER promo_budget_ledger_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.promo_budget_ledger FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

--
-- Name: promo_budget_ledger promo_budget_ledger_writer; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER promo_budget_ledger_writer BEFORE INSERT ON public.promo_budget_ledger FOR EACH ROW WHEN (((new.chain = 'spend'::text) <> (CURRENT_USER = 'callsheet_stream'::name))) EXECUTE FUNCTION public.promo_refuse_writer();

--
-- Name: promo_campaign_event promo_campaign_event_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER promo_campaign_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.promo_campaign_event FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

--
-- Name: promo_click_decision promo_click_decision_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER promo_click_decision_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.promo_click_decision FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

--
-- Name: promo_control promo_control_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER promo_control_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.promo_control FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

--
-- Name: promo_debit promo_debit_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER promo_debit_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.promo_debit FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

--
-- Name: promo_event promo_event_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER promo_event_append_only BEFORE DELETE OR UPDATE ON public.promo_event FOR EACH ROW EXECUTE FUNCTION core.refuse_change();

--
-- Name: promo_event promo_event_no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER promo_event_no_truncate BEFORE TRUNCATE ON public.promo_event FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

--
-- Name: promo_history promo_history_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER promo_history_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.promo_history FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

--
-- Name: promo_ledger_checkpoint promo_ledger_checkpoint_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER promo_ledger_checkpoint_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.promo_ledger_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

--
-- Name: promo_rule_book promo_rule_book_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER promo_rule_book_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.promo_rule_book FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

--
-- Name: promo_switch_event promo_switch_event_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER promo_switch_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.promo_switch_event FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

--
-- Name: referral_assessment referral_assessment_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER referral_assessment_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.referral_assessment FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

--
-- Name: refund_limit refund_limit_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER refund_limit_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.refund_limit FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

--
-- Name: sla_miss sla_miss_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER sla_miss_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.sla_miss FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

--
-- Name: support_event support_event_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER support_event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.support_event FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

--
-- Name: adjustment adjustment_order_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.adjustment
    ADD CONSTRAINT adjustment_order_id_fkey FOREIGN KEY (order_id) REFERENCES booking."order"(order_id);

--
-- Name: adjustment adjustment_payment; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.adjustment
    ADD CONSTRAINT adjustment_payment FOREIGN KEY (order_id, payment_id) REFERENCES booking.payment(order_id, payment_id);

--
-- Name: autoaccept_rule autoaccept_rule_profile; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.autoaccept_rule
    ADD CONSTRAINT autoaccept_rule_profile FOREIGN KEY (service_profile_id) REFERENCES booking.service_profile(service_profile_id);

--
-- Name: card_promise card_promise_order_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.card_promise
    ADD CONSTRAINT card_promise_order_id_fkey FOREIGN KEY (order_id) REFERENCES booking."order"(order_id);

--
-- Name: chargeback chargeback_payment_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.chargeback
    ADD CONSTRAINT chargeback_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES booking.payment(payment_id);

--
-- Name: chat_message chat_message_chat_thread_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.chat_message
    ADD CONSTRAINT chat_message_chat_thread_id_fkey FOREIGN KEY (chat_thread_id) REFERENCES booking.chat_thread(chat_thread_id);

--
-- Name: chat_thread chat_thread_order_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.chat_thread
    ADD CONSTRAINT chat_thread_order_id_fkey FOREIGN KEY (order_id) REFERENCES booking."order"(order_id);

--
-- Name: dispute dispute_case_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.dispute
    ADD CONSTRAINT dispute_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.support_case(case_id);

--
-- Name: dispute_decision dispute_decision_dispute_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.dispute_decision
    ADD CONSTRAINT dispute_decision_dispute_id_fkey FOREIGN KEY (dispute_id) REFERENCES booking.dispute(dispute_id);

--
-- Name: dispute dispute_milestone; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.dispute
    ADD CONSTRAINT dispute_milestone FOREIGN KEY (order_id, milestone_id) REFERENCES booking.milestone(order_id, milestone_id);

--
-- Name: dispute dispute_order; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.dispute
    ADD CONSTRAINT dispute_order FOREIGN KEY (order_id) REFERENCES booking."order"(order_id);

--
-- Name: dispute_statement dispute_statement_dispute_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.dispute_statement
    ADD CONSTRAINT dispute_statement_dispute_id_fkey FOREIGN KEY (dispute_id) REFERENCES booking.dispute(dispute_id);

--
-- Name: invite_recipient invite_recipient_invite; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.invite_recipient
    ADD CONSTRAINT invite_recipient_invite FOREIGN KEY (invite_id) REFERENCES booking.invite(invite_id);

--
-- Name: invite_recipient invite_recipient_order_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.invite_recipient
    ADD CONSTRAINT invite_recipient_order_id_fkey FOREIGN KEY (order_id) REFERENCES booking."order"(order_id);

--
-- Name: line_item line_item_order_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.line_item
    ADD CONSTRAINT line_item_order_id_fkey FOREIGN KEY (order_id) REFERENCES booking."order"(order_id) ON DELETE CASCADE;

--
-- Name: line_item line_item_refunds; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.line_item
    ADD CONSTRAINT line_item_refunds FOREIGN KEY (order_id, refunds_line_id) REFERENCES booking.line_item(order_id, id);

--
-- Name: milestone milestone_order; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.milestone
    ADD CONSTRAINT milestone_order FOREIGN KEY (order_id) REFERENCES booking."order"(order_id);

--
-- Name: milestone_release milestone_release_milestone; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.milestone_release
    ADD CONSTRAINT milestone_release_milestone FOREIGN KEY (order_id, milestone_id) REFERENCES booking.milestone(order_id, milestone_id);

--
-- Name: money_finding money_finding_order_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.money_finding
    ADD CONSTRAINT money_finding_order_id_fkey FOREIGN KEY (order_id) REFERENCES booking."order"(order_id);

--
-- Name: order order_chat_thread; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking."order"
    ADD CONSTRAINT order_chat_thread FOREIGN KEY (order_id, chat_thread_id) REFERENCES booking.chat_thread(order_id, chat_thread_id);

--
-- Name: order_event order_event_order_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.order_event
    ADD CONSTRAINT order_event_order_id_fkey FOREIGN KEY (order_id) REFERENCES booking."order"(order_id);

--
-- Name: order order_fee_policy_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking."order"
    ADD CONSTRAINT order_fee_policy_id_fkey FOREIGN KEY (fee_policy_id) REFERENCES booking.fee_policy(fee_policy_id);

--
-- Name: order order_invite_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking."order"
    ADD CONSTRAINT order_invite_id_fkey FOREIGN KEY (invite_id) REFERENCES booking.invite(invite_id);

--
-- Name: order order_lbg_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking."order"
    ADD CONSTRAINT order_lbg_id_fkey FOREIGN KEY (lbg_id) REFERENCES booking."group"(lbg_id);

--
-- Name: order order_package; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking."order"
    ADD CONSTRAINT order_package FOREIGN KEY (package_id, service_profile_id) REFERENCES booking.package(package_id, service_profile_id);

--
-- Name: order order_service_profile; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking."order"
    ADD CONSTRAINT order_service_profile FOREIGN KEY (service_profile_id, provider_user_id) REFERENCES booking.service_profile(service_profile_id, provider_user_id) ON UPDATE CASCADE;

--
-- Name: package package_service_profile_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.package
    ADD CONSTRAINT package_service_profile_id_fkey FOREIGN KEY (service_profile_id) REFERENCES booking.service_profile(service_profile_id);

--
-- Name: payment payment_order_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.payment
    ADD CONSTRAINT payment_order_id_fkey FOREIGN KEY (order_id) REFERENCES booking."order"(order_id);

--
-- Name: provider_debt provider_debt_order_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.provider_debt
    ADD CONSTRAINT provider_debt_order_id_fkey FOREIGN KEY (order_id) REFERENCES booking."order"(order_id);

--
-- Name: rate rate_service_profile_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.rate
    ADD CONSTRAINT rate_service_profile_id_fkey FOREIGN KEY (service_profile_id) REFERENCES booking.service_profile(service_profile_id);

--
-- Name: refund_balance refund_balance_order_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.refund_balance
    ADD CONSTRAINT refund_balance_order_id_fkey FOREIGN KEY (order_id) REFERENCES booking."order"(order_id);

--
-- Name: refund_line refund_line_order_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.refund_line
    ADD CONSTRAINT refund_line_order_id_fkey FOREIGN KEY (order_id) REFERENCES booking."order"(order_id);

--
-- Name: refund refund_payment; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.refund
    ADD CONSTRAINT refund_payment FOREIGN KEY (order_id, payment_id) REFERENCES booking.payment(order_id, payment_id);

--
-- Name: request request_order; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.request
    ADD CONSTRAINT request_order FOREIGN KEY (order_id) REFERENCES booking."order"(order_id);

--
-- Name: request request_supersedes; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.request
    ADD CONSTRAINT request_supersedes FOREIGN KEY (order_id, supersedes_request_id) REFERENCES booking.request(order_id, request_id);

--
-- Name: reschedule reschedule_order_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.reschedule
    ADD CONSTRAINT reschedule_order_id_fkey FOREIGN KEY (order_id) REFERENCES booking."order"(order_id);

--
-- Name: transfer transfer_milestone; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.transfer
    ADD CONSTRAINT transfer_milestone FOREIGN KEY (order_id, milestone_id) REFERENCES booking.milestone(order_id, milestone_id);

--
-- Name: transfer transfer_payment; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.transfer
    ADD CONSTRAINT transfer_payment FOREIGN KEY (order_id, payment_id) REFERENCES booking.payment(order_id, payment_id);

--
-- Name: transfer_reversal transfer_reversal_debt_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.transfer_reversal
    ADD CONSTRAINT transfer_reversal_debt_id_fkey FOREIGN KEY (debt_id) REFERENCES booking.provider_debt(debt_id);

--
-- Name: transfer_reversal transfer_reversal_refund_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.transfer_reversal
    ADD CONSTRAINT transfer_reversal_refund_id_fkey FOREIGN KEY (refund_id) REFERENCES booking.refund(refund_id);

--
-- Name: transfer_reversal transfer_reversal_transfer_id_fkey; Type: FK CONSTRAINT; Schema: booking; Owner: -
--

ALTER TABLE ONLY booking.transfer_reversal
    ADD CONSTRAINT transfer_reversal_transfer_id_fkey FOREIGN KEY (transfer_id) REFERENCES booking.transfer(transfer_id);

--
-- Name: payment_method payment_method_user_id_fkey; Type: FK CONSTRAINT; Schema: payments; Owner: -
--

ALTER TABLE ONLY payments.payment_method
    ADD CONSTRAINT payment_method_user_id_fkey FOREIGN KEY (user_id) REFERENCES payments.customer(user_id) ON UPDATE CASCADE;

--
-- Name: credit_debt credit_debt_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.credit_debt
    ADD CONSTRAINT credit_debt_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.credit_account(user_id) ON UPDATE CASCADE;

--
-- Name: credit_grant credit_grant_entry_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.credit_grant
    ADD CONSTRAINT credit_grant_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES public.credit_ledger(entry_id);

--
-- Name: credit_grant credit_grant_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.credit_grant
    ADD CONSTRAINT credit_grant_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.credit_account(user_id) ON UPDATE CASCADE;

--
-- Name: credit_ledger credit_ledger_account; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.credit_ledger
    ADD CONSTRAINT credit_ledger_account FOREIGN KEY (user_id) REFERENCES public.credit_account(user_id) ON UPDATE CASCADE;

--
-- Name: credit_ledger credit_ledger_debt_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.credit_ledger
    ADD CONSTRAINT credit_ledger_debt_id_fkey FOREIGN KEY (debt_id) REFERENCES public.credit_debt(debt_id);

--
-- Name: credit_ledger credit_ledger_program; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.credit_ledger
    ADD CONSTRAINT credit_ledger_program FOREIGN KEY (program_id) REFERENCES public.referral_program(program_id);

--
-- Name: credit_ledger credit_ledger_reverses; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.credit_ledger
    ADD CONSTRAINT credit_ledger_reverses FOREIGN KEY (reverses_entry_id) REFERENCES public.credit_ledger(entry_id);

--
-- Name: credit_redemption credit_redemption_entry_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.credit_redemption
    ADD CONSTRAINT credit_redemption_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES public.credit_ledger(entry_id);

--
-- Name: credit_redemption credit_redemption_grant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.credit_redemption
    ADD CONSTRAINT credit_redemption_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES public.credit_grant(grant_id);

--
-- Name: dmca_notice dmca_notice_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.dmca_notice
    ADD CONSTRAINT dmca_notice_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.support_case(case_id);

--
-- Name: evidence_object evidence_object_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.evidence_object
    ADD CONSTRAINT evidence_object_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.support_case(case_id);

--
-- Name: feed_post feed_post_hidden_by_case_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.feed_post
    ADD CONSTRAINT feed_post_hidden_by_case_fkey FOREIGN KEY (hidden_by_case) REFERENCES public.support_case(case_id);

--
-- Name: payout_hold payout_hold_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.payout_hold
    ADD CONSTRAINT payout_hold_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.support_case(case_id);

--
-- Name: payout_hold payout_hold_leg; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.payout_hold
    ADD CONSTRAINT payout_hold_leg FOREIGN KEY (leg_id) REFERENCES booking."order"(order_id);

--
-- Name: processor_dispute processor_dispute_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.processor_dispute
    ADD CONSTRAINT processor_dispute_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.support_case(case_id);

--
-- Name: processor_dispute processor_dispute_leg_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.processor_dispute
    ADD CONSTRAINT processor_dispute_leg_id_fkey FOREIGN KEY (leg_id) REFERENCES booking."order"(order_id);

--
-- Name: promo_adjustment promo_adjustment_campaign_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_adjustment
    ADD CONSTRAINT promo_adjustment_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.promo_campaign(campaign_id);

--
-- Name: promo_advertiser_device promo_advertiser_device_advertiser_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_advertiser_device
    ADD CONSTRAINT promo_advertiser_device_advertiser_id_fkey FOREIGN KEY (advertiser_id) REFERENCES public.promo_advertiser(advertiser_id);

--
-- Name: promo_attributed_order promo_attributed_order_campaign_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_attributed_order
    ADD CONSTRAINT promo_attributed_order_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.promo_campaign(campaign_id);

--
-- Name: promo_budget_ledger promo_budget_ledger_campaign_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_budget_ledger
    ADD CONSTRAINT promo_budget_ledger_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.promo_campaign(campaign_id) ON DELETE RESTRICT;

--
-- Name: promo_budget_ledger promo_budget_ledger_reverses_entry_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_budget_ledger
    ADD CONSTRAINT promo_budget_ledger_reverses_entry_id_fkey FOREIGN KEY (reverses_entry_id) REFERENCES public.promo_budget_ledger(entry_id);

--
-- Name: promo_campaign promo_campaign_advertiser_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_campaign
    ADD CONSTRAINT promo_campaign_advertiser_id_fkey FOREIGN KEY (advertiser_id) REFERENCES public.promo_advertiser(advertiser_id);

--
-- Name: promo_campaign_event promo_campaign_event_campaign_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_campaign_event
    ADD CONSTRAINT promo_campaign_event_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.promo_campaign(campaign_id);

--
-- Name: promo_click_claim promo_click_claim_campaign_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_click_claim
    ADD CONSTRAINT promo_click_claim_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.promo_campaign(campaign_id);

--
-- Name: promo_click_claim promo_click_claim_spend_entry_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_click_claim
    ADD CONSTRAINT promo_click_claim_spend_entry_id_fkey FOREIGN KEY (spend_entry_id) REFERENCES public.promo_budget_ledger(entry_id);

--
-- Name: promo_day_plan promo_day_plan_campaign_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_day_plan
    ADD CONSTRAINT promo_day_plan_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.promo_campaign(campaign_id);

--
-- Name: promo_debt_settlement promo_debt_settlement_adjustment_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_debt_settlement
    ADD CONSTRAINT promo_debt_settlement_adjustment_id_fkey FOREIGN KEY (adjustment_id) REFERENCES public.promo_adjustment(adjustment_id);

--
-- Name: promo_debt_settlement promo_debt_settlement_topup_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_debt_settlement
    ADD CONSTRAINT promo_debt_settlement_topup_id_fkey FOREIGN KEY (topup_id) REFERENCES public.promo_topup(topup_id);

--
-- Name: promo_funding_head promo_funding_head_campaign_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_funding_head
    ADD CONSTRAINT promo_funding_head_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.promo_campaign(campaign_id);

--
-- Name: promo_ledger_checkpoint promo_ledger_checkpoint_advertiser_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_ledger_checkpoint
    ADD CONSTRAINT promo_ledger_checkpoint_advertiser_id_fkey FOREIGN KEY (advertiser_id) REFERENCES public.promo_advertiser(advertiser_id);

--
-- Name: promo_notice promo_notice_campaign_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_notice
    ADD CONSTRAINT promo_notice_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.promo_campaign(campaign_id);

--
-- Name: promo_pacing promo_pacing_campaign_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_pacing
    ADD CONSTRAINT promo_pacing_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.promo_campaign(campaign_id);

--
-- Name: promo_receivable promo_receivable_topup_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_receivable
    ADD CONSTRAINT promo_receivable_topup_id_fkey FOREIGN KEY (topup_id) REFERENCES public.promo_topup(topup_id);

--
-- Name: promo_spend_head promo_spend_head_campaign_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_spend_head
    ADD CONSTRAINT promo_spend_head_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.promo_campaign(campaign_id);

--
-- Name: promo_topup promo_topup_campaign_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_topup
    ADD CONSTRAINT promo_topup_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.promo_campaign(campaign_id);

--
-- Name: promo_topup promo_topup_entry_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_topup
    ADD CONSTRAINT promo_topup_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES public.promo_budget_ledger(entry_id);

--
-- Name: promo_withdrawal promo_withdrawal_campaign_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_withdrawal
    ADD CONSTRAINT promo_withdrawal_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.promo_campaign(campaign_id);

--
-- Name: promo_withdrawal_part promo_withdrawal_part_restored_entry_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_withdrawal_part
    ADD CONSTRAINT promo_withdrawal_part_restored_entry_id_fkey FOREIGN KEY (restored_entry_id) REFERENCES public.promo_budget_ledger(entry_id);

--
-- Name: promo_withdrawal_part promo_withdrawal_part_topup_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_withdrawal_part
    ADD CONSTRAINT promo_withdrawal_part_topup_id_fkey FOREIGN KEY (topup_id) REFERENCES public.promo_topup(topup_id);

--
-- Name: promo_withdrawal_part promo_withdrawal_part_withdrawal_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.promo_withdrawal_part
    ADD CONSTRAINT promo_withdrawal_part_withdrawal_id_fkey FOREIGN KEY (withdrawal_id) REFERENCES public.promo_withdrawal(withdrawal_id);

--
-- Name: referral_assessment referral_assessment_invite_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.referral_assessment
    ADD CONSTRAINT referral_assessment_invite_id_fkey FOREIGN KEY (invite_id) REFERENCES public.referral_invite(invite_id);

--
-- Name: referral_award_month referral_award_month_program_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.referral_award_month
    ADD CONSTRAINT referral_award_month_program_id_fkey FOREIGN KEY (program_id) REFERENCES public.referral_program(program_id);

--
-- Name: referral_invite referral_invite_program_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.referral_invite
    ADD CONSTRAINT referral_invite_program_id_fkey FOREIGN KEY (program_id) REFERENCES public.referral_program(program_id);

--
-- Name: referral_invite referral_invite_qualified_order_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.referral_invite
    ADD CONSTRAINT referral_invite_qualified_order_id_fkey FOREIGN KEY (qualified_order_id) REFERENCES booking."order"(order_id);

--
-- Name: saved_search_alert_item saved_search_alert_item_alert_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.saved_search_alert_item
    ADD CONSTRAINT saved_search_alert_item_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES public.saved_search_alert(alert_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;

--
-- Name: saved_search_alert saved_search_alert_search_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.saved_search_alert
    ADD CONSTRAINT saved_search_alert_search_id_fkey FOREIGN KEY (search_id) REFERENCES public.saved_search(search_id) ON DELETE CASCADE;

--
-- Name: sla_miss sla_miss_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sla_miss
    ADD CONSTRAINT sla_miss_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.support_case(case_id);

--
-- Name: sla_policy sla_policy_calendar_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sla_policy
    ADD CONSTRAINT sla_policy_calendar_id_fkey FOREIGN KEY (calendar_id) REFERENCES public.calendar(calendar_id);

--
-- Name: support_case support_case_group; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.support_case
    ADD CONSTRAINT support_case_group FOREIGN KEY (lbg_id) REFERENCES booking."group"(lbg_id);

--
-- Name: support_case support_case_leg; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.support_case
    ADD CONSTRAINT support_case_leg FOREIGN KEY (leg_id) REFERENCES booking."order"(order_id);

--
-- Name: support_case support_case_merged_into_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.support_case
    ADD CONSTRAINT support_case_merged_into_case_id_fkey FOREIGN KEY (merged_into_case_id) REFERENCES public.support_case(case_id);

--
-- Name: support_event support_event_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.support_event
    ADD CONSTRAINT support_event_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.support_case(case_id) ON DELETE RESTRICT;

--
-- Name: support_message support_message_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.support_message
    ADD CONSTRAINT support_message_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.support_case(case_id) ON DELETE RESTRICT;

--
-- Name: support_message support_message_origin_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.support_message
    ADD CONSTRAINT support_message_origin_case_id_fkey FOREIGN KEY (origin_case_id) REFERENCES public.support_case(case_id);

--
-- Name: support_refund support_refund_case_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.support_refund
    ADD CONSTRAINT support_refund_case_id_fkey FOREIGN KEY (case_id) REFERENCES public.support_case(case_id) ON DELETE RESTRICT;

--
-- Name: support_refund support_refund_leg; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.support_refund
    ADD CONSTRAINT support_refund_leg FOREIGN KEY (leg_id) REFERENCES booking."order"(order_id);

--
-- Name: SCHEMA booking; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA booking TO callsheet_app;

--
-- Name: SCHEMA core; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA core TO callsheet_app;

--
-- Name: SCHEMA directory; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA directory TO callsheet_app;

--
-- Name: SCHEMA payments; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA payments TO callsheet_app;

--
-- Name: FUNCTION erase_user(erased_user_id text, chosen_pseudonym text); Type: ACL; Schema: directory; Owner: -
--

REVOKE ALL ON FUNCTION directory.erase_user(erased_user_id text, chosen_pseudonym text) FROM PUBLIC;
GRANT ALL ON FUNCTION directory.erase_user(erased_user_id text, chosen_pseudonym text) TO callsheet_app;

--
-- Name: FUNCTION export_user(person text); Type: ACL; Schema: directory; Owner: -
--

REVOKE ALL ON FUNCTION directory.export_user(person text) FROM PUBLIC;
GRANT ALL ON FUNCTION directory.export_user(person text) TO callsheet_app;

--
-- Name: FUNCTION promo_erase_viewer(viewer text, hash bytea, chosen_pseudonym text, asked_by text, because text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.promo_erase_viewer(viewer text, hash bytea, chosen_pseudonym text, asked_by text, because text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.promo_erase_viewer(viewer text, hash bytea, chosen_pseudonym text, asked_by text, because text) TO callsheet_app;

--
-- Name: FUNCTION promo_event_drop_partition(keep_from date); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.promo_event_drop_partition(keep_from date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.promo_event_drop_partition(keep_from date) TO callsheet_app;

--
-- Name: FUNCTION promo_event_ensure_partitions(first_day date, last_day date); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.promo_event_ensure_partitions(first_day date, last_day date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.promo_event_ensure_partitions(first_day date, last_day date) TO callsheet_app;

--
-- Name: TABLE adjustment; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE booking.adjustment TO callsheet_app;

--
-- Name: TABLE autoaccept_rule; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE booking.autoaccept_rule TO callsheet_app;

--
-- Name: TABLE card_promise; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE booking.card_promise TO callsheet_app;

--
-- Name: TABLE chargeback; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE booking.chargeback TO callsheet_app;

--
-- Name: TABLE chat_message; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT ON TABLE booking.chat_message TO callsheet_app;

--
-- Name: TABLE chat_thread; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE booking.chat_thread TO callsheet_app;

--
-- Name: TABLE dispute; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE booking.dispute TO callsheet_app;

--
-- Name: TABLE dispute_decision; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE booking.dispute_decision TO callsheet_app;

--
-- Name: TABLE dispute_statement; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT ON TABLE booking.dispute_statement TO callsheet_app;

--
-- Name: TABLE fee_policy; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT ON TABLE booking.fee_policy TO callsheet_app;

--
-- Name: TABLE "group"; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT ON TABLE booking."group" TO callsheet_app;

--
-- Name: TABLE invite; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE booking.invite TO callsheet_app;

--
-- Name: TABLE invite_recipient; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE booking.invite_recipient TO callsheet_app;

--
-- Name: TABLE line_item; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE booking.line_item TO callsheet_app;

--
-- Name: TABLE milestone; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE booking.milestone TO callsheet_app;

--
-- Name: TABLE milestone_release; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT ON TABLE booking.milestone_release TO callsheet_app;

--
-- Name: TABLE money_finding; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT ON TABLE booking.money_finding TO callsheet_app;

--
-- Name: TABLE "order"; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE booking."order" TO callsheet_app;

--
-- Name: TABLE order_event; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT ON TABLE booking.order_event TO callsheet_app;

--
-- Name: TABLE package; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE booking.package TO callsheet_app;

--
-- Name: TABLE payment; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE booking.payment TO callsheet_app;

--
-- Name: TABLE provider_debt; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE booking.provider_debt TO callsheet_app;

--
-- Name: TABLE provider_profile; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE booking.provider_profile TO callsheet_app;

--
-- Name: TABLE rate; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE booking.rate TO callsheet_app;

--
-- Name: TABLE refund; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE booking.refund TO callsheet_app;

--
-- Name: TABLE refund_balance; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE booking.refund_balance TO callsheet_app;

--
-- Name: TABLE refund_line; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT ON TABLE booking.refund_line TO callsheet_app;

--
-- Name: TABLE request; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE booking.request TO callsheet_app;

--
-- Name: TABLE reschedule; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE booking.reschedule TO callsheet_app;

--
-- Name: TABLE service_profile; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE booking.service_profile TO callsheet_app;

--
-- Name: TABLE transfer; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE booking.transfer TO callsheet_app;

--
-- Name: TABLE transfer_reversal; Type: ACL; Schema: booking; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE booking.transfer_reversal TO callsheet_app;

--
-- Name: TABLE cron; Type: ACL; Schema: core; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE core.cron TO callsheet_app;

--
-- Name: TABLE idempotency_key; Type: ACL; Schema: core; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE core.idempotency_key TO callsheet_app;

--
-- Name: TABLE job; Type: ACL; Schema: core; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE core.job TO callsheet_app;

--
-- Name: TABLE outbox; Type: ACL; Schema: core; Owner: -
--

GRANT SELECT,INSERT,DELETE ON TABLE core.outbox TO callsheet_app;

--
-- Name: TABLE erasure; Type: ACL; Schema: directory; Owner: -
--

GRANT SELECT,INSERT ON TABLE directory.erasure TO callsheet_app;

--
-- Name: TABLE personal_column; Type: ACL; Schema: directory; Owner: -
--

GRANT SELECT ON TABLE directory.personal_column TO callsheet_app;

--
-- Name: TABLE user_profile; Type: ACL; Schema: directory; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE directory.user_profile TO callsheet_app;

--
-- Name: TABLE customer; Type: ACL; Schema: payments; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE payments.customer TO callsheet_app;

--
-- Name: TABLE object_owner; Type: ACL; Schema: payments; Owner: -
--

GRANT SELECT,INSERT ON TABLE payments.object_owner TO callsheet_app;

--
-- Name: TABLE payment_method; Type: ACL; Schema: payments; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE payments.payment_method TO callsheet_app;

--
-- Name: TABLE stripe_call; Type: ACL; Schema: payments; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE payments.stripe_call TO callsheet_app;

--
-- Name: TABLE webhook_event; Type: ACL; Schema: payments; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE payments.webhook_event TO callsheet_app;

--
-- Name: TABLE calendar; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.calendar TO callsheet_app;

--
-- Name: TABLE credit_account; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.credit_account TO callsheet_app;

--
-- Name: TABLE credit_debt; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.credit_debt TO callsheet_app;

--
-- Name: TABLE credit_grant; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.credit_grant TO callsheet_app;

--
-- Name: TABLE credit_ledger; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.credit_ledger TO callsheet_app;

--
-- Name: TABLE credit_redemption; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.credit_redemption TO callsheet_app;

--
-- Name: TABLE dmca_notice; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.dmca_notice TO callsheet_app;

--
-- Name: TABLE evidence_object; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.evidence_object TO callsheet_app;

--
-- Name: TABLE feed_post; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.feed_post TO callsheet_app;

--
-- Name: TABLE follow; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE ON TABLE public.follow TO callsheet_app;

--
-- Name: TABLE mail_suppression; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mail_suppression TO callsheet_app;

--
-- Name: TABLE notification; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.notification TO callsheet_app;

--
-- Name: TABLE payout_hold; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.payout_hold TO callsheet_app;

--
-- Name: TABLE processor_dispute; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.processor_dispute TO callsheet_app;

--
-- Name: TABLE promo_adjustment; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.promo_adjustment TO callsheet_app;

--
-- Name: TABLE promo_advertiser; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.promo_advertiser TO callsheet_app;

--
-- Name: TABLE promo_advertiser_device; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.promo_advertiser_device TO callsheet_app;

--
-- Name: TABLE promo_attributed_order; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.promo_attributed_order TO callsheet_app;

--
-- Name: TABLE promo_budget_ledger; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.promo_budget_ledger TO callsheet_app;
GRANT SELECT,INSERT ON TABLE public.promo_budget_ledger TO callsheet_stream;

--
-- Name: TABLE promo_campaign; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.promo_campaign TO callsheet_app;
GRANT SELECT ON TABLE public.promo_campaign TO callsheet_stream;

--
-- Name: TABLE promo_campaign_event; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.promo_campaign_event TO callsheet_app;

--
-- Name: TABLE promo_click_claim; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.promo_click_claim TO callsheet_app;

--
-- Name: TABLE promo_click_decision; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.promo_click_decision TO callsheet_stream;
GRANT SELECT,INSERT ON TABLE public.promo_click_decision TO callsheet_app;

--
-- Name: TABLE promo_control; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.promo_control TO callsheet_stream;
GRANT SELECT ON TABLE public.promo_control TO callsheet_app;

--
-- Name: TABLE promo_day_plan; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.promo_day_plan TO callsheet_app;

--
-- Name: TABLE promo_debit; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.promo_debit TO callsheet_app;
GRANT SELECT,INSERT ON TABLE public.promo_debit TO callsheet_stream;

--
-- Name: TABLE promo_debt_settlement; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.promo_debt_settlement TO callsheet_app;

--
-- Name: TABLE promo_event; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.promo_event TO callsheet_app;
GRANT SELECT,INSERT ON TABLE public.promo_event TO callsheet_stream;

--
-- Name: TABLE promo_funding_head; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.promo_funding_head TO callsheet_app;
GRANT SELECT ON TABLE public.promo_funding_head TO callsheet_stream;

--
-- Name: TABLE promo_history; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.promo_history TO callsheet_app;

--
-- Name: TABLE promo_late_pass; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.promo_late_pass TO callsheet_app;

--
-- Name: TABLE promo_ledger_checkpoint; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.promo_ledger_checkpoint TO callsheet_app;

--
-- Name: TABLE promo_notice; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.promo_notice TO callsheet_app;

--
-- Name: TABLE promo_open_exposure; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.promo_open_exposure TO callsheet_app;

--
-- Name: TABLE promo_pacing; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.promo_pacing TO callsheet_app;

--
-- Name: SEQUENCE promo_pacing_publication; Type: ACL; Schema: public; Owner: -
--

GRANT USAGE ON SEQUENCE public.promo_pacing_publication TO callsheet_app;

--
-- Name: TABLE promo_policy; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.promo_policy TO callsheet_app;

--
-- Name: TABLE promo_receivable; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.promo_receivable TO callsheet_app;

--
-- Name: TABLE promo_rollup_15m; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.promo_rollup_15m TO callsheet_stream;
GRANT SELECT ON TABLE public.promo_rollup_15m TO callsheet_app;

--
-- Name: TABLE promo_rule_book; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.promo_rule_book TO callsheet_app;

--
-- Name: TABLE promo_spend_head; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.promo_spend_head TO callsheet_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.promo_spend_head TO callsheet_stream;

--
-- Name: TABLE promo_switch_event; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.promo_switch_event TO callsheet_app;

--
-- Name: TABLE promo_switchboard; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,UPDATE ON TABLE public.promo_switchboard TO callsheet_app;

--
-- Name: TABLE promo_topup; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.promo_topup TO callsheet_app;

--
-- Name: TABLE promo_traffic_15m; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.promo_traffic_15m TO callsheet_app;

--
-- Name: TABLE promo_unserved; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.promo_unserved TO callsheet_app;

--
-- Name: TABLE promo_viewer_erasure; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.promo_viewer_erasure TO callsheet_app;

--
-- Name: TABLE promo_withdrawal; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.promo_withdrawal TO callsheet_app;

--
-- Name: TABLE promo_withdrawal_part; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.promo_withdrawal_part TO callsheet_app;

--
-- Name: TABLE referral_assessment; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.referral_assessment TO callsheet_app;

--
-- Name: TABLE referral_award_month; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.referral_award_month TO callsheet_app;

--
-- Name: TABLE referral_invite; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.referral_invite TO callsheet_app;

--
-- Name: TABLE referral_program; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.referral_program TO callsheet_app;

--
-- Name: TABLE referral_signal; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.referral_signal TO callsheet_app;

--
-- Name: TABLE refund_limit; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.refund_limit TO callsheet_app;

--
-- Name: TABLE saved_search; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.saved_search TO callsheet_app;

--
-- Name: TABLE saved_search_alert; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.saved_search_alert TO callsheet_app;

--
-- Name: TABLE saved_search_alert_item; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.saved_search_alert_item TO callsheet_app;

--
-- Name: TABLE search_document; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.search_document TO callsheet_app;

--
-- Name: SEQUENCE search_document_change_seq; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,USAGE ON SEQUENCE public.search_document_change_seq TO callsheet_app;

--
-- Name: TABLE sla_miss; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.sla_miss TO callsheet_app;

--
-- Name: TABLE sla_policy; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.sla_policy TO callsheet_app;

--
-- Name: TABLE stream_partition; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.stream_partition TO callsheet_stream;
GRANT SELECT ON TABLE public.stream_partition TO callsheet_app;

--
-- Name: TABLE support_case; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.support_case TO callsheet_app;

--
-- Name: TABLE support_event; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.support_event TO callsheet_app;

--
-- Name: TABLE support_message; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.support_message TO callsheet_app;

--
-- Name: COLUMN support_message.case_id; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(case_id) ON TABLE public.support_message TO callsheet_app;

--
-- Name: COLUMN support_message.origin_case_id; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(origin_case_id) ON TABLE public.support_message TO callsheet_app;

--
-- Name: COLUMN support_message.body_html; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(body_html) ON TABLE public.support_message TO callsheet_app;

--
-- Name: COLUMN support_message.renderer_version; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(renderer_version) ON TABLE public.support_message TO callsheet_app;

--
-- Name: TABLE support_refund; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.support_refund TO callsheet_app;

--
-- PostgreSQL database dump complete
--
