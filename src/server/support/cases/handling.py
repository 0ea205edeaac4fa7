"""What staff do with a case, and how its customer ends or reopens it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from server.core.call import Actor
from server.core.db import Database, Guard, Tx
from server.core.errors import FieldInvalid, NotFound, Violation
from server.support.cases.access import handled_by, visible, writes_as
from server.support.cases.book import CaseBook, Change
from server.support.cases.domain import (
    MOST_WATCHERS,
    REOPEN_WITHIN,
    By,
    Case,
    Event,
    Severity,
    Status,
    check_not_closed,
    check_version,
)
from server.support.cases.reading import Seen
from server.support.cases.standing import Standing
from server.support.errors import FourEyes, OwnCase, ReopenTooLate

Answer: TypeAlias = Guard[Seen[Case]] | None
Decide: TypeAlias = Callable[[Tx, Case, By], Awaitable[Change]]
Then: TypeAlias = Callable[[Tx, Case], Awaitable[None]]
"""What follows the change and takes locks that come after the case's."""


@dataclass(frozen=True, slots=True)
class Handle:
    """Somebody does something with a case; the text is its reason, its proposal, or what its parties are told."""

    actor: Actor
    case_id: str
    version: int
    text: str = ""
    reason_code: str = ""
    credit_cents: int = 0
    currency: str = ""


@dataclass(frozen=True, slots=True)
class HandlePerson:
    """The same, about a person: a new owner or a watcher."""

    actor: Actor
    case_id: str
    version: int
    user_id: str


@dataclass(frozen=True, slots=True)
class SetSeverity:
    """Somebody judges how much a case matters."""

    actor: Actor
    case_id: str
    version: int
    severity: Severity
    reason: str


class Waiting(Protocol):
    """What waits for a decision of a case beside the case itself."""

    async def withdraw(self, tx: Tx, case: Case, by: By) -> None:
        """Ends it, because the case is decided otherwise; RefundUnderWay where that is too late."""
        ...

    async def overtake(self, tx: Tx, case: Case, by: By) -> None:
        """Ends what nobody has agreed to yet, because a dispute decided the case."""
        ...


class Goodwill(Protocol):
    """Credit as a kind gesture."""

    async def give(self, tx: Tx, case: Case, command: Handle) -> None:
        """Gives the case's customer the credit that is asked for; it locks their account."""
        ...


