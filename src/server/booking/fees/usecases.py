"""What can be done with fee policies."""

from dataclasses import dataclass, replace
from datetime import datetime

from server.booking.cancellation import CancellationPolicy
from server.booking.fees.domain import FeeDecision, check_effective
from server.booking.fees.repository import FeeRepository
from server.booking.pricing import FeePolicy
from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.ids import Ids
from server.core.pagination import Listing, Page, PageTokens, page_size


@dataclass(frozen=True, slots=True)
class PutFeePolicy:
    """Somebody decides what the platform takes; no moment means at once."""

    actor: Actor
    terms: FeePolicy
    city: str
    currency: str
    effective_from: datetime | None
    cancellation_policy: CancellationPolicy | None


@dataclass(frozen=True, slots=True)
class ListFeePolicies:
    """A page of policies; no city means all."""

    actor: Actor
    city: str
    page_size: int
    page_token: str


class Fees:
    """The operations on fee policies."""

    def __init__(
        self, database: Database, repository: FeeRepository, clock: Clock, ids: Ids, pages: PageTokens
    ) -> None:
        self._database = database
        self._repository = repository
        self._clock = clock
        self._ids = ids
        self._pages = pages

    async def put(self, command: PutFeePolicy, once: Guard[FeeDecision] | None) -> FeeDecision:
        """Stores a policy. Quotes follow it from its moment on; orders keep the one they were priced by."""

        async def work(tx: Tx) -> FeeDecision:
            now = self._clock.now()
            effective_from = command.effective_from or now
            check_effective(effective_from, now=now)
            decision = FeeDecision(
                policy=replace(command.terms, fee_policy_id=self._ids.new("fpl")),
                city=command.city,
                currency=command.currency,
                effective_from=effective_from,
                cancellation_policy=command.cancellation_policy,
                created_by=command.actor.user_id,
                created_at=now,
            )
            await self._repository.insert(tx, decision)
            return decision

        return await self._database.run(work, once=once)

    async def list(self, command: ListFeePolicies) -> Page[FeeDecision]:
        """Policies, the newest decision first."""
        listing = Listing("ListFeePolicies", command.actor.user_id, {"city": command.city})
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            before = position[0] if position else None
            decisions = await self._repository.page(tx, command.city, before=before, limit=size + 1)
        return self._pages.page(listing, decisions, size, lambda decision: (decision.policy.fee_policy_id,))
