"""What a card bank's complaint does to an order: its dispute row and its status here, the money by money itself."""

from dataclasses import replace

from server.adapters.stripe.objects import Dispute as Complaint
from server.adapters.stripe.objects import DisputeStatus as BankStatus
from server.adapters.stripe.objects import EarlyFraudWarning
from server.booking.book import OrderBook
from server.booking.disputes.domain import (
    OPEN,
    Dispute,
    DisputeEvent,
    DisputeStatus,
    Opener,
    Outcome,
    moved,
)
from server.booking.disputes.ending import Ending
from server.booking.disputes.repository import DisputeRepository
from server.booking.domain.order import Event, Order, Status
from server.booking.domain.parties import PROCESSOR
from server.booking.fulfilment.milestones import MilestoneEvent
from server.booking.fulfilment.timers import ORDER_REVERSED
from server.booking.money.port import Standing
from server.core.clock import Clock
from server.core.db import Tx
from server.core.ids import Ids
from server.core.jobs import Jobs
from server.support.ports import Chargeback, Chargebacks, FraudWarning, Holds

_ENDS = {BankStatus.WON: DisputeEvent.CHARGEBACK_WON, BankStatus.LOST: DisputeEvent.CHARGEBACK_LOST}
_UNDER_WAY = frozenset({BankStatus.NEEDS_RESPONSE, BankStatus.UNDER_REVIEW})


class ChargebackDisputes:
    """Follows the processor's disputes on money's transaction, which holds the order's row."""

    def __init__(
        self,
        book: OrderBook,
        repository: DisputeRepository,
        ending: Ending,
        cases: Chargebacks,
        holds: Holds,
        jobs: Jobs,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._book = book
        self._repository = repository
        self._ending = ending
        self._cases = cases
        self._holds = holds
        self._jobs = jobs
        self._clock = clock
        self._ids = ids

    async def seen(self, tx: Tx, order: Order, complaint: Complaint) -> Order:
        """Opens, ends or leaves the dispute row, whatever order the processor's words come in. An inquiry moves no
        money and disputes nothing; a word nobody knows changes nothing.
        """
        if complaint.status not in _UNDER_WAY and complaint.status not in _ENDS:
            return order
        disputes = await self._repository.of_order(tx, order.order_id)
        known = next((item for item in disputes if item.processor_dispute_id == complaint.id), None)
        if known is None:
            order, known = await self._opened(tx, order, complaint, disputes)
        event = _ENDS.get(complaint.status)
        if event is None or known.status is not DisputeStatus.CHARGEBACK:
            return order
        return await self._ended(tx, order, known, event, disputes)

    async def booked(self, tx: Tx, order: Order, complaint: Complaint, standing: Standing) -> None:
        """Tells Support, which has the bank's deadline to keep, and keeps back what is still to be paid out."""
        case_id = await self._cases.told(tx, _told(order, complaint))
        disputes = await self._repository.of_order(tx, order.order_id)
        dispute = next((item for item in disputes if item.processor_dispute_id == complaint.id), None)
        if dispute is None:
            return
        if dispute.case_id is None:
            await self._repository.save(tx, dispute, replace(dispute, case_id=case_id, version=dispute.version + 1))
            if dispute.status in OPEN and standing.holdable_cents:
                await self._holds.apply(tx, case_id, order.order_id, standing.holdable_cents, "processor")
        if dispute.status not in OPEN:
            await self._ending.follow(tx, dispute)

    async def warned(self, tx: Tx, order: Order, warning: EarlyFraudWarning) -> None:
        """Tells Support, which may offer a refund before a dispute comes."""
        told = FraudWarning(
            warning.id,
            order.order_id,
            order.buyer_user_id,
            order.provider_user_id,
            warning.charge_id,
            warning.fraud_type,
        )
        await self._cases.warned(tx, told)

    async def _opened(
        self, tx: Tx, order: Order, complaint: Complaint, disputes: list[Dispute]
    ) -> tuple[Order, Dispute]:
        """The bank takes over the dispute that people have, or begins one of its own."""
        now = self._clock.now()
        between_people = next(
            (item for item in disputes if item.status in OPEN and item.status is not DisputeStatus.CHARGEBACK), None
        )
        if between_people is not None:
            taken = moved(between_people, DisputeEvent.CHARGED_BACK, now=now)
            dispute = replace(taken, processor_dispute_id=complaint.id)
        else:
            dispute = Dispute(
                dispute_id=self._ids.new("dsp"),
                order_id=order.order_id,
                opened_by=Opener.PROCESSOR,
                opened_by_user_id=None,
                reason=complaint.reason,
                description="",
                status=DisputeStatus.CHARGEBACK,
                created_at=now,
                updated_at=now,
                processor_dispute_id=complaint.id,
            )
        details = {"dispute_id": dispute.dispute_id, "processor_dispute_id": complaint.id}
        disputed = await self._book.move(tx, order, Event.CHARGEBACK_OPENED, PROCESSOR, details=details)
        if between_people is not None:
            await self._ending.overtake(tx, between_people, PROCESSOR.kind)
            await self._repository.save(tx, between_people, dispute)
        else:
            await self._repository.insert(tx, dispute)
        return disputed, dispute

    async def _ended(self, tx: Tx, order: Order, dispute: Dispute, event: DisputeEvent, before: list[Dispute]) -> Order:
        """The order leaves the dispute with the last of its complaints: back to where it was, unless one was lost."""
        ended = moved(dispute, event, now=self._clock.now())
        others = [item for item in before if item.dispute_id != dispute.dispute_id]
        details = {"dispute_id": dispute.dispute_id, "outcome": str(ended.outcome)}
        lost = [item for item in (*others, ended) if item.outcome is Outcome.CHARGEBACK_LOST]
        if order.status is not Status.DISPUTED:
            after = order
        elif any(item.status in OPEN for item in others):
            after = await self._book.move(tx, order, Event.ONE_DISPUTE_ENDED, PROCESSOR, details=details)
        elif lost:
            after = await self._book.move(tx, order, Event.CHARGEBACK_LOST, PROCESSOR, details=details)
            await self._ending.settle(tx, after, MilestoneEvent.SETTLE_FOR_BUYER)
        else:
            after = await self._ending.back(tx, order, Event.CHARGEBACK_WON, PROCESSOR, details)
        await self._repository.save(tx, dispute, ended)
        if event is DisputeEvent.CHARGEBACK_LOST:
            await self._jobs.enqueue(tx, ORDER_REVERSED, key=order.order_id)
        return after


def _told(order: Order, complaint: Complaint) -> Chargeback:
    return Chargeback(
        processor_dispute_id=complaint.id,
        order_id=order.order_id,
        buyer_user_id=order.buyer_user_id,
        provider_user_id=order.provider_user_id,
        charge_id=complaint.charge_id,
        amount_cents=complaint.amount_cents,
        currency=complaint.currency,
        reason=complaint.reason,
        status=complaint.raw_status,
        charge_refundable=complaint.is_charge_refundable,
        due_by=complaint.due_by,
        withdrawn_cents=complaint.withdrawn_cents,
        reinstated_cents=complaint.reinstated_cents,
    )
