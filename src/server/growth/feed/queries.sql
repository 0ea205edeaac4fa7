-- name: lock_person(user_id)!
-- Lets one change of how much a person has stored run at a time. Locks: person.
select pg_advisory_xact_lock(hashtextextended('person:' || :user_id, 0));

-- name: count_followed(user_id)$
-- How many somebody follows.
select count(*) from follow where follower_user_id = :user_id;

-- name: insert_follow(follower_user_id, target_id, target_kind, now)$
-- Follows somebody; null where that is so already.
insert into follow (follower_user_id, target_id, target_kind, created_at)
values (:follower_user_id, :target_id, :target_kind, :now)
on conflict do nothing
returning target_id;

-- name: delete_follow(follower_user_id, target_id, target_kind)$
-- Follows somebody no more; null where that was so already.
delete from follow
where follower_user_id = :follower_user_id and target_id = :target_id and target_kind = :target_kind
returning target_id;

-- name: followed_by(user_id, after, limit)
-- Whom somebody follows, in order of their ids.
select follower_user_id, target_id, target_kind, created_at from follow
where follower_user_id = :user_id and (:after::text is null or target_id > :after::text)
order by target_id, target_kind
limit :limit;

-- name: followers_of(user_id, after, limit)
-- Who follows somebody, in order of their ids.
select follower_user_id, target_id, target_kind, created_at from follow
where target_id = :user_id and target_kind = 'service_profile'
  and (:after::text is null or follower_user_id > :after::text)
order by follower_user_id
limit :limit;

-- name: some_followed(user_id, limit)
-- A few of those whom somebody follows: enough to learn whether there are more.
select target_id from follow where follower_user_id = :user_id limit :limit;

-- name: insert_post(feed_id, author_id, role_tags, kind, title, body_md, media_preview, nsfw_band, city, starts_on, ends_on, studio_id, now)!
-- Stores a draft.
insert into feed_post
  (feed_id, author_id, role_tags, kind, title, body_md, media_preview, nsfw_band, city, starts_on, ends_on, studio_id,
   created_at, updated_at)
values
  (:feed_id, :author_id, :role_tags, :kind, :title, :body_md, :media_preview::jsonb, :nsfw_band, :city, :starts_on,
   :ends_on, :studio_id, :now, :now);

-- name: get_post(feed_id)^
-- One post.
select feed_id, author_id, role_tags, kind, title, body_md, media_preview, nsfw_band, city, verified_chip, is_published,
       published_at, hidden_by_case, starts_on, ends_on, studio_id, version, created_at, updated_at
from feed_post where feed_id = :feed_id;

-- name: lock_post(feed_id)^
-- One post, held until the transaction ends.
select feed_id, author_id, role_tags, kind, title, body_md, media_preview, nsfw_band, city, verified_chip, is_published,
       published_at, hidden_by_case, starts_on, ends_on, studio_id, version, created_at, updated_at
from feed_post where feed_id = :feed_id
for no key update;

-- name: update_post(feed_id, role_tags, kind, title, body_md, media_preview, nsfw_band, city, starts_on, ends_on, studio_id, verified_chip, is_published, published_at, hidden_by_case, version, now)!
-- Writes what changed.
update feed_post
set role_tags = :role_tags, kind = :kind, title = :title, body_md = :body_md, media_preview = :media_preview::jsonb,
    nsfw_band = :nsfw_band, city = :city, starts_on = :starts_on, ends_on = :ends_on, studio_id = :studio_id,
    verified_chip = :verified_chip, is_published = :is_published, published_at = :published_at,
    hidden_by_case = :hidden_by_case, version = :version, updated_at = :now
where feed_id = :feed_id;

-- name: posts_of_authors(authors, highest_band, before_at, before_id, limit)
-- The newest posts of a few authors. Each author's newest places come from the index alone; only what is on the page is
-- read whole.
select p.feed_id, p.author_id, p.role_tags, p.kind, p.title, p.body_md, p.media_preview, p.nsfw_band, p.city,
       p.verified_chip, p.is_published, p.published_at, p.hidden_by_case, p.starts_on, p.ends_on, p.studio_id, p.version,
       p.created_at, p.updated_at
