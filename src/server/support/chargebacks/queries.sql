-- name: dispute_of_case(case_id)^
-- The dispute that a case is about.
select * from processor_dispute where case_id = :case_id;

-- name: get_dispute(processor_dispute_id)^
-- A dispute by the processor's id.
select * from processor_dispute where processor_dispute_id = :processor_dispute_id;

-- name: lock_dispute(processor_dispute_id)^
-- The same, held until the transaction ends; its case is locked before.
select * from processor_dispute where processor_dispute_id = :processor_dispute_id for update;

-- name: insert_dispute(processor_dispute_id, case_id, leg_id, charge_id, amount_cents, currency, reason, status, charge_refundable, withdrawn_cents, reinstated_cents, due_by, now)!
-- Stores what was told for the first time.
insert into processor_dispute
  (processor_dispute_id, case_id, leg_id, stripe_charge_id, amount_cents, currency, reason, status, charge_refundable,
   withdrawn_cents, reinstated_cents, due_by, created_at, updated_at)
values
  (:processor_dispute_id, :case_id, :leg_id, :charge_id, :amount_cents, :currency, :reason, :status,
   :charge_refundable, :withdrawn_cents, :reinstated_cents, :due_by, :now, :now);

-- name: save_dispute(processor_dispute_id, amount_cents, reason, status, charge_refundable, withdrawn_cents, reinstated_cents, due_by, draft, submitted_at, submitted_by, accepted_at, now)!
-- Writes what was told, or what is answered. The row is locked.
update processor_dispute
set amount_cents = :amount_cents, reason = :reason, status = :status, charge_refundable = :charge_refundable,
    withdrawn_cents = :withdrawn_cents, reinstated_cents = :reinstated_cents, due_by = :due_by, draft = :draft::jsonb,
    submitted_at = :submitted_at, submitted_by = :submitted_by, accepted_at = :accepted_at, updated_at = :now
where processor_dispute_id = :processor_dispute_id;

-- name: files_about_leg(leg_id, limit)
-- The checked files of every case about an order, oldest first.
select e.evidence_id, e.mime, e.sha256, e.stored_at
from evidence_object e
join support_case c on c.case_id = e.case_id
where c.leg_id = :leg_id and e.status = 'stored'
order by e.evidence_id
limit :limit;

-- name: event_told(case_id, action, name, value)$
-- Whether a case's history has an event with that detail.
select exists (
  select from support_event
  where case_id = :case_id and action = :action and details_json ->> :name::text = :value::text
);
