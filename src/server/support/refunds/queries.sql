-- name: insert_refund(refund_id, case_id, order_id, share, currency, amount_cents, subtotal_cents, platform_fee_cents, platform_fee_tax_cents, credit_cents, fee_refundable, reason, proposed_by, now)!
-- Stores a proposal.
insert into support_refund
  (refund_id, case_id, leg_id, share, currency, amount_cents, subtotal_cents, platform_fee_cents,
   platform_fee_tax_cents, credit_cents, fee_refundable, reason, proposed_by, status, created_at, updated_at)
values
  (:refund_id, :case_id, :order_id, :share::jsonb, :currency, :amount_cents, :subtotal_cents, :platform_fee_cents,
   :platform_fee_tax_cents, :credit_cents, :fee_refundable, :reason, :proposed_by, 'proposed', :now, :now);

-- name: get_refund(refund_id)^
-- One refund.
select * from support_refund where refund_id = :refund_id and leg_id is not null;

-- name: refund_of_set(refund_set_id)^
-- The refund that a set of Booking's pays.
select * from support_refund where refund_set_id = :refund_set_id;

-- name: lock_refund(refund_id)^
-- One refund, held until the transaction ends; the case's lock comes first.
select * from support_refund where refund_id = :refund_id and leg_id is not null for update;

-- name: save_refund(refund_id, expected_status, status, currency, amount_cents, subtotal_cents, platform_fee_cents, platform_fee_tax_cents, credit_cents, approved_by, rejected_by, failure_reason, refund_set_id, processor_ref, attempts, now)$
-- Writes a step, if the refund is still where the decision was made from; null where it is not.
update support_refund
set status = :status, currency = :currency, amount_cents = :amount_cents, subtotal_cents = :subtotal_cents,
    platform_fee_cents = :platform_fee_cents, platform_fee_tax_cents = :platform_fee_tax_cents,
    credit_cents = :credit_cents, approved_by = :approved_by, rejected_by = :rejected_by,
    failure_reason = :failure_reason, refund_set_id = :refund_set_id, processor_ref = :processor_ref,
    attempts = :attempts, updated_at = :now
where refund_id = :refund_id and status = :expected_status
returning refund_id;

-- name: refunds_of_case(case_id, after, limit)
-- A case's refunds, oldest first.
select * from support_refund
where case_id = :case_id and leg_id is not null and (:after::text is null or refund_id > :after::text)
order by refund_id
limit :limit;

-- name: open_refunds_of_case(case_id)
-- What of a case's refunds waits for somebody or for the processor, oldest first.
select * from support_refund
where case_id = :case_id and status in ('proposed', 'processing') and leg_id is not null
order by refund_id;

-- name: insert_limits(refund_limit_id, currency, agent_approves_cents, agent_grants_cents, created_by, now)!
-- Sets what agents may let go from now on.
insert into refund_limit
  (refund_limit_id, currency, agent_approves_cents, agent_grants_cents, created_by, created_at)
values (:refund_limit_id, :currency, :agent_approves_cents, :agent_grants_cents, :created_by, :now);

-- name: limits_in_force(currency)^
-- What agents may let go now.
select * from refund_limit where currency = :currency order by refund_limit_id desc limit 1;

-- name: limits_of_all_currencies(after, limit)
-- The same for every currency, in order.
select distinct on (currency) * from refund_limit
where :after::text is null or currency > :after::text
order by currency, refund_limit_id desc
limit :limit;
