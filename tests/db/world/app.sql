-- A little of everything that server and worker write, consistent to the cent. Read together with stream.sql.

insert into core.idempotency_key (principal, method, key, request_hash, response, expires_at)
values ('usr_buyer', 'CreateOrder', 'k1', sha256('request'), 'answer', now() + interval '7 days');
insert into core.job (job_id, kind, key, run_at) values ('job_1', 'expire_draft', 'ord_1', now());
insert into core.outbox (topic, key, version, payload) values ('orders', 'ord_1', 1, 'event');
insert into core.cron (name, last_slot) values ('sweep', now());

insert into directory.user_profile (user_id, email_ciphertext, email_hash, kinds, time_zone)
values ('usr_buyer', 'sealed', sha256('buyer'), '{buyer}', 'Europe/Berlin'),
       ('usr_provider', 'sealed', sha256('provider'), '{provider}', 'America/New_York');

insert into payments.customer (user_id, stripe_customer_id) values ('usr_buyer', 'cus_1');
insert into payments.payment_method
  (payment_method_id, user_id, brand, last4, exp_month, exp_year, fingerprint_hash)
values ('pm_1', 'usr_buyer', 'visa', '4242', 12, 2030, sha256('card'));
insert into payments.stripe_call
  (call_id, idempotency_key, method, params_hash, params, slice, owner_kind, owner_id, status, outcome)
values ('spc_1', 'capture:ord_1:1', 'payment_intents.capture', sha256('{}'), '{}', 'booking', 'order', 'ord_1',
  'succeeded', '{}');
insert into payments.webhook_event (event_id, type, livemode, payload)
values ('evt_1', 'payment_intent.succeeded', false, '{}');
insert into payments.object_owner (object_id, slice, owner_kind, owner_id)
values ('pi_1', 'booking', 'order', 'ord_1');

insert into booking.provider_profile (provider_user_id, time_zone, stripe_account_id, payouts_enabled)
values ('usr_provider', 'America/New_York', 'acct_1', true);
insert into booking.service_profile (service_profile_id, provider_user_id, title, city, hourly_cents)
values ('srv_1', 'usr_provider', 'Portraits', 'berlin', 4000), ('srv_2', 'usr_second', 'Fashion', 'berlin', 4000);
insert into booking.package (package_id, service_profile_id, title, price_cents)
values ('pkg_1', 'srv_1', 'A day', 8000);
insert into booking.rate (rate_id, service_profile_id, kind, code, title, unit_cents)
values ('rat_1', 'srv_1', 'extra', 'assistant', 'Second assistant', 2000);
insert into booking.autoaccept_rule (rule_id, service_profile_id, weekday_mask, allow_ib)
values ('aar_1', 'srv_1', 31, true);
insert into booking."group" (lbg_id, buyer_user_id) values ('lbg_1', 'usr_buyer');
insert into booking.invite (invite_id, buyer_user_id, award_mode, title, recipient_cap, expires_at)
values ('inv_1', 'usr_buyer', 'buyer_awards', 'Who has time?', 1, now() + interval '1 day');

-- ord_1 is delivered and partly refunded, ord_2 agreed, ord_3 an invitation's child, ord_4 disputed.
insert into booking.order (order_id, buyer_user_id, provider_user_id, service_profile_id, package_id, mode, status,
  start_ts, end_ts, location_kind, location_address, subtotal_cents, platform_fee_cents, tax_cents, tip_cents,
  credit_cents, total_cents, stripe_payment_intent_id, connect_transfer_group, lbg_id, invite_id, version, time_zone,
  quote_hash, fee_policy_id, fee_bips, fee_min_cents, tax_bips, commission_bips, cancellation_policy, full_refund_until,
  half_refund_until, busy_from, busy_to, holds_slot, status_before_dispute, pay_by)
