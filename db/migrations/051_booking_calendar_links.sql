-- migrate:up
-- A calendar's link is looked up by its hash, and leads to one calendar.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file disallowed-unique-constraint, require-concurrent-index-creation, require-lock-timeout
-- squawk-ignore-file require-statement-timeout, constraint-missing-not-valid

alter table booking.provider_profile
  add constraint provider_profile_calendar unique (calendar_secret_hash);
alter table booking.rate
  add constraint rate_travel_by_the_mile check (kind <> 'travel' or code = 'mile');

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
