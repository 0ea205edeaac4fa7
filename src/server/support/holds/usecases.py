"""Keeping payouts back, and letting them go."""

from dataclasses import dataclass

from server.booking.ports import OrderMoney
from server.core.call import Actor
from server.core.crash import point
from server.core.db import Database, Guard, Tx
from server.core.errors import FieldInvalid, NotFound, Violation
from server.core.ids import Ids
from server.core.jobs import Jobs
from server.core.pagination import Listing, Page, PageTokens, page_size
from server.support.cases.access import handled_by, visible
from server.support.cases.book import CaseBook
from server.support.cases.domain import SYSTEM, By, Case, Event, Visibility, check_not_closed
from server.support.cases.reading import ListOfCase
from server.support.cases.repository import CaseRepository
from server.support.cases.standing import AuthorRole, Standing
from server.support.errors import HoldExceedsPayable
from server.support.holds.domain import (
    LASTS,
    WARNED_BEFORE,
    Hold,
    HoldEvent,
    HoldStatus,
    ReleaseReason,
    ended,
)
from server.support.holds.repository import HoldRepository
from server.support.holds.timers import EXPIRY, WARNING


@dataclass(frozen=True, slots=True)
class ApplyHold:
    """Somebody keeps part of a payout back."""

    actor: Actor
    case_id: str
    amount_cents: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReleaseHold:
    """Somebody lets a payout go."""

    actor: Actor
    hold_id: str
    reason: str


class HoldKeeper:
    """Makes and ends holds on the caller's transaction, which has the order's row where it needs it."""

    def __init__(self, repository: HoldRepository, book: CaseBook, ids: Ids, jobs: Jobs) -> None:
        self._repository = repository
        self._book = book
        self._ids = ids
        self._jobs = jobs

    async def held_cents(self, tx: Tx, order_id: str) -> int:
        return await self._repository.held_cents(tx, order_id)

    async def apply(self, tx: Tx, case_id: str, order_id: str, amount_cents: int, applied_by: str) -> str:
        """Keeps an amount back for a case that is not closed."""
        case = await self._book.lock(tx, case_id)
        hold = await self.add(tx, case, order_id, amount_cents, By(Standing.SYSTEM, applied_by), "")
        return hold.hold_id

    async def add(self, tx: Tx, case: Case, order_id: str, amount_cents: int, by: By, note: str) -> Hold:
        """Keeps an amount back for a case that is locked."""
        hold = self.new(case.case_id, order_id, amount_cents, by.user_id or "svc_support")
        told = {"hold_id": hold.hold_id, "amount_cents": str(amount_cents)}
        await self._book.write(
            tx, self._book.noted(case, Event.HOLD_APPLIED, by, **({**told, "note": note} if note else told))
        )
        await self.keep(tx, hold)
        return hold

    def new(self, case_id: str, order_id: str, amount_cents: int, applied_by: str) -> Hold:
        """A hold that begins now."""
        now = self._book.now()
        return Hold(
            hold_id=self._ids.new("sph"),
            case_id=case_id,
            order_id=order_id,
            amount_cents=amount_cents,
            status=HoldStatus.APPLIED,
            applied_by=applied_by,
            created_at=now,
            expires_at=now + LASTS,
        )

    async def keep(self, tx: Tx, hold: Hold) -> None:
        """Stores a hold with the timers that end it."""
        await self._repository.insert(tx, hold)
        await self._jobs.enqueue(tx, WARNING, key=hold.hold_id, run_at=hold.expires_at - WARNED_BEFORE)
        await self._jobs.enqueue(tx, EXPIRY, key=hold.hold_id, run_at=hold.expires_at)

    async def release(self, tx: Tx, order_id: str, reason: ReleaseReason, *, case_id: str | None = None) -> int:
        """Ends every hold on an order, or those of one case."""
        found = await self._repository.applied(tx, order_id)
        holds = [hold for hold in found if case_id in (None, hold.case_id)]
        for hold in holds:
            case = await self._book.lock(tx, hold.case_id)
            await self._book.write(tx, self._book.noted(case, Event.HOLD_RELEASED, SYSTEM, **_told(hold, reason)))
        for hold in holds:
            await self._repository.end(tx, ended(hold, HoldEvent.RELEASE, reason, now=self._book.now()))
        for hold in holds:
            await self.forget(tx, hold)
        return sum(hold.amount_cents for hold in holds)

    async def end(self, tx: Tx, case: Case, hold_id: str, event: HoldEvent, by: By, reason: str) -> Hold:
        """Ends one hold of a case that is locked."""
        cleared = ReleaseReason.CLEARED if event is HoldEvent.RELEASE else None
        found = await self._repository.get(tx, hold_id)
        if found is None:
            raise NotFound(hold_id)
        finished = ended(found, event, cleared, now=self._book.now())
        happened = Event.HOLD_RELEASED if event is HoldEvent.RELEASE else Event.HOLD_EXPIRED
        details = {**_told(found, cleared), "note": reason}
        await self._book.write(tx, self._book.noted(case, happened, by, **details))
        await self._repository.end(tx, finished)
        await self.forget(tx, found)
        return finished

    async def forget(self, tx: Tx, hold: Hold) -> None:
        """Takes the timers of a hold that has ended back."""
        await self._jobs.cancel(tx, WARNING, key=hold.hold_id)
        await self._jobs.cancel(tx, EXPIRY, key=hold.hold_id)


