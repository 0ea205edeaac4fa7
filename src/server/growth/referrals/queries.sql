-- name: lock_person(user_id)!
-- Lets one change of how much a person has stored run at a time. Locks: person.
select pg_advisory_xact_lock(hashtextextended('person:' || :user_id, 0));

-- name: insert_program(program_id, kind, reward_bips, reward_fixed_cents, credit_scope, monthly_cap, active, min_order_cents, credit_valid_days, now)!
-- Stores a programme.
insert into referral_program
  (program_id, kind, reward_bips, reward_fixed_cents, credit_scope, monthly_cap, active, min_order_cents,
   credit_valid_days, created_at, updated_at)
values
  (:program_id, :kind, :reward_bips, :reward_fixed_cents, :credit_scope, :monthly_cap, :active, :min_order_cents,
   :credit_valid_days, :now, :now);

-- name: get_program(program_id)^
-- One programme.
select * from referral_program where program_id = :program_id;

-- name: lock_program(program_id)^
-- One programme, held until the transaction ends.
select * from referral_program where program_id = :program_id for no key update;

-- name: update_program(program_id, reward_bips, reward_fixed_cents, monthly_cap, active, min_order_cents, credit_valid_days, now)!
-- Writes what changed.
update referral_program
set reward_bips = :reward_bips, reward_fixed_cents = :reward_fixed_cents, monthly_cap = :monthly_cap,
    active = :active, min_order_cents = :min_order_cents, credit_valid_days = :credit_valid_days, updated_at = :now
where program_id = :program_id;

-- name: programs(active_only, before, limit)
-- Programmes, newest first.
select * from referral_program
where (active or not :active_only) and (:before::text is null or program_id < :before::text)
order by program_id desc
limit :limit;

-- name: insert_invite(invite_id, program_id, inviter_user_id, invitee_email_sha, source, now)$
-- Stores an invitation; null where this inviter has invited this mailbox to this programme before.
insert into referral_invite (invite_id, program_id, inviter_user_id, invitee_email_sha, source, created_at, updated_at)
values (:invite_id, :program_id, :inviter_user_id, :invitee_email_sha, :source, :now, :now)
on conflict (program_id, inviter_user_id, invitee_email_sha) do nothing
returning invite_id;

-- name: lock_invite(invite_id)^
-- One invitation, held until the transaction ends.
select * from referral_invite where invite_id = :invite_id for no key update;

-- name: lock_invites_of_invitees(user_ids)
-- The accepted invitations of some people, held in order of id.
select * from referral_invite where invitee_user_id = any(:user_ids::text[]) and status = 'accepted'
order by invite_id
for no key update;

-- name: lock_invites_of_order(order_id)
-- The invitations that an order has qualified, held in order of id.
select * from referral_invite where qualified_order_id = :order_id
order by invite_id
for no key update;

-- name: update_invite(invite_id, invitee_user_id, device_fp, ip_addr_sha, status, qualified_order_id, qualified_cents, held_until, in_review, other_mailbox, decision_reason, accepted_at, decided_at, now)!
-- Writes what changed; hashes of signals are kept once they are there.
update referral_invite
set invitee_user_id = :invitee_user_id, device_fp = coalesce(:device_fp, device_fp),
    ip_addr_sha = coalesce(:ip_addr_sha, ip_addr_sha), status = :status, qualified_order_id = :qualified_order_id,
    qualified_cents = :qualified_cents, held_until = :held_until, in_review = :in_review,
    other_mailbox = :other_mailbox, decision_reason = :decision_reason, accepted_at = :accepted_at, decided_at = :decided_at, updated_at = :now
where invite_id = :invite_id;

-- name: invites_of(inviter_user_id, before, limit)
-- Whom somebody has invited, newest first.
select * from referral_invite
where inviter_user_id = :inviter_user_id and (:before::text is null or invite_id < :before::text)
order by invite_id desc
limit :limit;

-- name: invites_in_review(before, limit)
-- What a person has to look at, newest first.
select * from referral_invite
where in_review and (:before::text is null or invite_id < :before::text)
order by invite_id desc
limit :limit;

-- name: brought_by_another(invitee_user_id)$
-- Whether somebody has accepted an invitation before.
select exists (select from referral_invite where invitee_user_id = :invitee_user_id and status <> 'rejected');

-- name: count_sent(inviter_user_id, since)$
-- How many invitations somebody has sent lately.
select count(*) from referral_invite where inviter_user_id = :inviter_user_id and created_at > :since;

-- name: keep_signal(user_id, kind, hash, now)*!
-- Remembers what somebody was seen with.
insert into referral_signal (user_id, kind, hash, seen_at) values (:user_id, :kind, :hash, :now)
on conflict do nothing;

-- name: shared_signals(one, other)
-- What two people have in common.
select distinct a.kind from referral_signal a
join referral_signal b on b.kind = a.kind and b.hash = a.hash and b.user_id = :other
where a.user_id = :one;

-- name: line_above(user_id)
-- Who brought the one who brought somebody, up to three steps.
with recursive line as (
  select inviter_user_id, 1 as step from referral_invite where invitee_user_id = :user_id and status <> 'rejected'
  union
  select i.inviter_user_id, line.step + 1
  from line join referral_invite i on i.invitee_user_id = line.inviter_user_id and i.status <> 'rejected'
  where line.step < 3
)
select distinct inviter_user_id from line;

-- name: stands_for_one_of(user_id, others)$
-- Whether somebody is one of these people, or shares a device, a card or a mailbox with one.
select :user_id::text = any(:others::text[]) or exists (
  select from referral_signal a
  join referral_signal b on b.kind = a.kind and b.hash = a.hash and b.user_id = any(:others::text[])
  where a.user_id = :user_id and a.kind <> 'address');

-- name: has_invited(inviter_user_id, invitee_user_id)$
-- Whether one person brought another.
select exists (
  select from referral_invite where inviter_user_id = :inviter_user_id and invitee_user_id = :invitee_user_id);

-- name: accepted_within(inviter_user_id, since, until)$
-- How many of somebody's invitations were accepted in a time.
select count(*) from referral_invite
where inviter_user_id = :inviter_user_id and accepted_at > :since and accepted_at <= :until;

-- name: insert_assessment(assessment_id, invite_id, score, inputs, decision, decided_by, now)!
-- Keeps a decision with everything it was made from, for good.
insert into referral_assessment (assessment_id, invite_id, score, inputs, decision, decided_by, created_at)
values (:assessment_id, :invite_id, :score, :inputs::jsonb, :decision, :decided_by, :now);

-- name: count_award(user_id, program_id, month, cap)$
-- Counts an award of the month unless the cap is reached; null where it is. The row is the guard.
insert into referral_award_month (user_id, program_id, month, awards, cap)
select :user_id, :program_id, :month, 1, :cap where :cap > 0
on conflict (user_id, program_id, month) do update
  set awards = referral_award_month.awards + 1, cap = excluded.cap
  where referral_award_month.awards < excluded.cap
returning awards;