select told.order_id, 'usr_buyer', told.provider, told.profile, told.package_id, told.mode::booking.booking_mode,
  told.status::booking.booking_status, day, day + interval '2 hours', 'buyer', 'Main Street 1', told.subtotal, told.fee,
  told.tax, told.tip, told.credit, told.subtotal + told.fee + told.tax + told.tip - told.credit, told.intent,
  told.order_id, told.lbg_id, told.invite_id, told.version, 'Europe/Berlin', repeat('ab', 32),
  'fpl_00000000000000000000000000', 1250, 0, 888, 1000, 'standard', day - interval '7 days', day - interval '1 day',
  day, day + interval '3 hours', told.holds, told.before::booking.booking_status, now() + interval '1 day'
from (values
  ('ord_1', 1, 'usr_provider', 'srv_1', 'pkg_1', 'RTB', 'delivered', 10000, 1250, 111, 500, 250, 'pi_1', 'lbg_1', null,
    6, true, null),
  ('ord_2', 2, 'usr_provider', 'srv_1', null, 'IB', 'accepted', 4000, 500, 44, 0, 0, null, null, null, 2, true, null),
  ('ord_3', 3, 'usr_second', 'srv_2', null, 'INVITE', 'pending_accept', 4000, 500, 44, 0, 0, null, null, 'inv_1', 2,
    false, null),
  ('ord_4', 4, 'usr_second', 'srv_2', null, 'RTB', 'disputed', 4000, 500, 44, 0, 0, null, null, null, 7, true,
    'delivered')
) as told (order_id, days, provider, profile, package_id, mode, status, subtotal, fee, tax, tip, credit, intent, lbg_id,
    invite_id, version, holds, before),
  lateral (select now() + told.days * interval '1 day' as day) as at;

insert into booking.line_item (id, order_id, position, kind, title, unit_cents, total_cents, refunds_line_id)
values ('lin_1', 'ord_1', 1, 'package', 'A day', 8000, 8000, null),
       ('lin_2', 'ord_1', 2, 'extra', 'Second assistant', 2000, 2000, null),
       ('lin_3', 'ord_1', 3, 'refund', 'Second assistant', 1000, 1000, 'lin_2'),
       ('lin_4', 'ord_2', 1, 'package', 'An hour', 4000, 4000, null),
       ('lin_5', 'ord_3', 1, 'package', 'An hour', 4000, 4000, null),
       ('lin_6', 'ord_4', 1, 'package', 'An hour', 4000, 4000, null);

insert into booking.order_event (order_id, sequence, event_id, event, from_status, to_status, actor_kind, actor_user_id)
select order_id, step, 'oev_' || order_id || step, path[step], path[step - 1]::booking.booking_status,
  path[step]::booking.booking_status, 'buyer', 'usr_buyer'
from (values
  ('ord_1', array['initiated', 'pending_accept', 'accepted', 'confirmed', 'in_progress', 'delivered']),
  ('ord_2', array['initiated', 'accepted']),
  ('ord_3', array['initiated', 'pending_accept']),
  ('ord_4', array['initiated', 'pending_accept', 'accepted', 'confirmed', 'in_progress', 'delivered', 'disputed'])
) as told (order_id, path), generate_subscripts(path, 1) as step
order by order_id, step;

insert into booking.request (request_id, mode, order_id, buyer_user_id, provider_user_id, status, expires_at,
  offered_by, total_cents, message)
values ('req_1', 'INVITE', 'ord_3', 'usr_buyer', 'usr_second', 'pending', now() + interval '1 day', 'buyer', 4544,
  'Hi');
insert into booking.invite_recipient (invite_id, recipient_user_id, status, order_id)
values ('inv_1', 'usr_second', 'new', 'ord_3');
insert into booking.reschedule (reschedule_id, order_id, proposed_side, start_ts, end_ts, busy_to, subtotal_change_cents,
  total_cents, expires_at)
select 'rsc_1', order_id, 'buyer', start_ts + interval '1 day', end_ts + interval '1 day', busy_to + interval '1 day', 0,
  total_cents, now() from booking.order where order_id = 'ord_2';
