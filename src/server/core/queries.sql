-- name: claim_idempotency_key(principal, method, key, request_hash, now, expires_at)^
-- Claims a key, or takes over one past its week. Waits at most two seconds for a call that holds the same key; the limit
-- also bounds every later lock of the transaction.
with patience as materialized (select set_config('lock_timeout', '2s', true))
insert into core.idempotency_key (principal, method, key, request_hash, created_at, expires_at)
select :principal, :method, :key, :request_hash::bytea, :now::timestamptz, :expires_at::timestamptz from patience
on conflict (principal, method, key) do update
  set request_hash = excluded.request_hash, response = null,
      created_at = excluded.created_at, expires_at = excluded.expires_at
  where idempotency_key.expires_at <= excluded.created_at
returning key;

-- name: idempotent_answer(principal, method, key)^
-- What was asked under a key and what was answered.
select request_hash, response, expires_at
from core.idempotency_key
where principal = :principal and method = :method and key = :key;

-- name: keep_idempotent_answer(principal, method, key, response)!
-- Stores the answer beside its effect, in the same transaction.
update core.idempotency_key set response = :response
where principal = :principal and method = :method and key = :key;

-- name: delete_expired_idempotency_keys(now, limit)
-- Forgets answers past their week, skipping those that somebody is taking over right now.
delete from core.idempotency_key
where ctid in (
  select ctid from core.idempotency_key where expires_at <= :now order by expires_at limit :limit for update skip locked
)
returning key;

-- name: enqueue_job(job_id, kind, key, payload, run_at, correlation_id, now)^
-- Adds a job unless the same one is queued already; of two times the earlier one stands.
insert into core.job (job_id, kind, key, payload, run_at, status, correlation_id, created_at)
values (:job_id, :kind, :key, :payload::jsonb, :run_at::timestamptz, 'queued', :correlation_id, :now::timestamptz)
on conflict (kind, key) where status = 'queued' do update set run_at = least(job.run_at, excluded.run_at)
returning job_id;

-- name: enqueue_jobs(job_ids, kind, keys, payloads, run_at, correlation_id, now)!
-- Adds many jobs of one kind, each unless the same one is queued already.
insert into core.job (job_id, kind, key, payload, run_at, status, correlation_id, created_at)
select job.job_id, :kind::text, job.key, job.payload::jsonb, :run_at::timestamptz, 'queued', :correlation_id::text,
       :now::timestamptz
from unnest(:job_ids::text[], :keys::text[], :payloads::text[]) as job (job_id, key, payload)
on conflict (kind, key) where status = 'queued' do update set run_at = least(job.run_at, excluded.run_at);

-- name: cancel_job(kind, key, now)!
-- Takes back a job that has not begun.
update core.job set status = 'done', finished_at = :now, last_error = 'cancelled'
where kind = :kind and key = :key and status = 'queued';

-- name: claim_jobs(kinds, leases, now, limit)
-- Takes jobs that are due, and those whose worker died holding them, each for as long as its kind may take. Locks job
-- rows, skipping what others took.
update core.job j set status = 'running', claims = j.claims + 1, lease_until = :now::timestamptz + k.lease
from unnest(:kinds::text[], :leases::interval[]) as k (kind, lease)
where k.kind = j.kind and j.job_id in (
  select job_id from core.job
  where kind = any(:kinds::text[])
    and ((status = 'queued' and run_at <= :now::timestamptz) or (status = 'running' and lease_until < :now::timestamptz))
  order by run_at
  limit :limit
  for update skip locked
)
returning j.job_id, j.kind, j.key, j.payload, j.run_at, j.attempts, j.claims, j.correlation_id, j.created_at;

-- name: finish_job(job_id, claims, now)!
-- The job is done, unless somebody else took it over meanwhile.
update core.job set status = 'done', finished_at = :now, lease_until = null
where job_id = :job_id and status = 'running' and claims = :claims;

-- name: requeue_job(job_id, claims, run_at, attempts, last_error, now)!
-- Tries again later. A job of the same key that was queued meanwhile makes this one superfluous.
update core.job j
set status = case when sibling.job_id is null then 'queued' else 'done' end,
    finished_at = case when sibling.job_id is null then null else :now::timestamptz end,
    run_at = :run_at::timestamptz, attempts = :attempts, last_error = :last_error, lease_until = null
