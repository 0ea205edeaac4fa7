-- name: insert_notice(notice_id, campaign_id, user_id, kind, cause, payload, now)^
-- Keeps what an advertiser is to be told; no row where the same cause was told of before.
insert into promo_notice (notice_id, campaign_id, user_id, kind, cause, payload, created_at)
values (:notice_id, :campaign_id, :user_id, :kind, :cause, :payload::jsonb, :now)
on conflict (campaign_id, kind, cause) do nothing
returning notice_id;

-- name: told_before(campaign_ids, kinds, causes)
-- Which of these things were told before.
select n.campaign_id, n.kind, n.cause
from unnest(:campaign_ids::text[], :kinds::text[], :causes::text[]) as asked (campaign_id, kind, cause)
join promo_notice n on n.campaign_id = asked.campaign_id and n.kind = asked.kind and n.cause = asked.cause;

-- name: get_notice(notice_id)^
-- One notice, with its campaign's name.
select n.notice_id, n.campaign_id, c.name, n.user_id, n.kind, n.cause, n.payload, n.created_at
from promo_notice n join promo_campaign c on c.campaign_id = n.campaign_id
where n.notice_id = :notice_id;

-- name: claim_mail(notice_id)$
-- Promises to hand a notice's mail over; null where somebody has promised before.
update promo_notice set mail_status = 'sending'
where notice_id = :notice_id and mail_status = 'pending'
returning notice_id;

-- name: settle_mail(notice_id, mail_status)!
-- What became of a notice's mail.
update promo_notice set mail_status = :mail_status where notice_id = :notice_id;
