-- Idempotency keys, jobs, outgoing events and profiles. Each statement bears the name of what refuses it.

-- name: idempotency_key_pkey
insert into core.idempotency_key (principal, method, key, request_hash, expires_at)
values ('usr_buyer', 'CreateOrder', 'k1', sha256('other'), now() + interval '1 day');

-- name: idempotency_key_hash
update core.idempotency_key set request_hash = 'x';

-- name: job_queued_key
insert into core.job (job_id, kind, key, run_at) values ('job_x', 'expire_draft', 'ord_1', now());

-- name: job_status
update core.job set status = 'lost';

-- name: job_running_has_lease
update core.job set status = 'running';

-- name: outbox_version
insert into core.outbox (topic, key, version, payload) values ('orders', 'ord_1', 0, 'x');

-- name: user_profile_id
update directory.user_profile set user_id = 'ord_1' where user_id = 'usr_buyer';

-- name: user_profile_kinds
update directory.user_profile set kinds = '{}';

-- name: user_profile_erased
update directory.user_profile set erased_at = now();

-- name: user_profile_email_whole
update directory.user_profile set email_ciphertext = null;

-- name: user_profile_time_zone
update directory.user_profile set time_zone = '';