class Handling:
    """Moves cases."""

    def __init__(self, database: Database, book: CaseBook, waiting: Waiting, goodwill: Goodwill) -> None:
        self._database = database
        self._book = book
        self._waiting = waiting
        self._goodwill = goodwill

    async def assign(self, command: HandlePerson, once: Answer) -> Seen[Case]:
        """Gives the case an owner; one that was open is investigated from now on."""

        async def decide(tx: Tx, case: Case, by: By) -> Change:
            owner = command.user_id or command.actor.user_id
            if owner in case.parties():
                raise OwnCase(case.case_id)
            check_not_closed(case, Event.ASSIGNED)
            change = self._moved_or_noted(case, by, owner)
            return replace(change, after=replace(change.after, owner_user_id=owner))

        return await self._by_staff(command, decide, once)

    async def set_severity(self, command: SetSeverity, once: Answer) -> Seen[Case]:
        """Judges the case anew; its present promise stays."""

        async def decide(tx: Tx, case: Case, by: By) -> Change:
            check_not_closed(case, Event.SEVERITY_CHANGED)
            change = self._book.noted(
                case, Event.SEVERITY_CHANGED, by, severity=command.severity, reason=command.reason
            )
            return replace(change, after=replace(change.after, severity=command.severity))

        return await self._by_staff(command, decide, once)

    async def add_watcher(self, command: HandlePerson, once: Answer) -> Seen[Case]:
        """Lets somebody read along."""

        async def decide(tx: Tx, case: Case, by: By) -> Change:
            watchers = dict.fromkeys((*case.watchers, command.user_id))
            if len(watchers) > MOST_WATCHERS:
                raise FieldInvalid(Violation("user_id", f"would be more than {MOST_WATCHERS} watchers"))
            change = self._book.noted(case, Event.WATCHER_ADDED, by, user_id=command.user_id)
            return replace(change, after=replace(change.after, watchers=tuple(watchers)))

        return await self._by_staff(command, decide, once)

    async def remove_watcher(self, command: HandlePerson, once: Answer) -> Seen[Case]:
        """Lets somebody read along no more."""

        async def decide(tx: Tx, case: Case, by: By) -> Change:
            watchers = tuple(watcher for watcher in case.watchers if watcher != command.user_id)
            change = self._book.noted(case, Event.WATCHER_REMOVED, by, user_id=command.user_id)
            return replace(change, after=replace(change.after, watchers=watchers))

        return await self._by_staff(command, decide, once)

    async def investigate(self, command: Handle, once: Answer) -> Seen[Case]:
        """Looks into the case, and owns it if nobody does; or refuses the decision that was requested."""

        async def decide(tx: Tx, case: Case, by: By) -> Change:
            refuses = case.status is Status.DECISION_PENDING
            if refuses and not command.text:
                raise FieldInvalid(Violation("reason", "must say why the requested decision is refused"))
            if refuses:
                await self._waiting.withdraw(tx, case, by)
            event = Event.REJECT_DECISION if refuses else Event.INVESTIGATE
            change = self._book.moved(case, event, by, reason=command.text)
            owner = case.owner_user_id or command.actor.user_id
            return replace(change, after=replace(change.after, owner_user_id=owner))

        return await self._by_staff(command, decide, once)

    async def await_customer(self, command: Handle, once: Answer) -> Seen[Case]:
        """Asks the customer in public, and waits."""

        async def decide(tx: Tx, case: Case, by: By) -> Change:
            return await self._said(tx, command, self._book.moved(case, Event.AWAIT_CUSTOMER, by))

        return await self._by_staff(command, decide, once)

    async def await_seller(self, command: Handle, once: Answer) -> Seen[Case]:
        """Asks the other side in public, and waits."""

        async def decide(tx: Tx, case: Case, by: By) -> Change:
            change = self._book.moved(case, Event.AWAIT_SELLER, by)
            if case.seller is None:
                raise FieldInvalid(Violation("case_id", "must have another side to wait for"))
            return await self._said(tx, command, change)

        return await self._by_staff(command, decide, once)

    async def request_decision(self, command: Handle, once: Answer) -> Seen[Case]:
        """Proposes an end."""

        async def decide(tx: Tx, case: Case, by: By) -> Change:
            change = self._book.moved(case, Event.REQUEST_DECISION, by, proposal=command.text)
            return replace(change, after=replace(change.after, decision_requested_by=by.user_id))

        return await self._by_staff(command, decide, once)

    async def deny(self, command: Handle, once: Answer) -> Seen[Case]:
        """Decides that nothing is owed."""
        return await self._decided(command, Event.DENY, once)

    async def grant_goodwill(self, command: Handle, once: Answer) -> Seen[Case]:
        """Decides to give something though nothing is owed: kind words, or credit."""

        async def give(tx: Tx, case: Case) -> None:
            await self._goodwill.give(tx, case, command)

        return await self._decided(command, Event.GRANT_GOODWILL, once, give if command.credit_cents else None)

    async def escalate(self, command: Handle, once: Answer) -> Seen[Case]:
        """Puts the case before somebody with more say."""

        async def decide(tx: Tx, case: Case, by: By) -> Change:
            return self._book.moved(case, Event.ESCALATE, by, reason=command.text)

        return await self._by_staff(command, decide, once)

    async def close(self, command: Handle, once: Answer) -> Seen[Case]:
        """Ends the case: staff an undecided one, its customer a decided one."""

        async def decide(tx: Tx, case: Case, by: By) -> Change:
            settles = by.standing is Standing.CUSTOMER
            if not settles and not command.text:
                raise FieldInvalid(Violation("reason", "must say why the case ends"))
            change = self._book.moved(case, Event.SETTLE if settles else Event.CLOSE, by, reason=command.text)
            reason = command.text or "accepted by the customer"
            return replace(change, after=replace(change.after, closed_reason=reason))

        return await self._by_customer_or_staff(command, decide, once)

    async def reopen(self, command: Handle, once: Answer) -> Seen[Case]:
        """Takes the case up again, in a new cycle, with the reason as a message."""

        async def decide(tx: Tx, case: Case, by: By) -> Change:
            change = self._book.moved(case, Event.REOPEN, by)
            until = case.closed_at + REOPEN_WITHIN if case.closed_at else None
            if until is not None and self._book.now() > until:
                raise ReopenTooLate(case.case_id, until.isoformat())
            return await self._said(tx, command, change)

        return await self._by_customer_or_staff(command, decide, once)

    async def _decided(self, command: Handle, event: Event, once: Answer, then: Then | None = None) -> Seen[Case]:
        async def decide(tx: Tx, case: Case, by: By) -> Change:
            change = self._book.moved(case, event, by)
            if case.decision_requested_by == by.user_id:
                raise FourEyes(case.case_id)
            await self._waiting.withdraw(tx, case, by)
            change = replace(change, after=replace(change.after, reason_code=command.reason_code or case.reason_code))
            if command.credit_cents:
                told = {"credit_cents": str(command.credit_cents), "currency": command.currency}
                change = replace(change, details={**change.details, **told})
            return await self._said(tx, command, change)

        return await self._by_staff(command, decide, once, then)

    async def _said(self, tx: Tx, command: Handle, change: Change) -> Change:
        """The change together with the public message that explains it."""
        role = writes_as(change.before, change.by.standing)
        message = await self._book.say(tx, change.before, command.text, role, change.by)
        return replace(change, details={**change.details, "message_id": message.message_id})

    def _moved_or_noted(self, case: Case, by: By, owner: str) -> Change:
        if case.status is Status.OPEN:
            return self._book.moved(case, Event.INVESTIGATE, by, owner_user_id=owner)
        return self._book.noted(case, Event.ASSIGNED, by, owner_user_id=owner)

    async def _by_staff(
        self,
        command: Handle | HandlePerson | SetSeverity,
        decide: Decide,
        once: Answer,
        then: Then | None = None,
    ) -> Seen[Case]:
        async def work(tx: Tx) -> Seen[Case]:
            case, _ = visible(await self._book.lock(tx, command.case_id), command.case_id, command.actor)
            by = handled_by(case, command.actor)
            check_version(case, command.version, by.standing)
            moved = await self._book.write(tx, await decide(tx, case, by))
            if then is not None:
                await then(tx, moved)
            return Seen(moved, by.standing)

        return await self._database.run(work, once=once)

    async def _by_customer_or_staff(self, command: Handle, decide: Decide, once: Answer) -> Seen[Case]:
        async def work(tx: Tx) -> Seen[Case]:
            case, standing = visible(await self._book.lock(tx, command.case_id), command.case_id, command.actor)
            if standing not in (Standing.CUSTOMER, Standing.STAFF):
                raise NotFound(command.case_id)
            check_version(case, command.version, standing)
            by = By(standing, command.actor.user_id)
            return Seen(await self._book.write(tx, await decide(tx, case, by)), standing)

        return await self._database.run(work, once=once)
