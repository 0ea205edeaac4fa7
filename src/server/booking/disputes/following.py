"""What Support is told of a dispute that is over: its hold ends, and its case goes where the outcome belongs."""

from datetime import timedelta

from server.booking.book import OrderBook
from server.booking.disputes.decisions import Decision, DecisionStatus
from server.booking.disputes.domain import Dispute, DisputeStatus, Outcome
from server.booking.disputes.repository import DecisionRepository, DisputeRepository
from server.booking.money.port import Money
from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Tx
from server.core.jobs import Postpone
from server.support.ports import DisputeEnded, Disputes, Holds, ReleaseReason

LOOKS_AGAIN_AFTER = timedelta(minutes=1)


class Following:
    """Lets cases and holds follow disputes, from a job. Late or twice: what has ended stays as it is."""

    def __init__(
        self,
        database: Database,
        book: OrderBook,
        disputes: DisputeRepository,
        decisions: DecisionRepository,
        money: Money,
        cases: Disputes,
        holds: Holds,
        clock: Clock,
    ) -> None:
        self._database = database
        self._book = book
        self._disputes = disputes
        self._decisions = decisions
        self._money = money
        self._cases = cases
        self._holds = holds
        self._clock = clock

    async def ended(self, dispute_id: str) -> None:
        """First the payout is let go, then the case moves: to `refunded` only once the refund has succeeded."""
        await self._database.run(lambda tx: self._let_go(tx, dispute_id))
        await point("booking.dispute_let_go")
        if await self._database.run(lambda tx: self._pays(tx, dispute_id)):
            raise Postpone(self._clock.now() + LOOKS_AGAIN_AFTER)
        await self._database.run(lambda tx: self._close(tx, dispute_id))

    async def _let_go(self, tx: Tx, dispute_id: str) -> None:
        order_id = await self._disputes.order_of(tx, dispute_id)
        if order_id is None:
            return
        await self._book.lock(tx, order_id)
        dispute = await self._disputes.get(tx, dispute_id)
        if dispute is None or dispute.resolved_at is None or dispute.case_id is None:
            return
        for_provider = dispute.status is DisputeStatus.RESOLVED_PROVIDER
        reason = ReleaseReason.CLEARED if for_provider or _withdrawn(dispute) else ReleaseReason.CONSUMED
        if await self._holds.release(tx, order_id, reason, case_id=dispute.case_id):
            await self._money.look_again(tx, order_id)

    async def _pays(self, tx: Tx, dispute_id: str) -> bool:
        """Whether a refund of the decision has not succeeded yet."""
        decision = await self._approved(tx, dispute_id)
        if decision is None:
            return False
        refunds = await self._decisions.refunds(tx, decision.decision_id)
        return refunds.open > 0 or refunds.failed > 0

    async def _close(self, tx: Tx, dispute_id: str) -> None:
        dispute = await self._disputes.get(tx, dispute_id)
        if dispute is None or dispute.case_id is None or dispute.outcome not in (Outcome.DECIDED, Outcome.WITHDRAWN):
            return
        decision = await self._approved(tx, dispute_id)
        granted = decision is not None and decision.terms.gives_back
        await self._cases.ended(tx, DisputeEnded(dispute.case_id, dispute_id, granted, str(dispute.outcome)))

    async def _approved(self, tx: Tx, dispute_id: str) -> Decision | None:
        decisions = await self._decisions.of_dispute(tx, dispute_id)
        return next((item for item in decisions if item.status is DecisionStatus.APPROVED), None)


def _withdrawn(dispute: Dispute) -> bool:
    return dispute.outcome is Outcome.WITHDRAWN
