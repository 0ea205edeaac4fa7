-- migrate:up
-- What the stream lets others see, and what it needs to go on where a snapshot of its own is missing.
--
-- A column without a default takes no time, and the table has a row for each partition of the log:
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

-- While the budgets are away a partition waits: it neither charges nor moves on. `rule_ts` is where the clock of its rules
-- stands behind the last offset.
alter table stream_partition
  add column charging_paused_at timestamptz,
  add column rule_ts timestamptz;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
