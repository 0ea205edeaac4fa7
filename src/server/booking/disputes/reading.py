"""How disputes are read."""

from dataclasses import dataclass

from server.booking.book import visible
from server.booking.disputes.decisions import Decision, DecisionStatus
from server.booking.disputes.domain import Dispute, DisputeStatus, Statement
from server.booking.disputes.repository import DecisionRepository, DisputeRepository
from server.booking.repository import BookingRepository
from server.core.call import Actor
from server.core.db import Database
from server.core.errors import NotFound
from server.core.pagination import Listing, Page, PageTokens, page_size


@dataclass(frozen=True, slots=True)
class ListDisputes:
    """A page of disputes; no order means all that the caller may see."""

    actor: Actor
    order_id: str
    statuses: frozenset[DisputeStatus]
    page_size: int
    page_token: str


@dataclass(frozen=True, slots=True)
class WholeDispute:
    """A dispute with what was said and decided, as far as the reader may know."""

    dispute: Dispute
    statements: list[Statement]
    decisions: list[Decision]


class DisputeReading:
    """Reads disputes, for the parties of their orders, staff and services."""

    def __init__(
        self,
        database: Database,
        orders: BookingRepository,
        disputes: DisputeRepository,
        decisions: DecisionRepository,
        pages: PageTokens,
    ) -> None:
        self._database = database
        self._orders = orders
        self._disputes = disputes
        self._decisions = decisions
        self._pages = pages

    async def get(self, dispute_id: str, actor: Actor) -> WholeDispute:
        """A dispute whole. What staff consider among themselves is told to nobody else before it is decided."""
        async with self._database.read() as tx:
            found = await self._disputes.with_parties(tx, dispute_id)
            if found is None or not (actor.sees_everybody or actor.user_id in found[1]):
                raise NotFound(dispute_id)
            statements = await self._disputes.statements(tx, dispute_id)
            decisions = await self._decisions.of_dispute(tx, dispute_id)
        staff = actor.sees_everybody and actor.user_id not in found[1]
        told = [item for item in decisions if staff or item.status is DecisionStatus.APPROVED]
        return WholeDispute(found[0], statements, told)

    async def list(self, command: ListDisputes) -> Page[Dispute]:
        """Disputes, newest first: everybody's for staff and services, their own for others."""
        filters = {"order_id": command.order_id, "statuses": sorted(command.statuses)}
        listing = Listing("ListDisputes", command.actor.user_id, filters)
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            if command.order_id:
                visible(await self._orders.get(tx, command.order_id), command.order_id, command.actor)
            found = await self._disputes.page(
                tx,
                None if command.actor.sees_everybody else command.actor.user_id,
                command.order_id or None,
                command.statuses,
                before=position[0] if position else None,
                limit=size + 1,
            )
        return self._pages.page(listing, found, size, lambda dispute: (dispute.dispute_id,))
