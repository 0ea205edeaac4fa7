"""Setting what agents may let go."""

from dataclasses import dataclass

from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.ids import Ids
from server.core.pagination import Listing, Page, PageTokens, page_size
from server.support.refunds.domain import Limits
from server.support.refunds.repository import LimitRepository


@dataclass(frozen=True, slots=True)
class PutLimits:
    """Somebody sets the limits of a currency."""

    actor: Actor
    currency: str
    agent_approves_cents: int
    agent_grants_cents: int


@dataclass(frozen=True, slots=True)
class ListLimits:
    """A page of the limits in force."""

    actor: Actor
    page_size: int
    page_token: str


class LimitUseCases:
    """The operations on limits."""

    def __init__(self, database: Database, limits: LimitRepository, clock: Clock, ids: Ids, pages: PageTokens) -> None:
        self._database = database
        self._limits = limits
        self._clock = clock
        self._ids = ids
        self._pages = pages

    async def put(self, command: PutLimits, once: Guard[Limits] | None) -> Limits:
        """Sets the limits from now on; what stood before is kept."""
        limits = Limits(
            self._ids.new("rlm"),
            command.currency,
            command.agent_approves_cents,
            command.agent_grants_cents,
            self._clock.now(),
        )

        async def work(tx: Tx) -> Limits:
            await self._limits.insert(tx, limits, command.actor.user_id)
            return limits

        return await self._database.run(work, once=once)

    async def list(self, command: ListLimits) -> Page[Limits]:
        """What is in force, currency by currency."""
        listing = Listing("ListRefundLimits", command.actor.user_id, {})
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            found = await self._limits.page(tx, position[0] if position else None, size + 1)
        return self._pages.page(listing, found, size, lambda limits: (limits.currency,))
