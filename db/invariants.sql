-- What is always true of the stored data. Each query returns the rows that break it, so it must return none: after
-- every database test, by cron, and in `callsheet doctor`. None of them looks at the clock.

-- name: idempotency_keys_are_answered()
-- A committed key has its answer: key, effect and answer are one transaction.
select principal, method, key from core.idempotency_key where response is null;

-- name: slots_do_not_overlap()
-- No provider is booked twice at one time.
select a.order_id, b.order_id as other_order_id
from booking.order a
join booking.order b on b.provider_user_id = a.provider_user_id and b.order_id > a.order_id
where a.holds_slot and b.holds_slot
  and tstzrange(a.busy_from, a.busy_to, '[)') && tstzrange(b.busy_from, b.busy_to, '[)');

-- name: running_orders_hold_their_slot()
-- An agreed order keeps its slot as long as its time was not over when it last changed.
select order_id, status from booking.order
where not holds_slot and busy_to > updated_at
  and (status in ('accepted', 'confirmed', 'in_progress', 'delivered')
    or (status = 'disputed' and status_before_dispute in ('confirmed', 'in_progress', 'delivered')));

-- name: order_totals_add_up()
-- The total is subtotal, fee, tax and tip less credit.
select order_id from booking.order
where total_cents <> subtotal_cents::bigint + platform_fee_cents + tax_cents + tip_cents - credit_cents;

-- name: order_subtotals_are_their_lines()
-- The subtotal is the sum of the lines, refunds aside.
select o.order_id, o.subtotal_cents, coalesce(sum(l.total_cents), 0) as lines_cents
from booking.order o
left join booking.line_item l on l.order_id = o.order_id and l.kind <> 'refund'
group by o.order_id
having o.subtotal_cents <> coalesce(sum(l.total_cents), 0);

-- name: order_histories_are_whole()
-- An order's version is the number of its events, and their sequence has no gap.
select o.order_id, o.version, count(e.sequence) as events, max(e.sequence) as newest
from booking.order o
left join booking.order_event e on e.order_id = o.order_id
group by o.order_id
having count(e.sequence) <> o.version or max(e.sequence) is distinct from o.version;

-- name: order_histories_connect()
-- Each event starts where the one before it ended, and the last one ends where the order is.
select order_id, sequence from (
  select e.order_id, e.sequence, e.from_status, e.to_status, o.status,
    lag(e.to_status) over steps as before, lead(e.sequence) over steps as next
  from booking.order_event e join booking.order o on o.order_id = e.order_id
  window steps as (partition by e.order_id order by e.sequence)
) step
where from_status is distinct from before or (next is null and to_status <> status);

-- name: pending_requests_belong_to_negotiated_orders()
-- Nobody is asked about an order that is no longer negotiated.
select r.request_id, o.order_id, o.status
from booking.request r join booking.order o on o.order_id = r.order_id
where r.status = 'pending' and o.status not in ('pending_accept', 'countered');

-- name: requests_are_shown_with_their_orders()
-- A provider who sees an offer sees the order that it is about.
select r.request_id, o.order_id
from booking.request r join booking.order o on o.order_id = r.order_id
where r.shown_at is not null and o.shown_at is null;

-- name: agreed_orders_are_shown()
-- Nobody is booked who does not know of it.
select order_id, status from booking.order
where shown_at is null and status not in ('initiated', 'pending_accept', 'declined', 'cancelled_buyer');

-- name: awarded_invites_have_one_winner()
-- An invite is awarded exactly when one of its recipients is.
select i.invite_id, i.status, count(r.order_id) as awarded
from booking.invite i
left join booking.invite_recipient r on r.invite_id = i.invite_id and r.status = 'awarded'
group by i.invite_id
having (i.status = 'awarded') <> (count(r.order_id) = 1);

-- name: invites_stay_within_their_cap()
-- An invite reaches at most as many recipients as it says.
select i.invite_id from booking.invite i
join booking.invite_recipient r on r.invite_id = i.invite_id
group by i.invite_id
having count(*) > i.recipient_cap;

-- name: invited_orders_match_their_recipient()
-- A recipient's child order is of that invite, of its buyer, and for that provider.
select r.invite_id, r.recipient_user_id, o.order_id
from booking.invite_recipient r
join booking.invite i on i.invite_id = r.invite_id
join booking.order o on o.order_id = r.order_id
where o.invite_id is distinct from r.invite_id or o.provider_user_id <> r.recipient_user_id
  or o.buyer_user_id <> i.buyer_user_id;

