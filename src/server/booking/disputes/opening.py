"""How a dispute between people comes about: its row, the order's step, Support's case and the hold at once."""

from dataclasses import dataclass, replace
from datetime import datetime

from server.booking.book import OrderBook
from server.booking.disputes.domain import OPENED_WITHIN, Dispute, DisputeStatus, Opener
from server.booking.disputes.repository import DisputeRepository
from server.booking.domain.order import Event, Order, Status, check_version, target
from server.booking.domain.parties import ActorKind, By
from server.booking.fulfilment.errors import TooLate
from server.booking.fulfilment.milestones import Milestone, MilestoneEvent, moved
from server.booking.fulfilment.repository import MilestoneRepository
from server.booking.money.port import Money
from server.core.call import Actor, Role
from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Guard, Tx
from server.core.errors import NotFound
from server.core.ids import Ids
from server.support.ports import Disputed, Disputes


@dataclass(frozen=True, slots=True)
class OpenDispute:
    """Somebody says what is wrong with an order; version 0 means whatever is newest."""

    actor: Actor
    order_id: str
    reason: str
    description: str
    version: int


@dataclass(frozen=True, slots=True)
class DisputeMilestone:
    """Somebody says what is wrong with a milestone."""

    actor: Actor
    milestone_id: str
    reason: str
    description: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """Who says what about an order."""

    opener: Opener
    user_id: str
    reason: str
    description: str
    milestone: Milestone | None = None


class DisputeOpening:
    """Opens disputes."""

    def __init__(
        self,
        database: Database,
        book: OrderBook,
        repository: DisputeRepository,
        milestones: MilestoneRepository,
        money: Money,
        cases: Disputes,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._book = book
        self._repository = repository
        self._milestones = milestones
        self._money = money
        self._cases = cases
        self._clock = clock
        self._ids = ids

    async def open(self, command: OpenDispute, once: Guard[Dispute] | None) -> Dispute:
        """Disputes a whole order."""

        async def work(tx: Tx) -> Dispute:
            order = await self._book.lock_for(tx, command.order_id, command.actor)
            check_version(order, command.version)
            opener = opener_of(order, command.actor)
            complaint = Complaint(opener, command.actor.user_id, command.reason, command.description)
            return await self._open(tx, order, complaint)

        opened = await self._database.run(work, once=once)
        await point("booking.dispute_opened")
        return opened

    async def open_about_milestone(self, command: DisputeMilestone, once: Guard[Dispute] | None) -> Dispute:
        """Disputes a milestone, and with it the order: what is decided ends both."""

        async def work(tx: Tx) -> Dispute:
            order_id = await self._milestones.order_of(tx, command.milestone_id)
            if order_id is None:
                raise NotFound(command.milestone_id)
            order = await self._book.lock(tx, order_id)
            if command.actor.user_id not in order.parties():
                raise NotFound(command.milestone_id)
            milestones = await self._milestones.of_order(tx, order_id)
            milestone = next(item for item in milestones if item.milestone_id == command.milestone_id)
            complaint = Complaint(
                opener_of(order, command.actor),
                command.actor.user_id,
                command.reason,
                command.description,
                moved(milestone, MilestoneEvent.DISPUTE, now=self._clock.now()),
            )
            return await self._open(tx, order, complaint)

        return await self._database.run(work, once=once)

    async def _open(self, tx: Tx, order: Order, complaint: Complaint) -> Dispute:
        target(order, Event.OPEN_DISPUTE)
        _check_time(order, now=self._clock.now())
        dispute = self._new(order, complaint)
        details = {"dispute_id": dispute.dispute_id, "milestone_id": dispute.milestone_id or ""}
        by = By(ActorKind(complaint.opener.value), complaint.user_id)
        disputed = await self._book.move(tx, order, Event.OPEN_DISPUTE, by, reason=complaint.reason, details=details)
        if complaint.milestone is not None:
            await self._milestones.save(tx, [complaint.milestone])
        standing = await self._money.standing(tx, order.order_id)
        case_id = await self._cases.open_or_join(tx, _told(disputed, complaint, dispute, standing.holdable_cents))
        opened = replace(dispute, case_id=case_id)
        await self._repository.insert(tx, opened)
        return opened

    def _new(self, order: Order, complaint: Complaint) -> Dispute:
        now = self._clock.now()
        return Dispute(
            dispute_id=self._ids.new("dsp"),
            order_id=order.order_id,
            opened_by=complaint.opener,
            opened_by_user_id=complaint.user_id,
            reason=complaint.reason,
            description=complaint.description,
            status=DisputeStatus.OPEN,
            created_at=now,
            updated_at=now,
            milestone_id=complaint.milestone.milestone_id if complaint.milestone else None,
        )


def opener_of(order: Order, actor: Actor) -> Opener:
    """In which capacity somebody speaks about an order; for somebody without any it does not exist."""
    if actor.user_id == order.buyer_user_id:
        return Opener.BUYER
    if actor.user_id == order.provider_user_id:
        return Opener.PROVIDER
    if actor.has(Role.AGENT):
        return Opener.AGENT
    raise NotFound(order.order_id)


def _check_time(order: Order, *, now: datetime) -> None:
    if order.status is Status.COMPLETED and order.completed_at is not None:
        until = order.completed_at + OPENED_WITHIN
        if now > until:
            raise TooLate(order.order_id, until)


def _told(order: Order, complaint: Complaint, dispute: Dispute, hold_cents: int) -> Disputed:
    return Disputed(
        order_id=order.order_id,
        buyer_user_id=order.buyer_user_id,
        provider_user_id=order.provider_user_id,
        opened_by_user_id=complaint.user_id,
        dispute_id=dispute.dispute_id,
        subtype=complaint.reason,
        statement_md=complaint.description,
        hold_cents=hold_cents,
    )
