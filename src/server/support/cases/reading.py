"""What can be read of cases, and by whom."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from server.core.call import STAFF, Actor
from server.core.clock import Clock
from server.core.db import Database, Tx
from server.core.errors import RoleRequired
from server.core.notify import Wakeups, wait
from server.core.pagination import Listing, Page, PageTokens, page_size
from server.support.cases.access import visible
from server.support.cases.conversation import Message, readable_by
from server.support.cases.domain import Case, CaseEvent
from server.support.cases.repository import START, CaseRepository, Place, Queued
from server.support.cases.standing import Standing

EVENTS_CHANNEL = "callsheet_case_events"
EVENTS_AT_ONCE = 100
LOOK_EVERY_SECONDS = 15.0
BREACHING_WITHIN = timedelta(hours=1)
Item = TypeVar("Item")


class Queue(StrEnum):
    """Which cases are listed."""

    OWN = "own"
    INVOLVING = "involving"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    BREACHING = "breaching"


_OF_PARTIES = {Queue.OWN: Standing.CUSTOMER, Queue.INVOLVING: Standing.SELLER}


@dataclass(frozen=True, slots=True)
class ListCases:
    """A page of a queue."""

    actor: Actor
    queue: Queue
    page_size: int
    page_token: str


@dataclass(frozen=True, slots=True)
class ListOfCase:
    """A page of what belongs to one case."""

    actor: Actor
    case_id: str
    page_size: int
    page_token: str


@dataclass(frozen=True, slots=True)
class WatchCase:
    """Somebody follows a case, from a sequence on."""

    actor: Actor
    case_id: str
    after_sequence: int


@dataclass(frozen=True, slots=True)
class Seen(Generic[Item]):
    """Something of a case, and what the viewer is to it: the two decide what is shown."""

    item: Item
    standing: Standing


class Reading:
    """Reads cases, and what was said and done about them."""

    def __init__(
        self, database: Database, repository: CaseRepository, clock: Clock, pages: PageTokens, wakeups: Wakeups
    ) -> None:
        self._database = database
        self._repository = repository
        self._clock = clock
        self._pages = pages
        self._wakeups = wakeups

    async def get(self, case_id: str, actor: Actor) -> Seen[Case]:
        """A case, for its parties, watchers, staff and services; for anybody else it does not exist."""
        async with self._database.read() as tx:
            return await self._seen(tx, case_id, actor)

    async def list(self, command: ListCases) -> Page[Seen[Case]]:
        """A party's cases, newest first; or a queue of staff, by what is due next."""
        listing = Listing("ListCases", command.actor.user_id, {"queue": command.queue})
        if command.queue in _OF_PARTIES:
            return await self._of_party(command, listing, _OF_PARTIES[command.queue])
        if not command.actor.has(*STAFF):
            raise RoleRequired(sorted(STAFF))
        return await self._of_staff(command, listing)

    async def messages(self, command: ListOfCase) -> Page[Seen[Message]]:
        """A case's messages, oldest first; to nobody but staff are there notes among them."""
        async with self._database.read() as tx:
            seen = await self._seen(tx, command.case_id, command.actor)
            filters = {"case_id": command.case_id, "standing": seen.standing}
            listing = Listing("ListMessages", command.actor.user_id, filters)
            position = self._pages.position(listing, command.page_token, length=1)
            size = page_size(command.page_size)
            found = await self._repository.messages(
                tx,
                command.case_id,
                readable_by(seen.standing),
                after=position[0] if position else None,
                limit=size + 1,
            )
        messages = [Seen(message, seen.standing) for message in found]
        return self._pages.page(listing, messages, size, lambda message: (message.item.message_id,))

    async def events(self, command: ListOfCase) -> Page[Seen[CaseEvent]]:
        """A case's history as the viewer may see it, oldest first."""
        async with self._database.read() as tx:
            seen = await self._seen(tx, command.case_id, command.actor)
            filters = {"case_id": command.case_id, "standing": seen.standing}
            listing = Listing("ListCaseEvents", command.actor.user_id, filters)
            position = self._pages.position(listing, command.page_token, length=1)
            size = page_size(command.page_size)
            after = int(position[0]) if position else 0
            found = await self._repository.events_after(tx, command.case_id, seen.standing, after, size + 1)
        events = [Seen(event, seen.standing) for event in found]
        return self._pages.page(listing, events, size, lambda event: (str(event.item.sequence_for(event.standing)),))

    async def watch(self, command: WatchCase) -> AsyncIterator[Seen[CaseEvent]]:
        """The history after a sequence, then every event as it is committed, until the caller goes or may no longer
        see the case.
        """
        after = command.after_sequence
        async with self._wakeups.on(f"{EVENTS_CHANNEL}:{command.case_id}") as woken:
            while True:
                async with self._database.read() as tx:
                    standing = (await self._seen(tx, command.case_id, command.actor)).standing
                    events = await self._repository.events_after(tx, command.case_id, standing, after, EVENTS_AT_ONCE)
                for event in events:
                    after = event.sequence_for(standing)
                    yield Seen(event, standing)
                if len(events) < EVENTS_AT_ONCE:
                    await wait(woken, LOOK_EVERY_SECONDS)

    async def _of_party(self, command: ListCases, listing: Listing, standing: Standing) -> Page[Seen[Case]]:
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            cases = await self._repository.page_of_party(
                tx, command.actor.user_id, standing, before=position[0] if position else None, limit=size + 1
            )
        seen = [Seen(case, standing) for case in cases]
        return self._pages.page(listing, seen, size, lambda case: (case.item.case_id,))

    async def _of_staff(self, command: ListCases, listing: Listing) -> Page[Seen[Case]]:
        position = self._pages.position(listing, command.page_token, length=2)
        size = page_size(command.page_size)
        place = (position[0], position[1]) if position else START
        async with self._database.read() as tx:
            queued = await self._queued(tx, command, place, size + 1)
        page: Page[Queued] = self._pages.page(listing, queued, size, lambda entry: entry.place)
        return Page([Seen(entry.case, Standing.STAFF) for entry in page.items], page.next_token)

    async def _queued(self, tx: Tx, command: ListCases, place: Place, limit: int) -> Sequence[Queued]:
        if command.queue is Queue.BREACHING:
            until = self._clock.now() + BREACHING_WITHIN
            return await self._repository.page_due_before(tx, until, place, limit)
        owner = command.actor.user_id if command.queue is Queue.MINE else None
        return await self._repository.page_of_owner(tx, owner, place, limit)

    async def _seen(self, tx: Tx, case_id: str, actor: Actor) -> Seen[Case]:
        return Seen(*visible(await self._repository.get(tx, case_id), case_id, actor))