-- name: milestones_share_out_the_subtotal()
-- Where an agreed order has milestones, they make up its subtotal.
select o.order_id, o.subtotal_cents, sum(m.amount_cents) as milestones_cents
from booking.order o join booking.milestone m on m.order_id = o.order_id
where o.status in ('accepted', 'confirmed')
group by o.order_id
having sum(m.amount_cents) <> o.subtotal_cents;

-- name: disputed_orders_have_an_open_dispute()
-- An order is disputed exactly while a dispute about it is open.
select o.order_id, o.status, count(d.dispute_id) as open_disputes
from booking.order o
left join booking.dispute d on d.order_id = o.order_id
  and d.status in ('open', 'awaiting_evidence', 'under_review', 'chargeback')
group by o.order_id
having (o.status = 'disputed') <> (count(d.dispute_id) > 0);

-- name: chats_have_no_gap()
-- A thread's messages are numbered 1, 2, 3 … up to its counter.
select t.chat_thread_id, t.messages, count(m.sequence) as stored
from booking.chat_thread t
left join booking.chat_message m on m.chat_thread_id = t.chat_thread_id
group by t.chat_thread_id
having count(m.sequence) <> t.messages or coalesce(max(m.sequence), 0) <> t.messages;

-- name: principal_payments_are_known()
-- The payment intent that an order names is one of its payments.
select o.order_id from booking.order o
where o.stripe_payment_intent_id is not null and not exists (
  select from booking.payment p
  where p.order_id = o.order_id and p.stripe_payment_intent_id = o.stripe_payment_intent_id);

-- name: charges_are_what_was_captured()
-- What an order's balance calls charged is what its payments captured.
select p.order_id, b.charged_cents, sum(p.captured_cents) as captured_cents
from booking.payment p left join booking.refund_balance b on b.order_id = p.order_id
group by p.order_id, b.charged_cents
having sum(p.captured_cents) <> coalesce(b.charged_cents, 0);

-- name: charges_consist_of_their_parts()
-- Every cent that was charged is subtotal, fee, tax or tip; every cent that went back is too.
select order_id from booking.refund_balance
where charged_cents <> subtotal_cents + fee_cents + tax_cents + tip_cents
  or refunded_cents <> subtotal_returned_cents + fee_returned_cents + tax_returned_cents + tip_returned_cents;

-- name: refund_balances_are_the_fold_of_refunds()
-- What an order's balance calls returned is what its refunds return, those under way and those still owed included;
-- credit also of those that a bank was faster with.
select b.order_id
from booking.refund_balance b
left join (
  select order_id, status = 'void' as void, amount_cents, subtotal_cents, platform_fee_cents, tax_cents, tip_cents,
    credit_cents, commission_cents
  from booking.refund
) r on r.order_id = b.order_id
group by b.order_id
having row(b.refunded_cents, b.subtotal_returned_cents, b.fee_returned_cents, b.tax_returned_cents,
    b.tip_returned_cents, b.credit_returned_cents, b.commission_returned_cents)
  is distinct from row(coalesce(sum(r.amount_cents) filter (where not r.void), 0),
    coalesce(sum(r.subtotal_cents) filter (where not r.void), 0),
    coalesce(sum(r.platform_fee_cents) filter (where not r.void), 0),
    coalesce(sum(r.tax_cents) filter (where not r.void), 0), coalesce(sum(r.tip_cents) filter (where not r.void), 0),
    coalesce(sum(r.credit_cents), 0), coalesce(sum(r.commission_cents) filter (where not r.void), 0));

-- name: refunds_come_from_lines()
-- What a refund takes of the subtotal is taken of the lines; an adjustment writes them anew instead.
select r.refund_set_id
from (
  select refund_set_id, sum(subtotal_cents) as subtotal_cents from booking.refund where cause <> 'adjustment'
  group by refund_set_id
) r
left join (select refund_set_id, sum(amount_cents) as amount_cents from booking.refund_line group by refund_set_id) l
  on l.refund_set_id = r.refund_set_id
where r.subtotal_cents <> coalesce(l.amount_cents, 0);

-- name: late_payments_go_back_whole()
-- A payment that came when nobody waited for it was sent back, to the cent.
select p.payment_id, p.captured_cents, coalesce(sum(r.amount_cents), 0) as returned_cents
from booking.payment p
left join booking.refund r on r.payment_id = p.payment_id and r.cause = 'late_payment'
where p.late
group by p.payment_id
having p.captured_cents <> coalesce(sum(r.amount_cents), 0);