insert into booking.milestone (milestone_id, order_id, position, title, amount_cents, status)
values ('mst_1', 'ord_2', 1, 'Selection', 1500, 'open'), ('mst_2', 'ord_2', 2, 'Retouched', 2500, 'open');
insert into booking.chat_thread (chat_thread_id, order_id, messages) values ('cth_1', 'ord_1', 2);
insert into booking.chat_message (chat_thread_id, sequence, message_id, author_user_id, body)
values ('cth_1', 1, 'cms_1', 'usr_buyer', 'Where is it?'), ('cth_1', 2, 'cms_2', 'usr_provider', 'Second door.');
update booking.order set chat_thread_id = 'cth_1' where order_id = 'ord_1';
update booking.order set shown_at = created_at;

insert into booking.payment (payment_id, order_id, sequence, purpose, status, amount_cents, captured_cents,
  refunded_cents, withdrawn_cents, reinstated_cents, currency, stripe_payment_intent_id, stripe_charge_id, captured_at)
values ('pay_1', 'ord_1', 1, 'principal', 'captured', 11611, 11611, 1111, 500, 500, 'usd', 'pi_1', 'ch_1', now());
insert into booking.payment (payment_id, order_id, sequence, purpose, amount_cents, subtotal_cents, currency)
values ('pay_2', 'ord_1', 2, 'adjustment', 1, 1, 'usd');
insert into booking.card_promise (order_id, payment_method_id) values ('ord_1', 'pm_1');
insert into booking.chargeback (processor_dispute_id, payment_id, status, charge_refundable, closed, withdrawn_cents,
  reinstated_cents)
values ('du_1', 'pay_1', 'won', false, true, 500, 500);
insert into booking.refund (refund_id, refund_set_id, order_id, payment_id, cause, cause_id, status, amount_cents,
  subtotal_cents, platform_fee_cents, tax_cents, credit_cents, commission_cents, fee_refundable, currency,
  stripe_refund_id, settled_at)
values ('rfd_1', 'rfs_1', 'ord_1', 'pay_1', 'support', 'srf_1', 'succeeded', 1111, 1000, 100, 11, 25, 100, true, 'usd',
  're_1', now());
insert into booking.refund_line (refund_set_id, order_id, position, amount_cents) values ('rfs_1', 'ord_1', 2, 1000);
insert into booking.refund_balance (order_id, charged_cents, refunded_cents, subtotal_cents, subtotal_returned_cents,
  fee_cents, fee_returned_cents, credit_cents, credit_returned_cents, tax_cents, tax_returned_cents, commission_cents,
  commission_returned_cents, tip_cents, withdrawn_cents, reinstated_cents, transferred_cents, reversed_cents)
values ('ord_1', 11611, 1111, 10000, 1000, 1000, 100, 250, 25, 111, 11, 1000, 100, 500, 500, 500, 5000, 450);
insert into booking.transfer (transfer_id, order_id, payment_id, provider_user_id, status, amount_cents, reversed_cents,
  currency, stripe_transfer_id, settled_at)
values ('trf_1', 'ord_1', 'pay_1', 'usr_provider', 'succeeded', 5000, 450, 'usd', 'tr_1', now());
insert into booking.transfer_reversal (reversal_id, transfer_id, refund_id, status, amount_cents, stripe_reversal_id,
  settled_at)
values ('trv_1', 'trf_1', 'rfd_1', 'succeeded', 450, 'trr_1', now());
insert into booking.provider_debt (debt_id, provider_user_id, order_id, cause_id, amount_cents, currency)
values ('pdt_1', 'usr_provider', 'ord_1', 'rfd_1', 50, 'usd');
insert into booking.money_finding (finding_id, order_id, name, expected_cents, found_cents, found_on)
values ('fnd_1', 'ord_1', 'refunded = refunds', 1111, 1110, '2026-01-01');

