-- name: insert_fee_policy(fee_policy_id, city, effective_from, currency, fee_bips, fee_min_cents, fee_max_cents, tax_bips, credit_shrinks_tax, commission_bips, cancellation_policy, created_by, now)$
-- Stores a policy; null where the city has one from that moment on already.
insert into booking.fee_policy (fee_policy_id, city, effective_from, currency, fee_bips, fee_min_cents, fee_max_cents,
  tax_bips, credit_shrinks_tax, commission_bips, cancellation_policy, created_by, created_at)
values (:fee_policy_id, :city, :effective_from, :currency, :fee_bips, :fee_min_cents, :fee_max_cents, :tax_bips,
  :credit_shrinks_tax, :commission_bips, :cancellation_policy, :created_by, :now)
on conflict on constraint fee_policy_once do nothing
returning fee_policy_id;

-- name: list_fee_policies(city, before, limit)
-- Policies, the newest decision first: ids sort by time.
select fee_policy_id, city, effective_from, currency, fee_bips, fee_min_cents, fee_max_cents, tax_bips,
  credit_shrinks_tax, commission_bips, cancellation_policy, created_by, created_at
from booking.fee_policy
where (:city::text is null or city = :city::text) and (:before::text is null or fee_policy_id < :before::text)
order by fee_policy_id desc
limit :limit;
