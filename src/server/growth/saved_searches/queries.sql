-- name: lock_person(user_id)!
-- Lets one change of how much a person has stored run at a time. Locks: person.
select pg_advisory_xact_lock(hashtextextended('person:' || :user_id, 0));

-- name: count_searches(user_id)$
-- How many searches somebody has saved.
select count(*) from saved_search where user_id = :user_id;

-- name: insert_search(search_id, user_id, scope, query, query_hash, city, time_zone, seen_through, now)!
-- Stores a new search.
insert into saved_search
  (search_id, user_id, scope, query_json, query_hash, city, time_zone, seen_through, created_at, updated_at)
values (:search_id, :user_id, :scope, :query::jsonb, :query_hash, :city, :time_zone, :seen_through, :now, :now);

-- name: get_search(search_id)^
-- One search.
select search_id, user_id, scope, query_json, city, time_zone, paused_until, last_alert_dt, seen_through, created_at,
       updated_at
from saved_search where search_id = :search_id;

-- name: searches_of(user_id, before, limit)
-- Somebody's searches, newest first: ids sort by time.
select search_id, user_id, scope, query_json, city, time_zone, paused_until, last_alert_dt, seen_through, created_at,
       updated_at
from saved_search
where user_id = :user_id and (:before::text is null or search_id < :before::text)
order by search_id desc
limit :limit;

-- name: delete_search(search_id, user_id)$
-- Deletes a search of this owner with its alerts; null where there is none.
delete from saved_search where search_id = :search_id and user_id = :user_id returning search_id;

-- name: newest_change(scope, city)$
-- How far a city's documents have changed by now.
select coalesce(max(change_seq), 0) from search_document where scope = :scope and city = :city;

-- name: lock_search(search_id, user_id)^
-- A search of this owner, held until the transaction ends.
select search_id, user_id, scope, query_json, city, time_zone, paused_until, last_alert_dt, seen_through, created_at,
       updated_at
from saved_search where search_id = :search_id and user_id = :user_id
for no key update;

-- name: update_search(search_id, query, query_hash, city, time_zone, paused_until, seen_through, now)!
-- Writes what an owner changed.
update saved_search
set query_json = :query::jsonb, query_hash = :query_hash, city = :city, time_zone = :time_zone,
    paused_until = :paused_until, seen_through = :seen_through, updated_at = :now
where search_id = :search_id;

-- name: lock_cities(cities)
-- Lets one writer at a time number the changes of a city. Locks: search city, in order of name.
select pg_advisory_xact_lock(hashtextextended('search city:' || city, 0))
from unnest(:cities::text[]) with ordinality as wanted (city, place)
order by place;

-- name: newest_change_anywhere()$
-- The highest number that a stored change has.
select coalesce(max(change_seq), 0) from search_document;

-- name: upsert_document(document_id, scope, owner_user_id, city, title, roles, tags, price_cents, rating_hundredths, verified, available, latitude, longitude, now)*!
-- Creates or replaces a document; one that is the same already keeps its number.
insert into search_document
  (document_id, scope, owner_user_id, city, title, roles, tags, price_cents, rating_hundredths, verified, available,
   latitude, longitude, created_at, updated_at)
values
  (:document_id, :scope, :owner_user_id, :city, :title, :roles, :tags, :price_cents, :rating_hundredths, :verified,
   :available, :latitude, :longitude, :now, :now)
on conflict (document_id) do update
set scope = excluded.scope, owner_user_id = excluded.owner_user_id, city = excluded.city, title = excluded.title,
    roles = excluded.roles, tags = excluded.tags, price_cents = excluded.price_cents,
    rating_hundredths = excluded.rating_hundredths, verified = excluded.verified, available = excluded.available,
    latitude = excluded.latitude, longitude = excluded.longitude, change_seq = excluded.change_seq,
    updated_at = excluded.updated_at
where row(search_document.scope, search_document.owner_user_id, search_document.city, search_document.title,
          search_document.roles, search_document.tags, search_document.price_cents,
          search_document.rating_hundredths, search_document.verified, search_document.available,
          search_document.latitude, search_document.longitude)
  is distinct from row(excluded.scope, excluded.owner_user_id, excluded.city, excluded.title, excluded.roles,
                       excluded.tags, excluded.price_cents, excluded.rating_hundredths, excluded.verified,
                       excluded.available, excluded.latitude, excluded.longitude);

-- name: count_changed(document_ids, after)$
-- How many of these got a new number.
select count(*) from search_document where document_id = any(:document_ids::text[]) and change_seq > :after;

-- name: delete_documents(document_ids)
-- Forgets documents.
delete from search_document where document_id = any(:document_ids::text[]) returning document_id;

