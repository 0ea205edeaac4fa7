"""What the clock does to cases. Every step may come late or twice, and then has no effect."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from server.core.db import Database, Tx
from server.support.cases.book import CaseBook, Change
from server.support.cases.domain import DECIDED, SYSTEM, UNDECIDED, Case, Event, Status
from server.support.cases.repository import CaseRepository
from server.support.cases.standing import AuthorRole, Standing
from server.support.cases.timers import (
    CUSTOMER_GIVEN_UP_AFTER,
    CUSTOMER_REMINDED_AFTER,
    SELLER_GIVEN_UP_AFTER,
    SETTLED_AFTER,
)

REMINDER = (
    "We are still waiting for your answer. If there is none within a week of our question, this case is closed; "
    "you can reopen it for 14 days after that."
)
When: TypeAlias = Callable[[Case, datetime], bool]


class Overseeing:
    """Runs the cases' timers."""

    def __init__(self, database: Database, repository: CaseRepository, book: CaseBook) -> None:
        self._database = database
        self._repository = repository
        self._book = book

    async def deadline_passed(self, case_id: str) -> datetime | None:
        """Records what was missed and escalates the case for it, once per deadline; tells when to look again."""

        async def work(tx: Tx) -> datetime | None:
            case = await self._book.lock(tx, case_id)
            now = self._book.now()
            missed = [
                clock.value
                for clock, due in case.deadlines.overdue(now)
                if await self._repository.miss(tx, case, clock, due, now=now)
            ]
            if missed and case.status in UNDECIDED:
                change = self._book.moved(case, Event.DEADLINE_MISSED, SYSTEM, clocks=", ".join(missed))
                case = await self._book.write(tx, change)
            return case.deadlines.next_after(now)

        return await self._database.run(work)

    async def remind_customer(self, case_id: str) -> None:
        """Reminds the customer, in public, once per time that they are awaited."""

        async def work(tx: Tx) -> None:
            case = await self._book.lock(tx, case_id)
            if not _waited(case, Status.AWAITING_CUSTOMER, self._book.now() - CUSTOMER_REMINDED_AFTER):
                return
            said = [step for step in await self._repository.steps(tx, case_id) if step.at > case.status_since]
            if any(step.standing is Standing.SYSTEM for step in said):
                return
            message = await self._book.say(tx, case, REMINDER, AuthorRole.SYSTEM, SYSTEM)
            await self._book.write(
                tx, self._book.noted(case, Event.MESSAGE_POSTED, SYSTEM, message_id=message.message_id)
            )

        await self._database.run(work)

    async def close_unanswered(self, case_id: str) -> None:
        """Closes a case whose customer has said nothing for a week."""
        await self._after(
            case_id,
            lambda case, now: _waited(case, Status.AWAITING_CUSTOMER, now - CUSTOMER_GIVEN_UP_AFTER),
            lambda case: self._ended(case, Event.AUTO_CLOSE, "the customer did not answer for a week"),
        )

    async def go_on_without_seller(self, case_id: str) -> None:
        """Stops waiting for a seller who has said nothing."""
        await self._after(
            case_id,
            lambda case, now: _waited(case, Status.AWAITING_SELLER, now - SELLER_GIVEN_UP_AFTER),
            lambda case: self._book.moved(case, Event.SELLER_SILENT, SYSTEM),
        )

    async def settle(self, case_id: str) -> None:
        """Closes a decided case that nobody objected to."""
        await self._after(
            case_id,
            lambda case, now: case.status in DECIDED and case.status_since <= now - SETTLED_AFTER,
            lambda case: self._ended(case, Event.SETTLE, "nobody objected to the decision for 72 hours"),
        )

    async def _after(self, case_id: str, when: When, change: Callable[[Case], Change]) -> None:
        async def work(tx: Tx) -> None:
            case = await self._book.lock(tx, case_id)
            if when(case, self._book.now()):
                await self._book.write(tx, change(case))

        await self._database.run(work)

    def _ended(self, case: Case, event: Event, reason: str) -> Change:
        change = self._book.moved(case, event, SYSTEM, reason=reason)
        return replace(change, after=replace(change.after, closed_reason=reason))


def _waited(case: Case, status: Status, since: datetime) -> bool:
    return case.status is status and case.status_since <= since
