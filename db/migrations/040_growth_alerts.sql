-- migrate:up
-- What the nightly run of saved searches needs beside the documents: how far each search has looked, which items were
-- told to whom, and what became of each mail.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file adding-required-field, constraint-missing-not-valid, require-concurrent-index-creation
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

-- A night without a match leaves no alert behind, so the search itself says which day it was run for. Raising
-- `last_run_dt` under its own condition claims the search: of two workers one finds it raised.
alter table saved_search
  add column last_run_dt date not null default '1970-01-01',
  add column seen_through bigint not null default 0, -- the newest search_document.change_seq that was looked at
  add constraint saved_search_seen_through check (seen_through >= 0);
create index saved_search_run on saved_search (time_zone, scope, city, query_hash);

-- A mail is `sending` from before it is handed over until the answer is known. What was `sending` when its process died
-- may have left, and is therefore never sent again.
alter table saved_search_alert
  add column mail_status text collate "C" not null default 'pending',
  add constraint saved_search_alert_mail_status check (
    mail_status in ('pending', 'sending', 'sent', 'suppressed', 'refused')),
  add constraint saved_search_alert_mail_sent check (email_sent = (mail_status = 'sent'));

-- What an alert told. The key is what keeps an item from being told twice to one person on one day, whichever of their
-- searches finds it.
create table saved_search_alert_item (
  user_id text collate "C" not null,
  alert_dt date not null,
  document_id text collate "C" not null,
  alert_id text collate "C" not null references saved_search_alert (alert_id) on delete cascade
    deferrable initially deferred, -- items come first: an alert without any is never written
  change_seq bigint not null,
  primary key (user_id, alert_dt, document_id)
);
create index saved_search_alert_item_of_alert on saved_search_alert_item (alert_id, change_seq desc);

insert into directory.personal_column (relation, column_name, treatment, owner_column) values
  ('public.saved_search_alert_item', 'user_id', 'replace', null);

grant select, insert on saved_search_alert_item to callsheet_app;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
