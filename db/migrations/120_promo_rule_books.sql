-- migrate:up
-- The rules by which clicks are invalid, in every version that was ever published, and by whom. The stream reads them
-- from its log and decides a click by those that stood at its place; this is where they are kept for people.
--
-- And what a click's rules were asked about, beside what was decided: enough to decide it again when the log is long
-- gone. Only keyed hashes are in it, as in the event itself.
--
-- The table is new and the column has a constant default, so no lock is held for long:
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

create table promo_rule_book (
  version int primary key,
  book jsonb not null,
  note text not null,
  published_by text collate "C" not null,
  published_at timestamptz not null,
  constraint promo_rule_book_version check (version > 0 and version = (book ->> 'version')::int),
  constraint promo_rule_book_note check (length(note) between 1 and 500)
);
create trigger promo_rule_book_append_only before update or delete or truncate on promo_rule_book
  for each statement execute function core.refuse_change();

alter table promo_click_decision add column facts jsonb not null default '{}'::jsonb;

grant select, insert on promo_rule_book to callsheet_app;

insert into directory.personal_column (relation, column_name, treatment, owner_column) values
  ('public.promo_rule_book', 'published_by', 'replace', null);

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
