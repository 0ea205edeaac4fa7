"""Proposing, approving and rejecting refunds, and following what becomes of them.

    agent            another person                 Booking                    processor
    ─────            ──────────────                 ───────                    ─────────
    propose ──▶ approve: reserve on the balance ──▶ stored calls ──▶ refund, reversal
                         │                              │
                         └── case, refund row           └── job ──▶ settled: row and case follow

The order and its balance are locked before the case, so that forty approvals come one after the other and none of them
gives back what another has reserved. Whoever dies in between, the rows say what is left to do.
"""

from dataclasses import dataclass, replace

from server.booking.ports import OrderMoney, RefundOutcome, RefundQuote, RefundShare, RefundState
from server.core.call import Actor, Role
from server.core.crash import point
from server.core.db import Database, Guard, Tx
from server.core.errors import FieldInvalid, IllegalTransition, NotFound, Violation
from server.core.ids import Ids
from server.core.pagination import Listing, Page, PageTokens, page_size
from server.support.cases.access import handled_by, visible
from server.support.cases.book import CaseBook, Change
from server.support.cases.domain import SYSTEM, By, Case, Event, Status, Visibility, check_version
from server.support.cases.reading import ListOfCase
from server.support.cases.repository import CaseRepository
from server.support.cases.standing import AuthorRole
from server.support.holds.domain import ReleaseReason
from server.support.ports import Holds
from server.support.refunds.domain import (
    REJECTED,
    Amounts,
    ApprovalRole,
    Approver,
    Refund,
    RefundEvent,
    RefundStatus,
    Share,
    apply,
    approval_role,
    check_approver,
)
from server.support.refunds.repository import LimitRepository, RefundRepository
from server.support.refunds.timers import SETTLED

APPROVABLE = frozenset({Status.DECISION_PENDING, Status.ESCALATED, Status.REFUNDED})


