-- migrate:up
-- The devices that advertisers were seen on while they were logged in: a click from one of them on the advertiser's own
-- campaign is not charged. A device is kept as the keyed hash that events carry, for ninety days after it was last seen.
--
-- The table is new, so no lock is held for long:
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

create table promo_advertiser_device (
  advertiser_id text collate "C" not null references promo_advertiser (advertiser_id),
  device_hash text collate "C" not null,
  last_seen_at timestamptz not null,
  primary key (advertiser_id, device_hash)
);
create index promo_advertiser_device_seen on promo_advertiser_device (last_seen_at);

grant select, insert, update, delete on promo_advertiser_device to callsheet_app;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
