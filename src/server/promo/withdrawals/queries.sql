-- name: insert_withdrawal(withdrawal_id, campaign_id, debit_id, requested_by, amount_cents, status, now)^
-- Stores a request; no row where another one of the campaign is not decided yet.
insert into promo_withdrawal
  (withdrawal_id, campaign_id, debit_id, requested_by, amount_cents, status, created_at, updated_at)
values (:withdrawal_id, :campaign_id, :debit_id, :requested_by, :amount_cents, :status, :now, :now)
on conflict (campaign_id) where status = 'requested' do nothing
returning withdrawal_id;

-- name: put_parts(withdrawal_id, topup_ids, amounts, statuses, refund_ids, failure_codes, restored_entry_ids, now)!
-- Stores the parts of a request as they stand.
insert into promo_withdrawal_part
  (withdrawal_id, topup_id, amount_cents, status, refund_id, failure_code, restored_entry_id, updated_at)
select :withdrawal_id::text, p.topup_id, p.amount_cents, p.status, p.refund_id, p.failure_code, p.restored_entry_id,
       :now::timestamptz
from unnest(:topup_ids::text[], :amounts::int[], :statuses::text[], :refund_ids::text[], :failure_codes::text[],
            :restored_entry_ids::text[])
  as p (topup_id, amount_cents, status, refund_id, failure_code, restored_entry_id)
on conflict (withdrawal_id, topup_id) do update
set status = excluded.status, refund_id = excluded.refund_id, failure_code = excluded.failure_code,
    restored_entry_id = excluded.restored_entry_id, updated_at = excluded.updated_at;

-- name: save_withdrawal(withdrawal_id, expected_version, status, version, now)$
-- Writes a changed request, if it is still what the change was made from; null where it is not.
update promo_withdrawal set status = :status, version = :version, updated_at = :now
where withdrawal_id = :withdrawal_id and version = :expected_version
returning withdrawal_id;

-- name: get_withdrawal(withdrawal_id)
-- One request, a row for each of its parts, the newest payment first.
select w.withdrawal_id, w.campaign_id, w.requested_by, w.amount_cents as asked_cents, w.status, w.version, w.created_at,
       w.updated_at, p.topup_id, t.charge_id, p.amount_cents, p.status as part_status, p.refund_id, p.failure_code,
       p.restored_entry_id
from promo_withdrawal w
join promo_withdrawal_part p on p.withdrawal_id = w.withdrawal_id
join promo_topup t on t.topup_id = p.topup_id
where w.withdrawal_id = :withdrawal_id
order by p.topup_id desc;

-- name: refundable(campaign_id)
-- A campaign's charges of which something has not gone back, the newest first: what is left came from them.
select t.topup_id, t.charge_id, t.amount_cents - coalesce(p.promised_cents, 0) as left_cents
from promo_topup t
left join (
  select topup_id, sum(amount_cents)::int as promised_cents
  from promo_withdrawal_part where status in ('reserved', 'pending', 'succeeded')
  group by topup_id
) p on p.topup_id = t.topup_id
where t.campaign_id = :campaign_id and t.status = 'paid' and t.amount_cents > coalesce(p.promised_cents, 0)
order by t.topup_id desc;

-- name: outcome_of(debit_id)$
-- What the stream made of a request; null as long as it has not come to it.
select outcome from promo_debit where debit_id = :debit_id;