@dataclass(frozen=True, slots=True)
class AskRefund:
    """Somebody asks what a share comes to, or proposes to give it back."""

    actor: Actor
    case_id: str
    share: Share
    fee_refundable: bool
    currency: str
    reason: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class DecideRefund:
    """Somebody lets a refund go, or refuses it."""

    actor: Actor
    refund_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a share comes to, and who would have to approve it."""

    quote: RefundQuote
    approval_role: ApprovalRole


class RefundUseCases:
    """The operations on refunds."""

    def __init__(
        self,
        database: Database,
        refunds: RefundRepository,
        limits: LimitRepository,
        cases: CaseRepository,
        book: CaseBook,
        holds: Holds,
        money: OrderMoney,
        ids: Ids,
        pages: PageTokens,
    ) -> None:
        self._database = database
        self._refunds = refunds
        self._limits = limits
        self._cases = cases
        self._book = book
        self._holds = holds
        self._money = money
        self._ids = ids
        self._pages = pages

    async def quote(self, command: AskRefund) -> Quoted:
        """What a share comes to now; nothing is stored."""
        async with self._database.snapshot() as tx:
            case, _ = visible(await self._cases.get(tx, command.case_id), command.case_id, command.actor)
            handled_by(case, command.actor)
            quote = await self._quoted(tx, case, command)
            limits = await self._limits.in_force(tx, quote.currency)
        return Quoted(quote, approval_role(_amounts(quote), limits))

    async def propose(self, command: AskRefund, once: Guard[Refund] | None) -> Refund:
        """Stores what is asked for and what it comes to now, and puts the case before somebody else."""

        async def work(tx: Tx) -> Refund:
            case, _ = visible(await self._book.lock(tx, command.case_id), command.case_id, command.actor)
            by = handled_by(case, command.actor)
            check_version(case, command.version, by.standing)
            quote = await self._quoted(tx, case, command)
            refund = self._proposal(case, command, _amounts(quote))
            told = {"refund_id": refund.refund_id, "amount_cents": str(quote.cash_cents), "reason": command.reason}
            await self._book.write(tx, self._proposed(case, by, told))
            await self._refunds.insert(tx, refund)
            return refund

        proposed = await self._database.run(work, once=once)
        await point("support.refund_proposed")
        return proposed

    async def approve(self, command: DecideRefund, once: Guard[Refund] | None) -> Refund:
        """Reserves the amounts that the share comes to now, and has them paid. A failed refund is tried again."""

        async def work(tx: Tx) -> Refund:
            asked = await self._found(tx, command.refund_id)
            apply(asked, RefundEvent.APPROVE, now=self._book.now())
            set_id, quote = await self._money.reserve(
                tx,
                asked.order_id,
                _asked(asked.share),
                fee_refundable=asked.fee_refundable,
                cause_id=f"{asked.refund_id}:{asked.attempts + 1}",
                reply=SETTLED,
            )
            amounts = _amounts(quote)
            case, refund, by = await self._locked(tx, asked, command.actor)
            check_approver(refund, amounts, approver(command.actor), await self._limits.in_force(tx, quote.currency))
            approved = replace(
                apply(refund, RefundEvent.APPROVE, now=self._book.now()),
                amounts=amounts,
                approved_by=command.actor.user_id,
                refund_set_id=set_id,
                failure_reason=None,
                attempts=refund.attempts + 1,
            )
            await self._put_before_decision(tx, case, refund, by)
            await self._refunds.save(tx, refund, approved, RefundEvent.APPROVE)
            return approved

        under_way = await self._database.run(work, once=once)
        await point("support.refund_approved")
        return under_way

    async def reject(self, command: DecideRefund, once: Guard[Refund] | None) -> Refund:
        """Refuses a proposal. The case is investigated again, unless another proposal waits."""

        async def work(tx: Tx) -> Refund:
            case, refund, by = await self._locked(tx, await self._found(tx, command.refund_id), command.actor)
            rejected = replace(
                apply(refund, RefundEvent.REJECT, now=self._book.now()),
                failure_reason=REJECTED,
                rejected_by=command.actor.user_id,
            )
            waiting = [one for one in await self._refunds.waiting(tx, case.case_id) if one != refund]
            event = Event.REFUND_REJECTED
            if case.status is Status.DECISION_PENDING and not waiting:
                event = Event.REJECT_DECISION
            change = self._book.moved if event is Event.REJECT_DECISION else self._book.noted
            await self._book.write(tx, change(case, event, by, refund_id=refund.refund_id, reason=command.reason))
            await self._refunds.save(tx, refund, rejected, RefundEvent.REJECT)
            return rejected

        return await self._database.run(work, once=once)

    async def list(self, command: ListOfCase) -> Page[Refund]:
        """A case's refunds, for staff."""
        listing = Listing("ListRefunds", command.actor.user_id, {"case_id": command.case_id})
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            case, _ = visible(await self._cases.get(tx, command.case_id), command.case_id, command.actor)
            handled_by(case, command.actor)
            found = await self._refunds.page(tx, command.case_id, position[0] if position else None, size + 1)
        return self._pages.page(listing, found, size, lambda refund: (refund.refund_id,))

    async def settle(self, refund_set_id: str) -> None:
        """Mirrors what became of a refund. Late, twice or out of order, it ends at what Booking knows."""

        async def work(tx: Tx) -> None:
            found = await self._refunds.of_set(tx, refund_set_id)
            if found is None:
                return
            case = await self._book.lock(tx, found.case_id)
            refund = await self._refunds.lock(tx, found.refund_id)
            state = await self._money.outcome(tx, refund_set_id)
            if refund is None or refund.refund_set_id != refund_set_id:
                return
            if state.outcome is RefundOutcome.SUCCEEDED and refund.status is RefundStatus.PROCESSING:
                await self._succeeded(tx, case, refund, state)
            elif state.outcome is RefundOutcome.FAILED and refund.status in (
                RefundStatus.PROCESSING,
                RefundStatus.SUCCEEDED,
            ):
                await self._failed(tx, case, refund, state)

        await self._database.run(work)
        await point("support.refund_settled")

    async def _succeeded(self, tx: Tx, case: Case, refund: Refund, state: RefundState) -> None:
        paid = replace(apply(refund, RefundEvent.SUCCEED, now=self._book.now()), processor_ref=state.processor_ref)
        told = {"refund_id": refund.refund_id, "amount_cents": str(refund.amounts.cash_cents)}
        if case.status in (Status.DECISION_PENDING, Status.ESCALATED):
            change = self._book.moved(case, Event.REFUND_SUCCEEDED, SYSTEM, **told)
        else:
            change = self._book.noted(case, Event.REFUND_ISSUED, SYSTEM, **told)
        case = await self._book.write(tx, change)
        waiting = [one for one in await self._refunds.waiting(tx, case.case_id) if one.refund_id != refund.refund_id]
        if not waiting:
            await self._let_go(tx, refund)
        await self._refunds.save(tx, refund, paid, RefundEvent.SUCCEED)

    async def _let_go(self, tx: Tx, refund: Refund) -> None:
        """The last refund of a case is paid: what is left of the payout waits for nothing more."""
        consumed = ReleaseReason.CONSUMED
        if await self._holds.release(tx, refund.order_id, consumed, case_id=refund.case_id):
            await self._money.look_again(tx, refund.order_id)

    async def _failed(self, tx: Tx, case: Case, refund: Refund, state: RefundState) -> None:
        """A refund that never arrived leaves its case where it is; one that came back reopens it. Staff are told."""
        reason = state.failure_reason or "unknown"
        failed = replace(apply(refund, RefundEvent.FAIL, now=self._book.now()), failure_reason=reason)
        told = {"refund_id": refund.refund_id, "failure_reason": reason}
        if case.status is Status.REFUNDED and refund.status is RefundStatus.SUCCEEDED:
            change = self._book.moved(case, Event.REFUND_FAILED, SYSTEM, **told)
        else:
            change = self._book.noted(case, Event.REFUND_DECLINED, SYSTEM, **told)
        case = await self._book.write(tx, change)
        if case.merged_into_case_id is not None:
            case = await self._book.lock(tx, case.merged_into_case_id)
        text = f"The refund {refund.refund_id} of {refund.amounts.cash_cents} cents failed: {reason}. Approve it again."
        note = await self._book.say(tx, case, text, AuthorRole.SYSTEM, SYSTEM, Visibility.INTERNAL)
        await self._book.write(tx, self._book.noted(case, Event.NOTE_POSTED, SYSTEM, message_id=note.message_id))
        await self._refunds.save(tx, refund, failed, RefundEvent.FAIL)

    async def _quoted(self, tx: Tx, case: Case, command: AskRefund) -> RefundQuote:
        if case.subject.leg_id is None:
            raise FieldInvalid(Violation("case_id", "must be about a booking order"))
        quote = await self._money.quote(
            tx, case.subject.leg_id, _asked(command.share), fee_refundable=command.fee_refundable
        )
        if command.currency not in ("", quote.currency):
            raise FieldInvalid(Violation("currency", f"must be {quote.currency}, as the order was paid"))
        if quote.cash_cents <= 0:
            raise FieldInvalid(Violation("share", "must come to at least one cent"))
        return quote

    def _proposal(self, case: Case, command: AskRefund, amounts: Amounts) -> Refund:
        now = self._book.now()
        return Refund(
            refund_id=self._ids.new("srf"),
            case_id=case.case_id,
            order_id=case.subject.leg_id or "",
            status=RefundStatus.PROPOSED,
            share=command.share,
            amounts=amounts,
            fee_refundable=command.fee_refundable,
            reason=command.reason,
            proposed_by=command.actor.user_id,
            created_at=now,
            updated_at=now,
        )

    def _proposed(self, case: Case, by: By, told: dict[str, str]) -> Change:
        """The first proposal asks for a decision; another one waits beside it."""
        if case.status is Status.DECISION_PENDING:
            return self._book.noted(case, Event.REFUND_PROPOSED, by, **told)
        change = self._book.moved(case, Event.REQUEST_DECISION, by, **told)
        return replace(change, after=replace(change.after, decision_requested_by=by.user_id))

    async def _put_before_decision(self, tx: Tx, case: Case, refund: Refund, by: By) -> None:
        """An attempt after a failure is decided like the first one, and still asked for by who proposed it."""
        if case.status is Status.INVESTIGATING and refund.status is RefundStatus.FAILED:
            change = self._book.moved(case, Event.REQUEST_DECISION, by, refund_id=refund.refund_id)
            asked_by = replace(change.after, decision_requested_by=refund.proposed_by)
            case = await self._book.write(tx, replace(change, after=asked_by))
        if case.status not in APPROVABLE:
            raise IllegalTransition(case.case_id, case.status, Event.REFUND_APPROVED)
        await self._book.write(tx, self._book.noted(case, Event.REFUND_APPROVED, by, refund_id=refund.refund_id))

    async def _found(self, tx: Tx, refund_id: str) -> Refund:
        refund = await self._refunds.get(tx, refund_id)
        if refund is None:
            raise NotFound(refund_id)
        return refund

    async def _locked(self, tx: Tx, asked: Refund, actor: Actor) -> tuple[Case, Refund, By]:
        case = await self._book.lock(tx, asked.case_id)
        by = handled_by(case, actor)
        refund = await self._refunds.lock(tx, asked.refund_id)
        if refund is None:
            raise NotFound(asked.refund_id)
        return case, refund, by


def approver(actor: Actor) -> Approver:
    """Somebody of the staff, as far as amounts are concerned."""
    return Approver(actor.user_id, actor.has(Role.FINANCE))


def _asked(share: Share) -> RefundShare:
    return RefundShare(share.subtotal_cents, share.bips, share.lines)


def _amounts(quote: RefundQuote) -> Amounts:
    return Amounts(
        quote.currency,
        quote.cash_cents,
        quote.subtotal_cents,
        quote.platform_fee_cents,
        quote.platform_fee_tax_cents,
        quote.credit_cents,
    )
