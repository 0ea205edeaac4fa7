"""What the end of a dispute does to its order: milestones go on or are settled, and time for review begins anew."""

from dataclasses import replace
from datetime import datetime

from server.booking.book import Details, OrderBook
from server.booking.disputes.decisions import DecisionStatus, rejected
from server.booking.disputes.domain import Dispute
from server.booking.disputes.repository import DecisionRepository
from server.booking.disputes.timers import DISPUTE_ENDED
from server.booking.domain.order import Event, Order, Status
from server.booking.domain.parties import By
from server.booking.fulfilment.milestones import (
    Milestone,
    MilestoneEvent,
    MilestoneStatus,
    resumed,
    reviewed_anew,
    settled_all,
)
from server.booking.fulfilment.repository import MilestoneRepository
from server.booking.fulfilment.silence import Silences
from server.booking.fulfilment.standing import review_until
from server.core.clock import Clock
from server.core.db import Tx
from server.core.jobs import Jobs


class Ending:
    """Ends disputes on the caller's transaction, which holds the order's row."""

    def __init__(
        self,
        book: OrderBook,
        milestones: MilestoneRepository,
        silences: Silences,
        decisions: DecisionRepository,
        jobs: Jobs,
        clock: Clock,
    ) -> None:
        self._book = book
        self._milestones = milestones
        self._silences = silences
        self._decisions = decisions
        self._jobs = jobs
        self._clock = clock

    async def back(self, tx: Tx, order: Order, event: Event, by: By, details: Details) -> Order:
        """Leads the order back to where it was before the dispute: what nobody could say meanwhile can be said now."""
        now = self._clock.now()
        milestones = await self._milestones.of_order(tx, order.order_id)
        until = review_until(order, milestones, now=now)
        after = await self._book.move(
            tx,
            order,
            event,
            by,
            details=details,
            edit=lambda moved: replace(moved, review_until=until) if moved.status is Status.DELIVERED else moved,
        )
        going_on = [_going_on(milestone, now=now) for milestone in milestones]
        changed = [new for old, new in zip(milestones, going_on, strict=True) if new != old]
        await self._milestones.save(tx, changed)
        await self._silences.begin(tx, changed)
        return after

    async def settle(self, tx: Tx, order: Order, event: MilestoneEvent) -> None:
        """Settles what was unsettled, because the order is over."""
        milestones = await self._milestones.of_order(tx, order.order_id)
        await self._milestones.save(tx, settled_all(milestones, event, now=self._clock.now()))

    async def overtake(self, tx: Tx, dispute: Dispute, by: str) -> None:
        """Rejects the proposal that waits for somebody, if there is one."""
        for decision in await self._decisions.of_dispute(tx, dispute.dispute_id):
            if decision.status is DecisionStatus.PROPOSED:
                await self._decisions.save(tx, rejected(decision, by, now=self._clock.now()))

    async def follow(self, tx: Tx, dispute: Dispute) -> None:
        """Has the case and the hold of a dispute that is over follow, by a job."""
        await self._jobs.enqueue(tx, DISPUTE_ENDED, key=dispute.dispute_id)


def _going_on(milestone: Milestone, *, now: datetime) -> Milestone:
    if milestone.status is MilestoneStatus.DISPUTED:
        return resumed(milestone, now=now)
    if milestone.status is MilestoneStatus.DELIVERED:
        return reviewed_anew(milestone, now=now)
    return milestone
