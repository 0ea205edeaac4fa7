-- What the stream writes in one transaction: events, decisions, spend, rollup, control records and its place.

insert into stream_partition (partition, fence, generation) values (0, 1, 'g1');
insert into promo_control (log_partition, log_offset, kind, key, version, payload, received_at)
values (0, 1, 'campaign', 'pcmp_1', 1, '{}', now());
insert into promo_event (event_id, campaign_id, impression_id, type, role, city, query_hash, user_id, anon_fp_hash,
  ip_hash, ua_hash, log_partition, log_offset, log_index, rule_ts)
select promo_event_bound((now() at time zone 'UTC')::date) || 'e00800000000000' || number, 'pcmp_1', 'imp_' || number,
  type, 'photographer', 'berlin', 'q', 'usr_buyer', 'device', 'ip', 'ua', 0, 2, number, now()
from (values (1, 'impression'), (2, 'click'), (3, 'click'), (4, 'invalid_click')) as told (number, type);
insert into promo_click_decision (campaign_id, event_id, verdict, click_key, budget_day, price_cents, billed_cents,
  log_partition, log_offset, log_index)
select 'pcmp_1', event_id, case when price > 0 then 'billed' else 'invalid' end, 'pcmp_1:' || impression_id,
  '2026-01-01', 200, price, log_partition, log_offset, log_index
from promo_event join (values (2, 200), (3, 180), (4, 0)) as told (number, price) on number = log_index;
insert into promo_budget_ledger (entry_id, campaign_id, kind, amount_cents, chain, sequence, promo_cents, cash_cents,
  click_key, budget_day, previous_hash, hash)
values ('pble_3', 'pcmp_1', 'spend', -200, 'spend', 1, -200, 0, 'pcmp_1:imp_2', '2026-01-01', '\x', '\x11'),
       ('pble_4', 'pcmp_1', 'spend', -180, 'spend', 2, -100, -80, 'pcmp_1:imp_3', '2026-01-01', '\x11', '\x12');
insert into promo_spend_head (campaign_id, sequence, promo_cents, cash_cents, hash)
values ('pcmp_1', 2, -300, -80, '\x12');
insert into promo_rollup_15m
  (campaign_id, bucket_start, impressions, clicks, billed_clicks, invalid_clicks, spend_cents)
values ('pcmp_1', date_trunc('hour', now()), 1, 2, 2, 1, 380);
insert into promo_debit (debit_id, campaign_id, outcome, log_partition, log_offset, decided_at)
values ('padj_1', 'pcmp_1', 'refused', 0, 2, now());
update stream_partition set last_offset = 2 where log = 'clicks' and partition = 0 and fence = 1 and last_offset = 0;