-- name: banks_took_what_their_complaints_say()
-- What an order's balance and its payments call withdrawn and reinstated is what complaints took and brought back.
select p.order_id
from booking.payment p
left join booking.refund_balance b on b.order_id = p.order_id
left join (
  select payment_id, sum(withdrawn_cents) as withdrawn_cents, sum(reinstated_cents) as reinstated_cents
  from booking.chargeback group by payment_id
) c on c.payment_id = p.payment_id
group by p.order_id, b.withdrawn_cents, b.reinstated_cents
having sum(p.withdrawn_cents) <> coalesce(sum(c.withdrawn_cents), 0)
  or sum(p.reinstated_cents) <> coalesce(sum(c.reinstated_cents), 0)
  or sum(p.withdrawn_cents) <> coalesce(b.withdrawn_cents, 0)
  or sum(p.reinstated_cents) <> coalesce(b.reinstated_cents, 0);

-- name: money_is_explained()
-- What is left of an order's charges is with its provider, owed to them, with the platform, or lost to a bank.
select order_id from (
  select b.*, subtotal_cents - subtotal_returned_cents - (commission_cents - commission_returned_cents)
      + tip_cents - tip_returned_cents as earned_cents,
    withdrawn_cents - reinstated_cents as lost_cents
  from booking.refund_balance b
) b
where charged_cents - refunded_cents - lost_cents
  <> greatest(0, earned_cents - lost_cents) - greatest(0, lost_cents - earned_cents)
    + (fee_cents - fee_returned_cents) + (commission_cents - commission_returned_cents)
    + (tax_cents - tax_returned_cents);

-- name: releases_are_their_milestones()
-- What was released of the subtotal is the sum of the milestones that released it.
select b.order_id from booking.refund_balance b
left join booking.milestone_release m on m.order_id = b.order_id
group by b.order_id
having b.released_subtotal_cents <> coalesce(sum(m.amount_cents), 0);

-- name: debts_are_paid_by_reversals()
-- What was paid on a provider's debt is what reversals took for it.
select d.debt_id, d.paid_cents, coalesce(sum(v.amount_cents), 0) as taken_cents
from booking.provider_debt d
left join booking.transfer_reversal v on v.debt_id = d.debt_id and v.status = 'succeeded'
group by d.debt_id
having d.paid_cents <> coalesce(sum(v.amount_cents), 0);

-- name: whole_refunds_leave_nothing_open()
-- Once the whole subtotal went back, every part was either returned or forfeited.
select order_id from booking.refund_balance
where subtotal_cents > 0 and subtotal_returned_cents = subtotal_cents
  and (fee_returned_cents + fee_forfeited_cents <> fee_cents
    or tax_returned_cents + tax_forfeited_cents <> tax_cents
    or credit_returned_cents + credit_forfeited_cents <> credit_cents
    or commission_returned_cents <> commission_cents);

-- name: payments_are_refunded_once()
-- A payment's refunded cents are the sum of its refunds, those under way included.
select p.payment_id, p.refunded_cents, coalesce(sum(r.amount_cents), 0) as refunds_cents
from booking.payment p
left join booking.refund r on r.payment_id = p.payment_id and r.status <> 'void'
group by p.payment_id
having p.refunded_cents <> coalesce(sum(r.amount_cents), 0);

-- name: transfers_are_reversed_once()
-- A transfer's reversed cents are the sum of its reversals, those under way included.
select t.transfer_id, t.reversed_cents, coalesce(sum(v.amount_cents), 0) as reversals_cents
from booking.transfer t
left join booking.transfer_reversal v on v.transfer_id = t.transfer_id and v.status <> 'failed'
group by t.transfer_id
having t.reversed_cents <> coalesce(sum(v.amount_cents), 0);

-- name: balances_know_their_transfers()
-- What an order's balance calls transferred and reversed is what its transfers are.
select b.order_id from booking.refund_balance b
left join booking.transfer t on t.order_id = b.order_id and t.status <> 'failed'
group by b.order_id
having b.transferred_cents <> coalesce(sum(t.amount_cents), 0)
  or b.reversed_cents <> coalesce(sum(t.reversed_cents), 0);

-- name: providers_get_no_more_than_the_order_brings()
-- What stays transferred is at most subtotal less commission, plus tip.
select order_id from booking.refund_balance
where transferred_cents - reversed_cents > subtotal_cents - commission_cents + commission_returned_cents + tip_cents;

