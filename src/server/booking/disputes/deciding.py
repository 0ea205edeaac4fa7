"""How staff decide a dispute: one proposes, another approves, and the approval pays."""

from dataclasses import dataclass

from server.booking.book import OrderBook
from server.booking.disputes.decisions import (
    DECIDES,
    Decision,
    Result,
    Terms,
    approval_role,
    approved,
    check_terms,
)
from server.booking.disputes.domain import Dispute, DisputeStatus, moved
from server.booking.disputes.ending import Ending
from server.booking.disputes.handling import DisputeHandling, not_its_own
from server.booking.disputes.repository import DecisionRepository, DisputeRepository
from server.booking.domain.order import Event, Order
from server.booking.domain.parties import ActorKind, By
from server.booking.fulfilment.milestones import MilestoneEvent
from server.booking.fulfilment.timers import ORDER_REVERSED
from server.booking.money.port import Money, RefundAsk, RefundCause
from server.core.call import Actor, Role
from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Guard, Tx
from server.core.errors import IllegalTransition, NotFound
from server.core.ids import Ids
from server.core.jobs import Jobs


@dataclass(frozen=True, slots=True)
class ProposeDecision:
    """Somebody says how a dispute is to end."""

    actor: Actor
    dispute_id: str
    terms: Terms
    reason: str


@dataclass(frozen=True, slots=True)
class ApproveDecision:
    """Somebody else agrees."""

    actor: Actor
    decision_id: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision and the dispute it is about."""

    decision: Decision
    dispute: Dispute


class DisputeDeciding:
    """The operations on decisions."""

    def __init__(
        self,
        database: Database,
        book: OrderBook,
        handling: DisputeHandling,
        disputes: DisputeRepository,
        decisions: DecisionRepository,
        ending: Ending,
        money: Money,
        jobs: Jobs,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._book = book
        self._handling = handling
        self._disputes = disputes
        self._decisions = decisions
        self._ending = ending
        self._money = money
        self._jobs = jobs
        self._clock = clock
        self._ids = ids

    async def propose(self, command: ProposeDecision, once: Guard[Decision] | None) -> Decision:
        """Stores a proposal in place of the one that waits; nothing moves before somebody else agrees."""

        async def work(tx: Tx) -> Decision:
            order, dispute = await self._handling.locked(tx, command.dispute_id, command.actor)
            not_its_own(order, dispute, command.actor)
            if dispute.status is not DisputeStatus.UNDER_REVIEW:
                raise IllegalTransition(dispute.dispute_id, dispute.status, "propose_decision")
            standing = await self._money.standing(tx, order.order_id)
            check_terms(command.terms, standing.balance)
            decision = Decision(
                decision_id=self._ids.new("dcs"),
                dispute_id=dispute.dispute_id,
                terms=command.terms,
                reason=command.reason,
                approval_role=approval_role(command.terms),
                proposed_by=command.actor.user_id,
                created_at=self._clock.now(),
            )
            await self._ending.overtake(tx, dispute, command.actor.user_id)
            await self._decisions.insert(tx, decision)
            return decision

        return await self._database.run(work, once=once)

    async def approve(self, command: ApproveDecision, once: Guard[Decided] | None) -> Decided:
        """Carries a proposal out: the dispute, its milestones and the order end, and the money goes where it says."""

        async def work(tx: Tx) -> Decided:
            order_id = await self._decisions.order_of(tx, command.decision_id)
            if order_id is None:
                raise NotFound(command.decision_id)
            order = await self._book.lock(tx, order_id)
            decision = await self._decisions.get(tx, command.decision_id)
            dispute = await self._disputes.get(tx, decision.dispute_id) if decision else None
            if decision is None or dispute is None:
                raise NotFound(command.decision_id)
            not_its_own(order, dispute, command.actor)
            agreed = approved(decision, dispute, command.actor, now=self._clock.now())
            return await self._carry_out(tx, order, dispute, agreed, command.actor)

        decided = await self._database.run(work, once=once)
        await point("booking.dispute_decided")
        return decided

    async def _carry_out(self, tx: Tx, order: Order, dispute: Dispute, agreed: Decision, actor: Actor) -> Decided:
        terms = agreed.terms
        ended = moved(dispute, DECIDES[terms.result], now=self._clock.now())
        resolved = await self._book.move(
            tx,
            order,
            Event.DISPUTE_DECIDED,
            By(ActorKind.FINANCE if actor.has(Role.FINANCE) else ActorKind.AGENT, actor.user_id),
            reason=agreed.reason,
            details={
                "dispute_id": dispute.dispute_id,
                "decision_id": agreed.decision_id,
                "result": terms.result.value,
                "refund_subtotal_cents": terms.refund_subtotal_cents,
                "refund_tip_cents": terms.refund_tip_cents,
            },
        )
        await self._disputes.save(tx, dispute, ended)
        await self._decisions.save(tx, agreed)
        for_buyer = terms.result is Result.RESOLVED_BUYER
        settle = MilestoneEvent.SETTLE_FOR_BUYER if for_buyer else MilestoneEvent.SETTLE_FOR_PROVIDER
        await self._ending.settle(tx, resolved, settle)
        if terms.gives_back:
            await self._money.refund(tx, resolved, _ask(agreed))
        await self._money.release(tx, resolved)
        await self._ending.follow(tx, ended)
        if for_buyer:
            await self._jobs.enqueue(tx, ORDER_REVERSED, key=order.order_id)
        return Decided(agreed, ended)


def _ask(decision: Decision) -> RefundAsk:
    terms = decision.terms
    return RefundAsk(
        cause=RefundCause.DISPUTE,
        cause_id=decision.decision_id,
        subtotal_cents=terms.refund_subtotal_cents,
        tip_cents=terms.refund_tip_cents,
        fee_refundable=terms.fee_refundable,
    )
