"""What administrators decide about deadlines. Cases that are under way keep what they were promised."""

from dataclasses import dataclass

from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard
from server.core.ids import Ids
from server.core.pagination import Listing, Page, PageTokens, page_size
from server.support.cases.domain import CaseType, Severity
from server.support.sla.calendar import WorkingTime
from server.support.sla.clocks import Targets
from server.support.sla.domain import Calendar, SlaPolicy
from server.support.sla.repository import SlaRepository


@dataclass(frozen=True, slots=True)
class PutCalendar:
    """Somebody says when support works; an empty id makes a new calendar."""

    calendar_id: str
    name: str
    working_time: WorkingTime
    version: int


@dataclass(frozen=True, slots=True)
class PutSlaPolicy:
    """Somebody says how fast cases of a type and severity are answered."""

    type: CaseType
    severity: Severity
    calendar_id: str
    targets: Targets


@dataclass(frozen=True, slots=True)
class ListOfPolicies:
    """A page of calendars or of policies."""

    actor: Actor
    page_size: int
    page_token: str


class SlaUseCases:
    """Keeps calendars and policies."""

    def __init__(
        self, database: Database, repository: SlaRepository, clock: Clock, ids: Ids, pages: PageTokens
    ) -> None:
        self._database = database
        self._repository = repository
        self._clock = clock
        self._ids = ids
        self._pages = pages

    async def put_calendar(self, command: PutCalendar, once: Guard[Calendar] | None) -> Calendar:
        """Stores a calendar whole."""
        calendar = Calendar(
            calendar_id=command.calendar_id or self._ids.new("cal"),
            name=command.name,
            working_time=command.working_time,
            version=command.version,
            updated_at=self._clock.now(),
        )
        save = self._repository.replace_calendar if command.calendar_id else self._repository.add_calendar
        return await self._database.run(lambda tx: save(tx, calendar), once=once)

    async def put_policy(self, command: PutSlaPolicy, once: Guard[SlaPolicy] | None) -> SlaPolicy:
        """Stores the policy of a type and severity."""
        policy = SlaPolicy(
            sla_policy_id=self._ids.new("slp"),
            type=command.type,
            severity=command.severity,
            calendar_id=command.calendar_id,
            targets=command.targets,
            version=1,
            updated_at=self._clock.now(),
        )
        return await self._database.run(lambda tx: self._repository.put_policy(tx, policy), once=once)

    async def calendars(self, command: ListOfPolicies) -> Page[Calendar]:
        """Calendars, oldest first."""
        listing = Listing("ListCalendars", command.actor.user_id, {})
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            found = await self._repository.calendars(tx, position[0] if position else None, size + 1)
        return self._pages.page(listing, found, size, lambda calendar: (calendar.calendar_id,))

    async def policies(self, command: ListOfPolicies) -> Page[SlaPolicy]:
        """Policies, oldest first."""
        listing = Listing("ListSlaPolicies", command.actor.user_id, {})
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            found = await self._repository.policies(tx, position[0] if position else None, size + 1)
        return self._pages.page(listing, found, size, lambda policy: (policy.sla_policy_id,))