insert into support_case (case_id, type, status, severity, opened_by_user, opener_role, leg_id, watchers, status_since)
values ('sca_1', 'booking', 'open', 'normal', 'usr_buyer', 'buyer', 'ord_4', '{usr_buyer,usr_second}', now()),
       ('sca_2', 'payment', 'investigating', 'normal', 'usr_buyer', 'buyer', 'ord_1', '{}', now());
insert into support_event (evt_id, case_id, sequence, public_sequence, action, actor_user_id)
values ('sev_1', 'sca_1', 1, 1, 'opened', 'usr_buyer'), ('sev_2', 'sca_2', 1, 1, 'opened', 'usr_buyer');
insert into support_message (msg_id, case_id, author_role, author_user_id, body_md)
values ('smg_1', 'sca_1', 'buyer', 'usr_buyer', 'Nobody came.');
insert into sla_miss (case_id, sla_cycle, clock, due_at) values ('sca_1', 1, 'resolution', now() - interval '1 day');
insert into support_refund (refund_id, case_id, leg_id, share, currency, amount_cents, subtotal_cents,
  platform_fee_cents, platform_fee_tax_cents, fee_refundable, reason, status, proposed_by, approved_by, processor_ref,
  refund_set_id)
values ('srf_1', 'sca_2', 'ord_1', '{}', 'usd', 1111, 1000, 100, 11, true, 'late', 'succeeded', 'usr_agent',
  'usr_lead', 're_1', 'rfs_1');
insert into refund_limit (refund_limit_id, currency, agent_approves_cents, agent_grants_cents, created_by)
values ('rlm_1', 'eur', 100, 100, 'usr_lead');
insert into payout_hold (hold_id, case_id, leg_id, amount_cents, status, expires_at, applied_by)
values ('sph_1', 'sca_2', 'ord_1', 1000, 'applied', now() + interval '14 days', 'usr_agent');
insert into evidence_object (evidence_id, case_id, uploaded_by, quarantine_key, sha256, bytes, mime, upload_expires_at)
values ('evo_1', 'sca_1', 'usr_buyer', 'quarantine/1', sha256('photo'), 5, 'image/png', now() + interval '1 hour');
insert into dmca_notice (notice_id, case_id, kind, content_id, respondent_user_id, elements, parties_ciphertext,
  received_at)
values ('dmn_1', 'sca_2', 'notice', 'fdp_1', 'usr_provider', '{}', 'sealed', now());
insert into processor_dispute (processor_dispute_id, case_id, stripe_charge_id, amount_cents, currency, reason, status)
values ('dp_1', 'sca_2', 'ch_1', 100, 'usd', 'fraudulent', 'a_status_nobody_knows');
insert into booking.dispute (dispute_id, order_id, opened_by, opened_by_user_id, reason, status, case_id)
values ('dsp_1', 'ord_4', 'buyer', 'usr_buyer', 'no_show', 'open', 'sca_1');
insert into booking.dispute_statement (statement_id, dispute_id, author_user_id, author, body)
values ('dst_1', 'dsp_1', 'usr_second', 'provider', 'I was there.');
insert into booking.dispute_decision (decision_id, dispute_id, result, refund_subtotal_cents, fee_refundable, reason,
  approval_role, proposed_by)
values ('dcs_1', 'dsp_1', 'split', 2000, true, 'half came', 'agent', 'usr_agent');

insert into saved_search (search_id, user_id, scope, query_json, city, time_zone, query_hash)
values ('ssv_1', 'usr_buyer', 'people', '{}', 'berlin', 'Europe/Berlin', repeat('cd', 32));
insert into saved_search_alert (alert_id, search_id, alert_dt, match_count) values ('ssa_1', 'ssv_1', '2026-01-01', 0);
insert into search_document (document_id, scope, owner_user_id, city, title)
values ('srv_1', 'people', 'usr_provider', 'berlin', 'Portraits');
insert into follow (follower_user_id, target_id, target_kind) values ('usr_buyer', 'usr_provider', 'service_profile');
insert into feed_post (feed_id, author_id, role_tags, kind, title)
values ('fdp_1', 'usr_provider', '{photographer}', 'case_study', 'A day');
insert into notification (notification_id, user_id, kind, related_id)
values ('ntf_1', 'usr_buyer', 'saved_search_alert', 'ssa_1');
insert into mail_suppression (user_id, topic, reason) values ('usr_buyer', 'all', 'unsubscribed');

