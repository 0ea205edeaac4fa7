-- name: insert_advertiser(advertiser_id, user_id, status, now)^
-- Stores a new advertiser; no row where the person is one already.
insert into promo_advertiser (advertiser_id, user_id, status, version, created_at, updated_at)
values (:advertiser_id, :user_id, :status, 1, :now, :now)
on conflict (user_id) do nothing
returning advertiser_id;

-- name: get_advertiser(advertiser_id)^
-- One advertiser.
select advertiser_id, user_id, status, version, created_at, updated_at
from promo_advertiser
where advertiser_id = :advertiser_id;