-- name: case_histories_are_whole()
-- A case's version is the number of its events, and their sequence has no gap.
select c.case_id, c.version, count(e.sequence) as events
from support_case c left join support_event e on e.case_id = c.case_id
group by c.case_id
having count(e.sequence) <> c.version or max(e.sequence) is distinct from c.version;

-- name: support_refunds_mirror_bookings()
-- A refund that support reports as paid is the very set of refunds that booking paid.
select s.refund_id from support_refund s
left join booking.refund r on r.refund_set_id = s.refund_set_id
where s.status = 'succeeded' and s.leg_id is not null
group by s.refund_id
having coalesce(sum(r.amount_cents), 0) <> s.amount_cents or not coalesce(bool_and(r.order_id = s.leg_id), false)
  or not coalesce(bool_or(r.stripe_refund_id = s.processor_ref), false);

-- name: holds_stay_within_the_payout()
-- The holds on an order are at most what it brings its provider.
select h.leg_id, sum(h.amount_cents) as held_cents
from payout_hold h
left join booking.refund_balance b on b.order_id = h.leg_id
where h.status = 'applied' and h.leg_id is not null
group by h.leg_id, b.order_id
having sum(h.amount_cents) > coalesce(
  b.subtotal_cents - b.commission_cents + b.commission_returned_cents + b.tip_cents, 0);

-- name: credit_balances_are_the_fold_of_entries()
-- What somebody may spend is their awards less clawbacks and redemptions, and the newest entry is the chain's head.
select a.user_id, a.balance_cents
from credit_account a left join credit_ledger l on l.user_id = a.user_id
group by a.user_id
having a.balance_cents <> coalesce(sum(case l.kind when 'award' then l.amount_cents else -l.amount_cents end), 0)
  or a.sequence <> count(l.entry_id) or coalesce(max(l.sequence), 0) <> a.sequence;

-- name: credit_chains_connect()
-- Each entry names the hash of the one before it, and the account the hash of the last.
select user_id, sequence from (
  select l.user_id, l.sequence, l.previous_hash, l.hash, a.hash as head,
    lag(l.hash, 1, '\x'::bytea) over chain as before, lead(l.sequence) over chain as next
  from credit_ledger l join credit_account a on a.user_id = l.user_id
  window chain as (partition by l.user_id order by l.sequence)
) entry
where previous_hash <> before or (next is null and hash <> head);

-- name: credit_is_left_in_grants()
-- What somebody may spend is what is left of their grants.
select a.user_id, a.balance_cents, coalesce(sum(g.remaining_cents), 0) as remaining_cents
from credit_account a left join credit_grant g on g.user_id = a.user_id
group by a.user_id
having a.balance_cents <> coalesce(sum(g.remaining_cents), 0);

-- name: redemptions_name_their_grants()
-- A redeem was taken from grants to the cent, and its reversals restored exactly what they gave back.
select l.entry_id
from credit_ledger l
left join (
  select entry_id, sum(amount_cents) as amount_cents, sum(restored_cents) as restored_cents
  from credit_redemption group by entry_id
) r on r.entry_id = l.entry_id
left join (
  select reverses_entry_id, sum(amount_cents) as amount_cents
  from credit_ledger where reverses_entry_id is not null group by reverses_entry_id
) v on v.reverses_entry_id = l.entry_id
where l.kind = 'redeem' and (coalesce(r.amount_cents, 0) <> l.amount_cents
  or coalesce(r.restored_cents, 0) <> coalesce(v.amount_cents, 0));

-- name: debts_stand_alone()
-- Nobody owes credit and has some at the same time.
select a.user_id, a.balance_cents, sum(d.amount_cents - d.paid_cents) as owed_cents
from credit_account a join credit_debt d on d.user_id = a.user_id
where d.paid_cents < d.amount_cents and a.balance_cents > 0
group by a.user_id, a.balance_cents;

-- name: credit_debts_are_paid_by_entries()
-- What was paid on a debt is the sum of the clawbacks that name it.
select d.debt_id, d.paid_cents, coalesce(sum(l.amount_cents), 0) as clawed_back_cents
from credit_debt d left join credit_ledger l on l.debt_id = d.debt_id
group by d.debt_id
having d.paid_cents <> coalesce(sum(l.amount_cents), 0);