from (
  select own.feed_id
  from unnest(:authors::text[]) as author (author_id)
  cross join lateral (
    select v.feed_id, v.published_at
    from feed_post v
    where v.author_id = author.author_id and v.is_published and v.hidden_by_case is null
      and v.nsfw_band <= :highest_band and (v.published_at, v.feed_id) < (:before_at::timestamptz, :before_id::text)
    order by v.published_at desc, v.feed_id desc
    limit :limit
  ) own
  order by own.published_at desc, own.feed_id desc
  limit :limit
) page
join feed_post p on p.feed_id = page.feed_id
order by p.published_at desc, p.feed_id desc;

-- name: posts_of_followed_among_newest(user_id, highest_band, before_at, before_id, window_size, limit)
-- Of a bounded number of the newest posts, those of authors whom somebody follows: for whoever follows many, a page is
-- found among few posts.
select p.feed_id, p.author_id, p.role_tags, p.kind, p.title, p.body_md, p.media_preview, p.nsfw_band, p.city,
       p.verified_chip, p.is_published, p.published_at, p.hidden_by_case, p.starts_on, p.ends_on, p.studio_id, p.version,
       p.created_at, p.updated_at
from (
  select newest.feed_id
  from (
    select v.feed_id, v.author_id, v.nsfw_band, v.published_at
    from feed_post v
    where v.is_published and v.hidden_by_case is null
      and (v.published_at, v.feed_id) < (:before_at::timestamptz, :before_id::text)
    order by v.published_at desc, v.feed_id desc
    limit :window_size
  ) newest
  where newest.nsfw_band <= :highest_band
    and exists (select from follow f where f.follower_user_id = :user_id and f.target_id = newest.author_id)
  order by newest.published_at desc, newest.feed_id desc
  limit :limit
) page
join feed_post p on p.feed_id = page.feed_id
order by p.published_at desc, p.feed_id desc;

-- name: posts_of_all_followed(user_id, highest_band, before_at, before_id, limit)
-- The newest posts of everybody whom somebody follows, author by author: for whoever follows many who publish rarely.
select p.feed_id, p.author_id, p.role_tags, p.kind, p.title, p.body_md, p.media_preview, p.nsfw_band, p.city,
       p.verified_chip, p.is_published, p.published_at, p.hidden_by_case, p.starts_on, p.ends_on, p.studio_id, p.version,
       p.created_at, p.updated_at
from (
  select own.feed_id
  from (select distinct target_id from follow where follower_user_id = :user_id) followed
  cross join lateral (
    select v.feed_id, v.published_at
    from feed_post v
    where v.author_id = followed.target_id and v.is_published and v.hidden_by_case is null
      and v.nsfw_band <= :highest_band and (v.published_at, v.feed_id) < (:before_at::timestamptz, :before_id::text)
    order by v.published_at desc, v.feed_id desc
    limit :limit
  ) own
  order by own.published_at desc, own.feed_id desc
  limit :limit
) page
join feed_post p on p.feed_id = page.feed_id
order by p.published_at desc, p.feed_id desc;

-- name: discover_everywhere(roles, highest_band, before_at, before_id, limit)
-- The newest posts of anybody, of some roles where any are named.
select feed_id, author_id, role_tags, kind, title, body_md, media_preview, nsfw_band, city, verified_chip, is_published,
       published_at, hidden_by_case, starts_on, ends_on, studio_id, version, created_at, updated_at
from feed_post
where is_published and hidden_by_case is null and nsfw_band <= :highest_band
  and (cardinality(:roles::text[]) = 0 or role_tags && :roles::text[])
  and (published_at, feed_id) < (:before_at::timestamptz, :before_id::text)
order by published_at desc, feed_id desc
limit :limit;

-- name: discover_city(city, roles, highest_band, before_at, before_id, limit)
-- The newest posts about a city, of some roles where any are named.
select feed_id, author_id, role_tags, kind, title, body_md, media_preview, nsfw_band, city, verified_chip, is_published,
       published_at, hidden_by_case, starts_on, ends_on, studio_id, version, created_at, updated_at
from feed_post
where city = :city and is_published and hidden_by_case is null and nsfw_band <= :highest_band
  and (cardinality(:roles::text[]) = 0 or role_tags && :roles::text[])
  and (published_at, feed_id) < (:before_at::timestamptz, :before_id::text)
order by published_at desc, feed_id desc
limit :limit;
