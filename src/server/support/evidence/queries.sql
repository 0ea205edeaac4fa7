-- name: insert_evidence(evidence_id, case_id, uploaded_by, quarantine_key, sha256, bytes, mime, upload_expires_at, now)!
-- Stores that a file may be uploaded.
insert into evidence_object
  (evidence_id, case_id, uploaded_by, quarantine_key, sha256, bytes, mime, upload_expires_at, created_at)
values (:evidence_id, :case_id, :uploaded_by, :quarantine_key, :sha256, :bytes, :mime, :upload_expires_at, :now);

-- name: count_evidence(case_id)$
-- How many files a case has that are stored or may be uploaded.
select count(*) from evidence_object where case_id = :case_id and status in ('awaiting_upload', 'stored');

-- name: get_evidence(evidence_id)^
-- One file.
select * from evidence_object where evidence_id = :evidence_id;

-- name: list_evidence(case_id, uploaded_by, after, limit)
-- A case's files, oldest first; of one uploader where one is named.
select * from evidence_object
where case_id = :case_id and (:uploaded_by::text is null or uploaded_by = :uploaded_by::text)
  and (:after::text is null or evidence_id > :after::text)
order by evidence_id
limit :limit;

-- name: store_evidence(evidence_id, key, version_id, retention_until, legal_hold, now)$
-- The file is checked and locked; null where something else became of it meanwhile.
update evidence_object
set status = 'stored', s3_key = :key, version_id = :version_id, retention_until = :retention_until,
    legal_hold = :legal_hold, stored_at = :now
where evidence_id = :evidence_id and status = 'awaiting_upload'
returning evidence_id;

-- name: end_evidence(evidence_id, status, reason)$
-- The file is refused, or never came; null where something else became of it meanwhile.
update evidence_object set status = :status, rejected_reason = :reason
where evidence_id = :evidence_id and status = 'awaiting_upload'
returning evidence_id;

-- name: evidence_held_otherwise(case_id, legal_hold)
-- The stored files of a case whose legal hold is not what it should be.
select * from evidence_object where case_id = :case_id and status = 'stored' and legal_hold <> :legal_hold;

-- name: set_legal_hold(evidence_id, legal_hold)!
-- Remembers that the storage has set or lifted a hold.
update evidence_object set legal_hold = :legal_hold where evidence_id = :evidence_id;
