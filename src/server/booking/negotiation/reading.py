"""Offers are listed."""

from dataclasses import dataclass

from server.booking.domain.parties import Side
from server.booking.domain.request import Request, RequestStatus
from server.booking.negotiation.repository import RequestRepository
from server.core.call import Actor
from server.core.db import Database
from server.core.pagination import Listing, Page, PageTokens, page_size


@dataclass(frozen=True, slots=True)
class ListOffers:
    """A page of the caller's offers; no order means all."""

    actor: Actor
    side: Side
    order_id: str
    statuses: frozenset[RequestStatus]
    page_size: int
    page_token: str


class OfferReading:
    """Reads offers."""

    def __init__(self, database: Database, requests: RequestRepository, pages: PageTokens) -> None:
        self._database = database
        self._requests = requests
        self._pages = pages

    async def list(self, command: ListOffers) -> Page[Request]:
        """The caller's own offers, newest first."""
        filters = {"side": command.side.value, "order": command.order_id, "statuses": sorted(command.statuses)}
        listing = Listing("ListRequests", command.actor.user_id, filters)
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            found = await self._requests.page(
                tx,
                command.actor.user_id,
                command.side,
                command.order_id,
                command.statuses,
                before=position[0] if position else None,
                limit=size + 1,
            )
        return self._pages.page(listing, found, size, lambda request: (request.request_id,))