-- name: campaign_histories_are_whole()
-- A campaign's version is the number of its events, each starts where the one before it ended, and the last one ends
-- where the campaign is.
select c.campaign_id, c.version, c.status
from promo_campaign c
left join (
  select campaign_id, count(*) as events, max(sequence) as newest, bool_and(connected) as connected,
    (array_agg(to_status order by sequence desc))[1] as status
  from (
    select campaign_id, sequence, to_status,
      from_status is not distinct from lag(to_status) over (partition by campaign_id order by sequence) as connected
    from promo_campaign_event
  ) step
  group by campaign_id
) e on e.campaign_id = c.campaign_id
where e.events is distinct from c.version or e.newest <> c.version or not e.connected or e.status <> c.status;

-- name: budget_heads_are_the_fold_of_entries()
-- Each chain's head knows the number and the sums of its entries, and their sequence has no gap.
select coalesce(h.campaign_id, l.campaign_id) as campaign_id, coalesce(h.chain, l.chain) as chain
from (
  select campaign_id, 'funding' as chain, sequence, promo_cents, cash_cents from promo_funding_head
  union all
  select campaign_id, 'spend', sequence, promo_cents, cash_cents from promo_spend_head
) h
full join (
  select campaign_id, chain, count(*) as entries, max(sequence) as newest, sum(promo_cents) as promo_cents,
    sum(cash_cents) as cash_cents
  from promo_budget_ledger group by campaign_id, chain
) l on l.campaign_id = h.campaign_id and l.chain = h.chain
where coalesce(h.sequence, 0) <> coalesce(l.entries, 0) or coalesce(h.sequence, 0) <> coalesce(l.newest, 0)
  or coalesce(h.promo_cents, 0) <> coalesce(l.promo_cents, 0) or coalesce(h.cash_cents, 0) <> coalesce(l.cash_cents, 0);

-- name: budget_chains_connect()
-- Each entry names the hash of the one before it in its chain, and the chain's head the hash of the last.
select campaign_id, chain, sequence from (
  select l.campaign_id, l.chain, l.sequence, l.previous_hash, l.hash,
    case l.chain when 'spend' then s.hash else f.hash end as head,
    lag(l.hash, 1, '\x'::bytea) over chain as before, lead(l.sequence) over chain as next
  from promo_budget_ledger l
  left join promo_funding_head f on f.campaign_id = l.campaign_id
  left join promo_spend_head s on s.campaign_id = l.campaign_id
  window chain as (partition by l.campaign_id, l.chain order by l.sequence)
) entry
where previous_hash <> before or (next is null and hash is distinct from head);

-- name: budgets_are_not_overspent()
-- A campaign never spends more than was put in, neither in cash nor in promotional credit.
select s.campaign_id
from promo_spend_head s left join promo_funding_head f on f.campaign_id = s.campaign_id
where coalesce(f.promo_cents, 0) + s.promo_cents < 0 or coalesce(f.cash_cents, 0) + s.cash_cents < 0;

-- name: credits_stay_within_the_spend()
-- What was credited for a click is at most what the click had cost, in cash and in promotional credit.
select s.entry_id
from promo_budget_ledger s join promo_budget_ledger c on c.reverses_entry_id = s.entry_id
where s.kind = 'spend'
group by s.entry_id
having sum(c.promo_cents) > -s.promo_cents or sum(c.cash_cents) > -s.cash_cents;

-- name: spend_was_decided()
-- Each cent of spend has its decision, and each billed decision its spend.
select coalesce(l.campaign_id, d.campaign_id) as campaign_id, coalesce(l.click_key, d.click_key) as click_key
from (select campaign_id, click_key, amount_cents from promo_budget_ledger where kind = 'spend') l
full join (
  select campaign_id, click_key, billed_cents from promo_click_decision where revision = 1 and billed_cents > 0
) d on d.campaign_id = l.campaign_id and d.click_key = l.click_key
where -l.amount_cents is distinct from d.billed_cents;

-- name: rollups_add_up_to_the_spend()
-- The counters that reports show agree with the ledger.
select coalesce(l.campaign_id, r.campaign_id) as campaign_id, l.spend_cents, r.spend_cents as rollup_cents
from (
  select campaign_id, -sum(amount_cents) as spend_cents
  from promo_budget_ledger where kind = 'spend' group by campaign_id
) l
full join (
  select campaign_id, sum(spend_cents) as spend_cents
  from promo_rollup_15m group by campaign_id having sum(spend_cents) <> 0
) r on r.campaign_id = l.campaign_id
where l.spend_cents is distinct from r.spend_cents;

