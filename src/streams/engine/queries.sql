-- name: take_partition(log, partition, now)^
-- Makes the caller the partition's only writer: whoever held an older fence commits nothing from now on.
insert into stream_partition (log, partition, fence, updated_at)
values (:log, :partition, 1, :now)
on conflict (log, partition) do update set fence = stream_partition.fence + 1, charging_paused_at = null,
  updated_at = excluded.updated_at
returning fence, last_offset, generation, rule_ts;

-- name: own_session()$
-- Which session this is.
select pg_backend_pid();

-- name: end_whoever_blocks(session)
-- Ends the sessions that a session waits for, and with them their transactions. PostgreSQL lets a role end its own.
select pg_terminate_backend(b.pid)
from unnest(pg_blocking_pids(:session::int)) as b (pid) join pg_stat_activity a on a.pid = b.pid
where a.usename = current_user;

-- name: partition_position(log, partition)^
-- How far a partition is committed, and who may go on.
select fence, last_offset, generation, rule_ts
from stream_partition
where log = :log and partition = :partition;

-- name: advance_partition(log, partition, fence, previous, last_offset, generation, rule_ts, now)$
-- Moves a partition on under its fence, from exactly where it stood, in the same log; null where any of these differs.
update stream_partition
set last_offset = :last_offset, generation = :generation, rule_ts = :rule_ts, updated_at = :now
where log = :log and partition = :partition and fence = :fence and last_offset = :previous
  and (generation is null or generation = :generation)
returning last_offset;

-- name: show_charging_paused(log, partition, fence, since)!
-- Since when the partition's writer charges nothing because the budgets are away; null while it charges.
update stream_partition
set charging_paused_at = :since
where log = :log and partition = :partition and fence = :fence;