from (select :job_id::text as job_id) mine
left join lateral (
  select s.job_id from core.job s join core.job m on m.job_id = mine.job_id
  where s.kind = m.kind and s.key = m.key and s.status = 'queued' limit 1
) sibling on true
where j.job_id = mine.job_id and j.status = 'running' and j.claims = :claims;

-- name: hold_job(job_id, claims, attempts, last_error, now)!
-- Gives up until a person looks: the job is kept, counted by a metric, and started again by `callsheet jobs retry`.
update core.job set status = 'held', attempts = :attempts, last_error = :last_error, finished_at = :now, lease_until = null
where job_id = :job_id and status = 'running' and claims = :claims;

-- name: release_held_jobs(kind, now)
-- Queues held jobs of one kind again with fresh counters, where none of the same key is queued.
update core.job h set status = 'queued', run_at = :now, attempts = 0, claims = 0, finished_at = null
where h.status = 'held' and h.kind = :kind
  and h.job_id = (select min(o.job_id) from core.job o where o.kind = h.kind and o.key = h.key and o.status = 'held')
  and not exists (select from core.job q where q.kind = h.kind and q.key = h.key and q.status = 'queued')
returning h.job_id;

-- name: held_jobs(limit)
-- The jobs that wait for a person, oldest first.
select job_id, kind, key, attempts, claims, last_error, created_at, finished_at
from core.job where status = 'held' order by kind, created_at limit :limit;

-- name: job_counts(now)
-- What the metrics show: how many jobs wait, run, are overdue or held, by kind.
select kind, status, count(*) as jobs, max(extract(epoch from :now::timestamptz - run_at))::float8 as oldest_seconds
from core.job
where status in ('queued', 'running', 'held') and (status <> 'queued' or run_at <= :now::timestamptz)
group by kind, status;

-- name: jobs_about(key)
-- The jobs whose key names a thing, for its timeline.
select job_id, kind, key, status, run_at, attempts, claims, last_error, created_at, finished_at
from core.job where key = :key or key like :key || ':%' order by created_at;

-- name: delete_finished_jobs(before, limit)
-- Forgets jobs that ended long ago, a bounded number at a time.
delete from core.job
where job_id in (select job_id from core.job where status = 'done' and finished_at < :before order by finished_at limit :limit)
returning job_id;

-- name: take_cron_slot(name, slot)^
-- Takes a slot of a schedule exactly once, whichever worker comes first.
insert into core.cron (name, last_slot) values (:name, :slot)
on conflict (name) do update set last_slot = excluded.last_slot where cron.last_slot < excluded.last_slot
returning name;

-- name: publish(topic, key, version, payload, now)!
-- Stores an outgoing event beside its cause.
insert into core.outbox (topic, key, version, payload, created_at)
values (:topic, :key, :version, :payload, :now);

-- name: publish_all(topic, keys, versions, payloads, now)!
-- Stores outgoing events beside their cause, in their order.
insert into core.outbox (topic, key, version, payload, created_at)
select :topic::text, event.key, event.version, event.payload, :now::timestamptz
from unnest(:keys::text[], :versions::bigint[], :payloads::bytea[]) with ordinality
  as event (key, version, payload, place)
order by event.place;

-- name: take_lock(name)$
-- Makes this session the only one that does some work, for as long as the session lives; false where another one is.
select pg_try_advisory_lock(hashtextextended('election:' || :name, 0));

-- name: outgoing(topic, limit)
-- The oldest events whose transactions, and all that began before them, have ended: later ones cannot overtake them.
select seq, key, version, payload, created_at
from core.outbox
where topic = :topic and xid < pg_snapshot_xmin(pg_current_snapshot())
order by seq
limit :limit;

-- name: has_outgoing(topic)$
-- Whether anything waits, be it held back or not.
select exists (select from core.outbox where topic = :topic);

-- name: delete_outgoing(topic, seqs)!
-- Forgets what the log has acknowledged.
delete from core.outbox where topic = :topic and seq = any(:seqs::bigint[]);

-- name: outbox_lag(now)
-- What waits in the outbox, by topic.
select topic, count(*) as events, max(extract(epoch from :now::timestamptz - created_at))::float8 as oldest_seconds
from core.outbox group by topic;
