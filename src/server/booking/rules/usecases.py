"""What a provider can do with their auto-accept rules."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from server.booking.errors import LimitReached
from server.booking.rules.domain import MOST_RULES, Conditions, Rule
from server.booking.rules.repository import RuleRepository
from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.errors import NotFound
from server.core.ids import Ids
from server.core.pagination import Listing, Page, PageTokens, page_size


@dataclass(frozen=True, slots=True)
class CreateRule:
    """A provider makes a rule for one of their service profiles."""

    actor: Actor
    service_profile_id: str
    conditions: Conditions


@dataclass(frozen=True, slots=True)
class UpdateRule:
    """A provider changes some of what a rule asks for."""

    actor: Actor
    rule_id: str
    change: Callable[[Conditions], Conditions]


@dataclass(frozen=True, slots=True)
class ListRules:
    """A page of the rules of the caller's service profile."""

    actor: Actor
    service_profile_id: str
    page_size: int
    page_token: str


class Rules:
    """The operations on auto-accept rules."""

    def __init__(
        self, database: Database, repository: RuleRepository, clock: Clock, ids: Ids, pages: PageTokens
    ) -> None:
        self._database = database
        self._repository = repository
        self._clock = clock
        self._ids = ids
        self._pages = pages

    async def create(self, command: CreateRule, once: Guard[Rule] | None) -> Rule:
        """Stores a rule of the caller's profile, as long as there are not too many."""
        now = self._clock.now()
        rule = Rule(self._ids.new("aar"), command.service_profile_id, command.conditions, now, now)

        async def work(tx: Tx) -> Rule:
            await self._repository.lock_profile(tx, rule.service_profile_id, command.actor.user_id)
            if await self._repository.count(tx, rule.service_profile_id) >= MOST_RULES:
                raise LimitReached("auto-accept rules of a service profile", MOST_RULES)
            await self._repository.insert(tx, rule)
            return rule

        return await self._database.run(work, once=once)

    async def update(self, command: UpdateRule, once: Guard[Rule] | None) -> Rule:
        """Changes a rule of the caller's; what happened by it stays."""

        async def work(tx: Tx) -> Rule:
            rule = await self._repository.lock(tx, command.rule_id, command.actor.user_id)
            changed = replace(rule, conditions=command.change(rule.conditions), updated_at=self._clock.now())
            await self._repository.save(tx, changed)
            return changed

        return await self._database.run(work, once=once)

    async def delete(self, rule_id: str, actor: Actor, once: Guard[None] | None) -> None:
        """Ends a rule of the caller's."""
        await self._database.run(lambda tx: self._repository.delete(tx, rule_id, actor.user_id), once=once)

    async def list(self, command: ListRules) -> Page[Rule]:
        """The rules of the caller's profile, oldest first; somebody else's profile does not exist for the caller."""
        filters = {"service_profile_id": command.service_profile_id}
        listing = Listing("ListAutoAcceptRules", command.actor.user_id, filters)
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            owner = await self._repository.owner(tx, command.service_profile_id)
            if owner != command.actor.user_id and not (owner and command.actor.sees_everybody):
                raise NotFound(command.service_profile_id)
            after = position[0] if position else ""
            rules = await self._repository.page(tx, command.service_profile_id, after=after, limit=size + 1)
        return self._pages.page(listing, rules, size, lambda rule: (rule.rule_id,))
