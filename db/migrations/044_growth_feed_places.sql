-- migrate:up
-- Places in feeds, from the index alone: a page reads whole only the posts that are on it.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file require-concurrent-index-creation, require-concurrent-index-deletion, require-lock-timeout
-- squawk-ignore-file require-statement-timeout

drop index feed_post_author;
create index feed_post_author on feed_post (author_id, published_at desc, feed_id desc) include (nsfw_band)
  where is_published and hidden_by_case is null;
drop index feed_post_visible;
create index feed_post_visible on feed_post (published_at desc, feed_id desc) include (author_id, nsfw_band)
  where is_published and hidden_by_case is null;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
