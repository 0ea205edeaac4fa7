-- name: store_controls(partition, offsets, kinds, keys, versions, payloads, received)!
-- Keeps control records with their places in the log, but for those that are no newer than what the partition has.
insert into promo_control (log_partition, log_offset, kind, key, version, payload, received_at)
select :partition::int, r.log_offset, r.kind, r.key, r.version, r.payload::jsonb, r.received_at
from unnest(:offsets::bigint[], :kinds::text[], :keys::text[], :versions::bigint[], :payloads::text[],
            :received::timestamptz[]) as r (log_offset, kind, key, version, payload, received_at)
where r.version > coalesce((
  select max(c.version) from promo_control c
  where c.kind = r.kind and c.key = r.key and c.log_partition = :partition::int), 0);