-- name: topups_are_in_the_ledger()
-- What is paid has its entry, of its amount and charge, and no entry stands for what is not.
select coalesce(t.topup_id, l.entry_id) as topup_id
from (select * from promo_topup where entry_id is not null) t
full join (select * from promo_budget_ledger where kind = 'topup') l on l.entry_id = t.entry_id
where t.amount_cents is distinct from l.amount_cents or t.charge_id is distinct from l.processor_ref
  or t.campaign_id is distinct from l.campaign_id;

-- name: withdrawals_are_shared_out()
-- The parts of a withdrawal add up to it, and no charge is promised back beyond what it paid.
select w.withdrawal_id
from promo_withdrawal w left join promo_withdrawal_part p on p.withdrawal_id = w.withdrawal_id
group by w.withdrawal_id
having coalesce(sum(p.amount_cents), 0) <> w.amount_cents
union all
select t.topup_id
from promo_topup t join promo_withdrawal_part p on p.topup_id = t.topup_id
where p.status in ('reserved', 'pending', 'succeeded')
group by t.topup_id
having sum(p.amount_cents) > t.amount_cents;

-- name: refunds_were_taken_first()
-- Nothing is refunded that the stream has not taken out of the budget.
select w.withdrawal_id
from promo_withdrawal w
left join promo_debit d on d.debit_id = w.debit_id and d.outcome = 'applied'
left join promo_budget_ledger l on l.entry_id = d.entry_id
where w.status in ('refunding', 'completed') and l.amount_cents is distinct from -w.amount_cents;

-- name: restored_budgets_are_their_credits()
-- What counts against no total budget is what was given back for invalid clicks.
select f.campaign_id
from promo_funding_head f
left join promo_budget_ledger l on l.campaign_id = f.campaign_id and l.credit_source = 'invalid_click'
group by f.campaign_id, f.restored_cents
having f.restored_cents <> coalesce(sum(l.amount_cents), 0);

-- name: debts_are_settled_once()
-- Nobody settles more of a debt than was taken back, and what was collected was taken out of the payment's own budget.
select s.topup_id
from promo_debt_settlement s
left join (select topup_id, sum(taken_cents) as taken_cents from promo_receivable group by topup_id) r
  on r.topup_id = s.topup_id
where s.status = 'approved'
group by s.topup_id, r.taken_cents
having sum(s.amount_cents) > coalesce(r.taken_cents, 0)
union all
select s.topup_id
from promo_debt_settlement s join promo_topup t on t.topup_id = s.topup_id
left join promo_debit d on d.debit_id = s.adjustment_id and d.outcome = 'applied'
left join promo_budget_ledger l on l.entry_id = d.entry_id and l.campaign_id = t.campaign_id
where s.method = 'collected' and (l.entry_id is null or -l.cash_cents < s.amount_cents);

-- name: promo_histories_are_whole()
-- The version of a payment, a withdrawal, a claim, an advertiser and a settlement is the number of its steps, and the
-- last one ends where it is.
select s.subject_id
from (
  select topup_id as subject_id, version, status from promo_topup
  union all select withdrawal_id, version, status from promo_withdrawal
  union all select advertiser_id, version, status from promo_advertiser
  union all select claim_id, version, status from promo_click_claim
  union all select settlement_id, version, status from promo_debt_settlement
) s
left join (
  select subject_id, count(*) as steps, max(sequence) as newest,
    (array_agg(to_status order by sequence desc))[1] as status
  from promo_history group by subject_id
) h on h.subject_id = s.subject_id
where h.steps is distinct from s.version or h.newest <> s.version or h.status <> s.status;

-- name: nothing_runs_of_a_suspended_advertiser()
-- An advertiser is suspended with every campaign that runs; none is shown or charged while they are.
select c.campaign_id
from promo_campaign c join promo_advertiser a on a.advertiser_id = c.advertiser_id
where a.status = 'suspended' and c.status in ('active', 'paused');

-- name: credited_clicks_are_revised()
-- A click that was given back stands as invalid, and a revised one was given back.
select coalesce(d.event_id, g.entry_id) as subject
from (
  select distinct on (campaign_id, event_id) campaign_id, event_id, revision, verdict, click_key
  from promo_click_decision order by campaign_id, event_id, revision desc
) d
full join (
  select g.entry_id, s.campaign_id, s.click_key
  from promo_budget_ledger g join promo_budget_ledger s on s.entry_id = g.reverses_entry_id
  where g.credit_source = 'invalid_click'
) g on g.campaign_id = d.campaign_id and g.click_key = d.click_key and d.revision > 1
where (d.revision > 1 and (g.entry_id is null or d.verdict <> 'invalid')) or d.event_id is null;