insert into referral_program (program_id, kind, reward_fixed_cents, credit_scope)
values ('rpr_1', 'buyer_invites_buyer', 1000, 'buyer_fee_only');
insert into referral_invite (invite_id, program_id, inviter_user_id, invitee_user_id, invitee_email_sha, device_fp,
  status, accepted_at, qualified_order_id, decided_at)
values ('rfi_1', 'rpr_1', 'usr_inviter', 'usr_buyer', 'keyed', 'device', 'awarded', now(), 'ord_1', now());
insert into referral_assessment (assessment_id, invite_id, score, inputs, decision)
values ('ras_1', 'rfi_1', 0, '{}', 'award');
insert into referral_award_month (user_id, program_id, month, awards, cap)
values ('usr_inviter', 'rpr_1', '2026-01-01', 1, 5);

-- 1000 were awarded, 250 redeemed, and of the 25 that came back a debt took all: whoever owes has nothing to spend.
insert into credit_account (user_id, balance_cents, sequence, hash) values ('usr_buyer', 750, 4, '\x04');
insert into credit_debt (debt_id, user_id, related_id, amount_cents, paid_cents)
values ('cdb_1', 'usr_buyer', 'rfi_0', 25, 25);
insert into credit_ledger (entry_id, user_id, kind, program_id, amount_cents, reason, related_id, sequence,
  reverses_entry_id, debt_id, previous_hash, hash)
values ('crl_1', 'usr_buyer', 'award', 'rpr_1', 1000, 'referral', 'rfi_1', 1, null, null, '\x', '\x01'),
       ('crl_2', 'usr_buyer', 'redeem', null, 250, 'order', 'ord_1', 2, null, null, '\x01', '\x02'),
       ('crl_3', 'usr_buyer', 'award', null, 25, 'refund', 'rfd_1', 3, 'crl_2', null, '\x02', '\x03'),
       ('crl_4', 'usr_buyer', 'clawback', null, 25, 'debt', 'crl_3', 4, null, 'cdb_1', '\x03', '\x04');
insert into credit_grant (grant_id, user_id, entry_id, amount_cents, remaining_cents)
values ('cgr_1', 'usr_buyer', 'crl_1', 1000, 750);
insert into credit_redemption (entry_id, grant_id, amount_cents, restored_cents) values ('crl_2', 'cgr_1', 250, 25);

insert into promo_advertiser (advertiser_id, user_id, status) values ('padv_1', 'usr_provider', 'active');
insert into promo_campaign (campaign_id, advertiser_id, target_entity_type, target_entity_id, name, surface, format,
  city_targets, status, start_date, cpc_cents, daily_budget_cents, role_targets, total_budget_mode, time_zone,
  activated_at, version)
values ('pcmp_1', 'padv_1', 'service_profile', 'srv_1', 'Spring', 'people_search', 'featured', '{berlin}', 'active',
  '2026-01-01', 200, 5000, '{photographer}', 'unlimited', 'Europe/Berlin', now(), 2);
insert into promo_campaign_event (campaign_id, sequence, event, from_status, to_status, actor_kind, actor_user_id,
  created_at)
values ('pcmp_1', 1, 'create', null, 'draft', 'advertiser', 'usr_provider', now()),
       ('pcmp_1', 2, 'activate', 'draft', 'active', 'advertiser', 'usr_provider', now());
insert into promo_adjustment (adjustment_id, campaign_id, promo_cents, cash_cents, reason, status, proposed_by,
  proposed_at, approved_by, approved_at)
