-- name: insert_dispute(dispute_id, order_id, opened_by, opened_by_user_id, reason, description, status, milestone_id, case_id, processor_dispute_id, version, now)!
-- Stores a new dispute.
insert into booking.dispute (dispute_id, order_id, opened_by, opened_by_user_id, reason, description, status,
  milestone_id, case_id, processor_dispute_id, version, created_at, updated_at)
values (:dispute_id, :order_id, :opened_by, :opened_by_user_id, :reason, :description, :status, :milestone_id, :case_id,
  :processor_dispute_id, :version, :now, :now);

-- name: save_dispute(dispute_id, expected_version, version, status, outcome, case_id, processor_dispute_id, resolved_at, now)$
-- Writes where a dispute stands, if it is still what the decision was made from; null where it is not.
update booking.dispute
set status = :status, outcome = :outcome, case_id = :case_id, processor_dispute_id = :processor_dispute_id,
    version = :version, resolved_at = :resolved_at, updated_at = :now
where dispute_id = :dispute_id and version = :expected_version
returning dispute_id;

-- name: get_dispute(dispute_id)^
-- One dispute.
select dispute_id, order_id, opened_by, opened_by_user_id, reason, description, status, milestone_id, case_id,
       processor_dispute_id, outcome, version, created_at, updated_at, resolved_at
from booking.dispute
where dispute_id = :dispute_id;

-- name: dispute_with_parties(dispute_id)^
-- One dispute, and who may read it.
select d.dispute_id, d.order_id, d.opened_by, d.opened_by_user_id, d.reason, d.description, d.status, d.milestone_id,
       d.case_id, d.processor_dispute_id, d.outcome, d.version, d.created_at, d.updated_at, d.resolved_at,
       o.buyer_user_id, o.provider_user_id
from booking.dispute d
join booking.order o on o.order_id = d.order_id
where d.dispute_id = :dispute_id;

-- name: order_of_dispute(dispute_id)$
-- Which order a dispute is about; it never changes.
select order_id from booking.dispute where dispute_id = :dispute_id;

-- name: disputes_of_order(order_id)
-- An order's disputes, oldest first; whoever holds the order's row finds them unchanged until it ends.
select dispute_id, order_id, opened_by, opened_by_user_id, reason, description, status, milestone_id, case_id,
       processor_dispute_id, outcome, version, created_at, updated_at, resolved_at
from booking.dispute
where order_id = :order_id
order by dispute_id;

-- name: list_disputes(user_id, order_id, statuses, before, limit)
-- Disputes, newest first: of everybody's orders where no user is named, else of those that the user is a party of.
select d.dispute_id, d.order_id, d.opened_by, d.opened_by_user_id, d.reason, d.description, d.status, d.milestone_id,
       d.case_id, d.processor_dispute_id, d.outcome, d.version, d.created_at, d.updated_at, d.resolved_at
from booking.dispute d
join booking.order o on o.order_id = d.order_id
where (:user_id::text is null or :user_id::text in (o.buyer_user_id, o.provider_user_id))
  and (:order_id::text is null or d.order_id = :order_id::text)
  and (:before::text is null or d.dispute_id < :before::text)
  and (cardinality(:statuses::text[]) = 0 or d.status = any(:statuses::text[]))
order by d.dispute_id desc
limit :limit;

-- name: insert_statement(statement_id, dispute_id, author_user_id, author, body, now)!
-- Stores what somebody says, for good.
insert into booking.dispute_statement (statement_id, dispute_id, author_user_id, author, body, created_at)
values (:statement_id, :dispute_id, :author_user_id, :author, :body, :now);

-- name: statements_of(dispute_id)
-- Everything said about a dispute, oldest first.
select statement_id, dispute_id, author_user_id, author, body, created_at
from booking.dispute_statement
where dispute_id = :dispute_id
order by statement_id;

-- name: count_statements(dispute_id)$
-- How much was said.
select count(*) from booking.dispute_statement where dispute_id = :dispute_id;

-- name: insert_decision(decision_id, dispute_id, result, refund_subtotal_cents, refund_tip_cents, fee_refundable, reason, approval_role, proposed_by, now)!
-- Stores a proposal.
insert into booking.dispute_decision (decision_id, dispute_id, result, refund_subtotal_cents, refund_tip_cents,
  fee_refundable, reason, approval_role, proposed_by, created_at)
values (:decision_id, :dispute_id, :result, :refund_subtotal_cents, :refund_tip_cents, :fee_refundable, :reason,
  :approval_role, :proposed_by, :now);

-- name: save_decision(decision_id, status, decided_by, decided_at)!
-- Writes where a decision stands. The order's row is held, so nobody moves it meanwhile.
update booking.dispute_decision
set status = :status, decided_by = :decided_by, decided_at = :decided_at
where decision_id = :decision_id and status = 'proposed';

-- name: get_decision(decision_id)^
-- One decision.
select decision_id, dispute_id, status, result, refund_subtotal_cents, refund_tip_cents, fee_refundable, reason,
       approval_role, proposed_by, decided_by, decided_at, created_at
from booking.dispute_decision
where decision_id = :decision_id;

-- name: decisions_of(dispute_id)
-- What was proposed and decided, newest first.
select decision_id, dispute_id, status, result, refund_subtotal_cents, refund_tip_cents, fee_refundable, reason,
       approval_role, proposed_by, decided_by, decided_at, created_at
from booking.dispute_decision
where dispute_id = :dispute_id
order by decision_id desc;

-- name: order_of_decision(decision_id)$
-- Which order a decision is about; it never changes.
select d.order_id
from booking.dispute_decision c
join booking.dispute d on d.dispute_id = c.dispute_id
where c.decision_id = :decision_id;

-- name: refunds_under_way(decision_id)^
-- How many of a decision's refunds are not over, and how many have failed.
select count(*) filter (where status in ('reserved', 'processing')) as open,
       count(*) filter (where status = 'failed') as failed
from booking.refund
where cause = 'dispute' and cause_id = :decision_id;