-- name: documents_by_id(document_ids)
-- Documents as they are now.
select document_id, scope, owner_user_id, city, title, roles, tags, price_cents, rating_hundredths, verified, available,
       latitude, longitude
from search_document where document_id = any(:document_ids::text[]);

-- name: alerts_of(user_id, search_id, before, limit)
-- What somebody's searches found, newest first, with the ids of the items.
select a.alert_id, a.search_id, a.alert_dt, a.match_count, a.email_sent, a.created_at,
       (select array_agg(i.document_id order by i.change_seq desc)
        from saved_search_alert_item i where i.alert_id = a.alert_id) as document_ids
from saved_search_alert a join saved_search s on s.search_id = a.search_id
where s.user_id = :user_id and (:search_id::text = '' or a.search_id = :search_id::text)
  and (:before::text is null or a.alert_id < :before::text)
order by a.alert_id desc
limit :limit;

-- name: search_zones()
-- The zones that searches live in, by hopping along the index.
with recursive zones as (
  (select time_zone from saved_search order by time_zone limit 1)
  union all
  select (select s.time_zone from saved_search s where s.time_zone > z.time_zone order by s.time_zone limit 1)
  from zones z where z.time_zone is not null
)
select time_zone from zones where time_zone is not null;

-- name: due_cities(time_zone, day)
-- Where in a zone searches have not been run for this day.
select distinct scope, city from saved_search
where time_zone = :time_zone and last_run_dt < :day and (paused_until is null or paused_until <= :day)
order by scope, city;

-- name: due_groups(time_zone, scope, city, day, after, limit)
-- Equal searches of a city that have not been run for this day, one row for all of them, and how far the one that looked
-- least has looked.
select query_hash, min(query_json::text) as query, min(seen_through) as seen_through
from saved_search
where time_zone = :time_zone and scope = :scope and city = :city and query_hash > :after
  and last_run_dt < :day and (paused_until is null or paused_until <= :day)
group by query_hash
order by query_hash
limit :limit;

-- name: claim_searches(time_zone, scope, city, query_hashes, day, through, limit)
-- Takes searches for this day: of two workers, one gets each. Locks: saved searches in order of id, skipping what the
-- other took.
with due as (
  select search_id, seen_through from saved_search
  where time_zone = :time_zone and scope = :scope and city = :city and query_hash = any(:query_hashes::text[])
    and last_run_dt < :day and (paused_until is null or paused_until <= :day)
  order by search_id
  limit :limit
  for update skip locked
)
update saved_search s
set last_run_dt = :day, seen_through = greatest(s.seen_through, :through)
from due
where s.search_id = due.search_id
returning s.search_id, s.user_id, s.query_hash, due.seen_through;

-- name: tell_items(user_ids, document_ids, alert_ids, change_seqs, day)
-- Keeps the items that the person was not told of on this day; of several searches the first one has it.
insert into saved_search_alert_item (user_id, alert_dt, document_id, alert_id, change_seq)
select item.user_id, :day, item.document_id, item.alert_id, item.change_seq
from unnest(:user_ids::text[], :document_ids::text[], :alert_ids::text[], :change_seqs::bigint[])
  as item (user_id, document_id, alert_id, change_seq)
on conflict (user_id, alert_dt, document_id) do nothing
returning alert_id;

-- name: insert_alerts(alert_ids, search_ids, match_counts, day, through, now)!
-- Stores the alerts of one batch. Their notifications stand in the same transaction.
insert into saved_search_alert
  (alert_id, search_id, alert_dt, match_count, inapp_created, change_seq_through, created_at)
select alert.alert_id, alert.search_id, :day, alert.match_count, true, :through, :now::timestamptz
from unnest(:alert_ids::text[], :search_ids::text[], :match_counts::int[]) as alert (alert_id, search_id, match_count);

-- name: mark_alerted(search_ids, day)!
-- Remembers the last day that brought an alert.
update saved_search set last_alert_dt = :day where search_id = any(:search_ids::text[]);

-- name: claim_mail(alert_id)^
-- Promises to hand a mail over, unless somebody did before.
update saved_search_alert a set mail_status = 'sending'
from saved_search s
where a.alert_id = :alert_id and a.mail_status = 'pending' and s.search_id = a.search_id
returning a.alert_id, a.search_id, a.match_count, s.user_id, s.city, s.scope;

-- name: titles_of_alert(alert_id, limit)
-- What a mail names, latest change first.
select d.title from saved_search_alert_item i join search_document d on d.document_id = i.document_id
where i.alert_id = :alert_id
order by i.change_seq desc
limit :limit;

-- name: settle_mail(alert_id, mail_status)!
-- Writes down what became of a mail that was being handed over.
update saved_search_alert set mail_status = :mail_status, email_sent = :mail_status = 'sent'
where alert_id = :alert_id and mail_status = 'sending';
