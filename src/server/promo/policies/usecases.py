"""What can be done with policies."""

from dataclasses import dataclass

from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.ids import Ids
from server.core.pagination import Listing, Page, PageTokens, page_size
from server.promo.domain.campaign import Surface
from server.promo.domain.policy import Place, Policy, check_policy
from server.promo.policies.repository import PolicyRepository


@dataclass(frozen=True, slots=True)
class PutPolicy:
    """An administrator says what is asked in a place."""

    place: Place
    cpc_floor_cents: int
    max_density_top20: int
    max_above_fold: int


@dataclass(frozen=True, slots=True)
class ListPolicies:
    """A page of policies."""

    actor: Actor
    surface: Surface | None
    city: str
    page_size: int
    page_token: str


class PolicyUseCases:
    """The operations on policies."""

    def __init__(
        self, database: Database, repository: PolicyRepository, clock: Clock, ids: Ids, pages: PageTokens
    ) -> None:
        self._database = database
        self._repository = repository
        self._clock = clock
        self._ids = ids
        self._pages = pages

    async def put(self, command: PutPolicy, once: Guard[Policy] | None) -> Policy:
        """Creates or replaces a place's policy. Campaigns that run keep their price until they are next changed."""
        policy = Policy(
            policy_id=self._ids.new("ppol"),
            place=command.place,
            cpc_floor_cents=command.cpc_floor_cents,
            max_density_top20=command.max_density_top20,
            max_above_fold=command.max_above_fold,
            updated_at=self._clock.now(),
        )
        check_policy(policy)
        return await self._database.run(lambda tx: self._repository.put(tx, policy), once=once)

    async def list(self, command: ListPolicies) -> Page[Policy]:
        """Policies, the oldest first."""
        filters = {"surface": command.surface or "", "city": command.city}
        listing = Listing("ListPolicies", command.actor.user_id, filters)
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            policies = await self._repository.page(
                tx, command.surface, command.city, after=position[0] if position else None, limit=size + 1
            )
        return self._pages.page(listing, policies, size, lambda policy: (policy.policy_id,))

    async def delete(self, policy_id: str, once: Guard[None] | None) -> None:
        """Stops selling in a place: campaigns that run are not stopped, and show nothing there any more."""

        async def work(tx: Tx) -> None:
            await self._repository.delete(tx, policy_id)

        await self._database.run(work, once=once)
