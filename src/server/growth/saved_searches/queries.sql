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