values ('padj_1', 'pcmp_1', 0, -9000, 'paid twice', 'approved', 'usr_agent', now(), 'usr_admin', now());
insert into promo_policy (policy_id, surface, role, city, cpc_floor_cents, max_density_top20, max_above_fold)
values ('ppol_1', 'people_search', 'photographer', 'berlin', 50, 2, 1);
insert into promo_budget_ledger (entry_id, campaign_id, kind, amount_cents, processor, processor_ref, chain, sequence,
  promo_cents, cash_cents, credit_source, previous_hash, hash)
values ('pble_1', 'pcmp_1', 'topup', 5000, 'stripe', 'ch_2', 'funding', 1, 0, 5000, null, '\x', '\x01'),
       ('pble_2', 'pcmp_1', 'credit', 300, null, null, 'funding', 2, 300, 0, 'grant', '\x01', '\x02');
insert into promo_funding_head (campaign_id, sequence, promo_cents, cash_cents, hash)
values ('pcmp_1', 2, 300, 5000, '\x02');

insert into promo_topup (topup_id, campaign_id, payer_user_id, amount_cents, cause, status, payment_intent_id, charge_id,
  entry_id, version, created_at, updated_at)
values ('ptop_1', 'pcmp_1', 'usr_provider', 5000, 'advertiser', 'paid', 'pi_9', 'ch_2', 'pble_1', 2, now(), now());
insert into promo_receivable (processor_ref, topup_id, taken_cents, returned_cents, created_at, updated_at)
values ('du_9', 'ptop_1', 700, 700, now(), now());
insert into promo_debt_settlement (settlement_id, topup_id, method, amount_cents, reason, status, version, proposed_by,
  proposed_at, approved_by, approved_at)
values ('pdst_1', 'ptop_1', 'written_off', 300, 'gone', 'approved', 2, 'usr_agent', now(), 'usr_admin', now());
insert into promo_withdrawal (withdrawal_id, campaign_id, debit_id, requested_by, amount_cents, status, created_at,
  updated_at)
values ('pwdr_1', 'pcmp_1', 'padj_2', 'usr_provider', 800, 'requested', now(), now());
insert into promo_withdrawal_part (withdrawal_id, topup_id, amount_cents, status, updated_at)
values ('pwdr_1', 'ptop_1', 800, 'reserved', now());
insert into promo_history (subject_id, sequence, event, from_status, to_status, actor_user_id, created_at)
values ('padv_1', 1, 'create', null, 'active', 'usr_provider', now()),
       ('pdst_1', 1, 'propose', null, 'proposed', 'usr_agent', now()),
       ('pdst_1', 2, 'approve', 'proposed', 'approved', 'usr_admin', now()),
       ('ptop_1', 1, 'begin', null, 'pending', 'usr_provider', now()),
       ('ptop_1', 2, 'pay', 'pending', 'paid', null, now()),
       ('pwdr_1', 1, 'request', null, 'requested', 'usr_provider', now());
insert into promo_notice (notice_id, campaign_id, user_id, kind, cause, payload, created_at)
values ('pntc_1', 'pcmp_1', 'usr_provider', 'campaign_balance_low', '5300', '{"balance_cents": 4900}', now());
insert into promo_rule_book (version, book, note, published_by, published_at)
values (1, '{"version": 1, "settings": [{"rule": "prefetch", "version": 1, "mode": "on"}]}', 'first', 'usr_admin', now());

update promo_switchboard set version = 1, campaigns = '{pcmp_9}';
insert into promo_switch_event (version, scope, subject, stopped, reason, actor_user_id, created_at)
values (1, 'campaign', 'pcmp_9', true, 'a test', 'usr_admin', now());
insert into promo_attributed_order (order_id, campaign_id, impression_id, ordered_at)
values ('ord_1', 'pcmp_1', 'imp_2', now());
insert into promo_late_pass (rule, part, through) values ('no_impression', 0, 2);
insert into promo_ledger_checkpoint (advertiser_id, day, heads, digest, made_at)
values ('padv_1', '2026-01-01', '[]', '\x00', now());