class HoldUseCases:
    """What staff and the clock do with holds."""

    def __init__(
        self,
        database: Database,
        repository: HoldRepository,
        cases: CaseRepository,
        book: CaseBook,
        keeper: HoldKeeper,
        money: OrderMoney,
        pages: PageTokens,
    ) -> None:
        self._database = database
        self._repository = repository
        self._cases = cases
        self._book = book
        self._keeper = keeper
        self._money = money
        self._pages = pages

    async def apply(self, command: ApplyHold, once: Guard[Hold] | None) -> Hold:
        """Keeps an amount of the payout of the case's order back: at most what is payable and not yet transferred."""

        async def work(tx: Tx) -> Hold:
            case, _ = visible(await self._cases.get(tx, command.case_id), command.case_id, command.actor)
            order_id = case.subject.leg_id
            if order_id is None:
                raise FieldInvalid(Violation("case_id", "must be about a booking order"))
            payable = await self._money.payable(tx, order_id)
            case = await self._book.lock(tx, command.case_id)
            by = handled_by(case, command.actor)
            check_not_closed(case, Event.HOLD_APPLIED)
            held = await self._repository.held_cents(tx, order_id)
            left = max(0, payable.payable_cents - payable.net_transferred_cents - held)
            if command.amount_cents > left:
                raise HoldExceedsPayable(order_id, left)
            return await self._keeper.add(tx, case, order_id, command.amount_cents, by, command.reason)

        applied = await self._database.run(work, once=once)
        await point("support.hold_applied")
        return applied

    async def release(self, command: ReleaseHold, once: Guard[Hold] | None) -> Hold:
        """Lets the payout go, because nothing is owed of it."""

        async def work(tx: Tx) -> Hold:
            hold = await self._repository.get(tx, command.hold_id)
            if hold is None:
                raise NotFound(command.hold_id)
            case = await self._book.lock(tx, hold.case_id)
            by = handled_by(case, command.actor)
            released = await self._keeper.end(tx, case, command.hold_id, HoldEvent.RELEASE, by, command.reason)
            await self._money.look_again(tx, hold.order_id)
            return released

        return await self._database.run(work, once=once)

    async def list(self, command: ListOfCase) -> Page[Hold]:
        """A case's holds, for staff."""
        listing = Listing("ListHolds", command.actor.user_id, {"case_id": command.case_id})
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            case, _ = visible(await self._cases.get(tx, command.case_id), command.case_id, command.actor)
            handled_by(case, command.actor)
            after = position[0] if position else None
            found = await self._repository.page(tx, command.case_id, after, size + 1)
        return self._pages.page(listing, found, size, lambda hold: (hold.hold_id,))

    async def warn(self, hold_id: str) -> None:
        """Tells staff by a note on the case, once, while there is time to do something."""

        async def work(tx: Tx) -> None:
            hold = await self._repository.get(tx, hold_id)
            if hold is None or hold.status is not HoldStatus.APPLIED or hold.warned_at is not None:
                return
            case = await self._book.lock(tx, hold.case_id)
            if case.merged_into_case_id is not None:
                case = await self._book.lock(tx, case.merged_into_case_id)
            until = hold.expires_at.isoformat()
            text = f"The hold {hold_id} of {hold.amount_cents} cents expires at {until}; its money is paid out then."
            note = await self._book.say(tx, case, text, AuthorRole.SYSTEM, SYSTEM, Visibility.INTERNAL)
            change = self._book.noted(case, Event.NOTE_POSTED, SYSTEM, message_id=note.message_id)
            await self._book.write(tx, change)
            await self._repository.set_warned(tx, hold_id, self._book.now())

        await self._database.run(work)

    async def expire(self, hold_id: str) -> None:
        """Ends a hold whose time is over; one that ended before is left alone."""

        async def work(tx: Tx) -> None:
            hold = await self._repository.get(tx, hold_id)
            if hold is None or hold.status is not HoldStatus.APPLIED or hold.expires_at > self._book.now():
                return
            case = await self._book.lock(tx, hold.case_id)
            await self._keeper.end(tx, case, hold_id, HoldEvent.EXPIRE, SYSTEM, "its time is over")
            await self._money.look_again(tx, hold.order_id)

        await self._database.run(work)


def _told(hold: Hold, reason: ReleaseReason | None) -> dict[str, str]:
    told = {"hold_id": hold.hold_id, "amount_cents": str(hold.amount_cents)}
    return {**told, "reason": reason.value} if reason else told
