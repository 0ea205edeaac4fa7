-- name: insert_advertiser(advertiser_id, user_id, status, now)^
-- Stores a new advertiser; no row where the person is one already.
insert into promo_advertiser (advertiser_id, user_id, status, version, created_at, updated_at)
values (:advertiser_id, :user_id, :status, 1, :now, :now)
on conflict (user_id) do nothing
returning advertiser_id;

-- name: get_advertiser(advertiser_id)^
-- One advertiser.
select advertiser_id, user_id, status, version, default_payment_id, suspended_reason, created_at, updated_at
from promo_advertiser
where advertiser_id = :advertiser_id;

-- name: hold_advertiser_of(campaign_id)^
-- A campaign's advertiser, whose status stays as it is until the transaction ends; the campaign's own lock comes after.
select a.advertiser_id, a.user_id, a.status, a.version, a.default_payment_id, a.suspended_reason, a.created_at,
       a.updated_at
from promo_advertiser a join promo_campaign c on c.advertiser_id = a.advertiser_id
where c.campaign_id = :campaign_id
for share of a;

-- name: save_advertiser(advertiser_id, expected_version, status, default_payment_id, suspended_reason, version, now)$
-- Writes a changed advertiser, if it is still what the change was made from; null where it is not.
update promo_advertiser
set status = :status, default_payment_id = :default_payment_id,
    suspended_reason = :suspended_reason, version = :version, updated_at = :now
where advertiser_id = :advertiser_id and version = :expected_version
returning advertiser_id;
