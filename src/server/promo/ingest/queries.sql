-- name: campaign_owners(after, limit)
-- Whose the next campaigns are, of those made after one: ids sort by time.
select c.campaign_id, a.advertiser_id, a.user_id
from promo_campaign c
join promo_advertiser a on a.advertiser_id = c.advertiser_id
where c.campaign_id > :after
order by c.campaign_id
limit :limit;

-- name: advertiser_devices(seen_after)
-- Devices that advertisers were seen on after an instant.
select advertiser_id, device_hash, last_seen_at
from promo_advertiser_device
where last_seen_at > :seen_after;

-- name: note_devices(user_ids, device_hashes, now)!
-- Notes on which devices people were seen, of those who are advertisers; in order, so that two who note never wait for
-- each other in a circle.
insert into promo_advertiser_device (advertiser_id, device_hash, last_seen_at)
select distinct a.advertiser_id, s.device_hash, :now::timestamptz
from unnest(:user_ids::text[], :device_hashes::text[]) as s (user_id, device_hash)
join promo_advertiser a on a.user_id = s.user_id
order by a.advertiser_id, s.device_hash
on conflict (advertiser_id, device_hash) do update set last_seen_at = excluded.last_seen_at;

-- name: forget_devices(seen_before)!
-- Forgets devices that were not seen since an instant.
delete from promo_advertiser_device where last_seen_at < :seen_before;

-- name: committed_offsets(log)
-- How far the stream has committed each partition of a log.
select partition, last_offset from stream_partition where log = :log;
