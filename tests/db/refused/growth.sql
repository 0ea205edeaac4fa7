-- Searches, follows, posts and referrals. Each statement bears the name of what refuses it.

-- name: saved_search_query
update saved_search set query_json = '[]';

-- name: saved_search_query_hash
update saved_search set query_hash = 'x';

-- name: saved_search_alert_search_id_alert_dt_key
insert into saved_search_alert (alert_id, search_id, alert_dt, match_count)
values ('ssa_x', 'ssv_1', '2026-01-01', 0);

-- name: saved_search_scope_check
update saved_search set scope = 'animals';

-- name: follow_not_oneself
insert into follow values ('usr_buyer', 'usr_buyer', 'service_profile');

-- name: feed_post_band
update feed_post set nsfw_band = 3;

-- name: feed_post_published
update feed_post set is_published = true;

-- name: feed_post_on_the_road
update feed_post set kind = 'touring', is_published = true, published_at = now();

-- name: feed_post_in_studio
update feed_post set kind = 'studio_slot', is_published = true, published_at = now();

-- name: referral_invite_not_oneself
update referral_invite set inviter_user_id = invitee_user_id;

-- name: referral_invite_status
update referral_invite set status = 'forgotten';

-- name: referral_invite_accepted
update referral_invite set accepted_at = null;

-- name: referral_invite_qualified
update referral_invite set qualified_order_id = null;

-- name: referral_invite_once
insert into referral_invite (invite_id, program_id, inviter_user_id, invitee_email_sha)
values ('rfi_x', 'rpr_1', 'usr_inviter', 'keyed');

-- name: referral_invite_one_invitee
insert into referral_invite (invite_id, program_id, inviter_user_id, invitee_user_id, invitee_email_sha, status,
  accepted_at)
values ('rfi_x', 'rpr_1', 'usr_other', 'usr_buyer', 'keyed', 'accepted', now());

-- name: referral_program_reward
update referral_program set reward_fixed_cents = -1;

-- name: notification_once
insert into notification (notification_id, user_id, kind, related_id)
values ('ntf_x', 'usr_buyer', 'saved_search_alert', 'ssa_1');

-- name: search_document_rating
update search_document set rating_hundredths = 501;
