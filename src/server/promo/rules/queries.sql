-- name: newest_book()^
-- The rules that were published last.
select version, book::text as book, note, published_by, published_at
from promo_rule_book
order by version desc
limit 1;

-- name: insert_book(version, book, note, published_by, now)$
-- Keeps a book for good; null where that version is there already.
insert into promo_rule_book (version, book, note, published_by, published_at)
values (:version, :book::jsonb, :note, :published_by, :now)
on conflict (version) do nothing
returning version;
