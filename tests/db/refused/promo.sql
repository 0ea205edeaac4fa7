-- Campaigns, advertisers and policies. Each statement bears the name of what refuses it.

-- name: promo_campaign_target
update promo_campaign set target_entity_type = 'studio';

-- name: promo_campaign_roles
update promo_campaign set role_targets = '{}';

-- name: promo_campaign_cities
update promo_campaign set city_targets = '{}';

-- name: promo_campaign_dates
update promo_campaign set end_date = start_date - 1;

-- name: promo_campaign_amounts
update promo_campaign set cpc_cents = 0;

-- name: promo_campaign_total
update promo_campaign set total_budget_mode = 'capped';

-- name: promo_campaign_time_zone
update promo_campaign set time_zone = ' ';

-- name: promo_campaign_hours
update promo_campaign set hours_of_week = '{0,168}';

-- name: promo_campaign_suspended
update promo_campaign set status = 'suspended';

-- name: promo_campaign_activated
update promo_campaign set activated_at = null;

-- name: promo_advertiser_user
insert into promo_advertiser (advertiser_id, user_id, status) values ('padv_x', 'usr_provider', 'active');

-- name: promo_policy_once
insert into promo_policy (policy_id, surface, role, city, cpc_floor_cents, max_density_top20, max_above_fold)
select 'ppol_' || n, 'studio_search', null, 'berlin', 1, 1, 1 from generate_series(2, 3) as n;

-- name: promo_policy_limits
update promo_policy set max_above_fold = max_density_top20 + 1;

-- name: promo_policy_role
update promo_policy set role = null;

-- name: promo_topup_amount
update promo_topup set amount_cents = 0;

-- name: promo_topup_paid
update promo_topup set status = 'pending';

-- name: promo_topup_failed
update promo_topup set status = 'failed', charge_id = null, entry_id = null;

-- name: promo_topup_charge
insert into promo_topup (topup_id, campaign_id, payer_user_id, amount_cents, cause, status, charge_id, entry_id,
  created_at, updated_at)
values ('ptop_x', 'pcmp_1', 'usr_provider', 5, 'advertiser', 'paid', 'ch_2', 'pble_1', now(), now());

-- name: promo_topup_automatic
insert into promo_topup (topup_id, campaign_id, payer_user_id, amount_cents, cause, status, created_at, updated_at)
select 'ptop_' || n, 'pcmp_1', 'usr_provider', 5, 'automatic', 'pending', now(), now() from generate_series(2, 3) as n;

-- name: promo_receivable_sums
update promo_receivable set taken_cents = -1;

-- name: promo_debt_settlement_amount
update promo_debt_settlement set amount_cents = 0;

-- name: promo_debt_settlement_two_people
update promo_debt_settlement set approved_by = proposed_by;

-- name: promo_debt_settlement_approved
update promo_debt_settlement set approved_by = null;

-- name: promo_debt_settlement_collected
update promo_debt_settlement set method = 'collected';

-- name: promo_advertiser_suspended
update promo_advertiser set status = 'suspended';

-- name: promo_withdrawal_open
insert into promo_withdrawal (withdrawal_id, campaign_id, debit_id, requested_by, amount_cents, status, created_at,
  updated_at)
values ('pwdr_x', 'pcmp_1', 'padj_x', 'usr_provider', 8, 'requested', now(), now());

-- name: promo_withdrawal_part_failed
update promo_withdrawal_part set status = 'failed';

-- name: promo_notice_once
insert into promo_notice (notice_id, campaign_id, user_id, kind, cause, payload, created_at)
values ('pntc_x', 'pcmp_1', 'usr_provider', 'campaign_balance_low', '5300', '{}', now());

-- name: promo_funding_head_restored
update promo_funding_head set restored_cents = -1;

-- name: promo_rule_book_version
insert into promo_rule_book (version, book, note, published_by, published_at)
values (3, '{"version": 2, "settings": []}', 'x', 'usr_admin', now());

-- name: promo_rule_book_note
insert into promo_rule_book (version, book, note, published_by, published_at)
values (2, '{"version": 2, "settings": []}', '', 'usr_admin', now());

-- name: promo_switchboard_version
update promo_switchboard set version = -1;

-- name: promo_switch_event_subject
insert into promo_switch_event (version, scope, subject, stopped, reason, actor_user_id, created_at)
values (9, 'everything', 'pcmp_1', true, 'x', 'usr_admin', now());
