"""Cases of orders that Booking reports as disputed, within Booking's transaction."""

from dataclasses import replace

from server.core.db import Tx
from server.support.cases.access import writes_as
from server.support.cases.book import CaseBook
from server.support.cases.domain import SYSTEM, TRANSITIONS, By, CaseType, Event, Party, Subject
from server.support.cases.handling import Waiting
from server.support.cases.opening import NewCase, Opening
from server.support.cases.standing import AuthorRole, Standing
from server.support.errors import CaseAlreadyOpen
from server.support.holds.domain import Hold
from server.support.holds.usecases import HoldKeeper
from server.support.ports import Disputed, DisputeEnded


class Disputing:
    """Opens or joins the case of a dispute, and keeps the payout back."""

    def __init__(self, book: CaseBook, opening: Opening, holds: HoldKeeper, waiting: Waiting) -> None:
        self._book = book
        self._opening = opening
        self._holds = holds
        self._waiting = waiting

    async def open_or_join(self, tx: Tx, disputed: Disputed) -> str:
        """One booking case per order: the one that is open goes on, with the dispute in its history."""
        hold = self._hold(disputed)
        try:
            case_id = await self._open(tx, disputed, hold)
        except CaseAlreadyOpen as found:
            case_id = await self._join(tx, found.metadata["case_id"], disputed, hold)
        if hold is not None:
            await self._holds.keep(tx, replace(hold, case_id=case_id))
        return case_id

    async def _open(self, tx: Tx, disputed: Disputed, hold: Hold | None) -> str:
        buyer = Party(disputed.buyer_user_id, AuthorRole.BUYER)
        provider = Party(disputed.provider_user_id, AuthorRole.SELLER)
        sides = (provider, buyer) if disputed.opened_by_user_id == provider.user_id else (buyer, provider)
        new = NewCase(CaseType.BOOKING, disputed.subtype, *sides, Subject(leg_id=disputed.order_id))
        by = By(_standing(disputed, sides[0].user_id), disputed.opened_by_user_id)
        case = await self._opening.begin(tx, new, by, _told(disputed, hold))
        await self._book.say(tx, case, disputed.statement_md, writes_as(case, by.standing), by)
        return case.case_id

    async def _join(self, tx: Tx, case_id: str, disputed: Disputed, hold: Hold | None) -> str:
        case = await self._book.lock(tx, case_id)
        by = By(_standing(disputed, case.customer.user_id), disputed.opened_by_user_id)
        message = await self._book.say(tx, case, disputed.statement_md, writes_as(case, by.standing), by)
        details = {**_told(disputed, hold), "message_id": message.message_id}
        await self._book.write(tx, self._book.noted(case, Event.MESSAGE_POSTED, by, **details))
        return case_id

    async def ended(self, tx: Tx, dispute: DisputeEnded) -> None:
        """The case is refunded or denied, as the dispute is; one that was merged leaves that to the other one. What was
        proposed before the dispute is rejected, wherever the case stands.
        """
        case = await self._book.lock(tx, dispute.case_id)
        event = Event.DISPUTE_GRANTED if dispute.granted else Event.DISPUTE_DENIED
        if case.merged_into_case_id is None and (case.status, event) in TRANSITIONS:
            details = {"dispute_id": dispute.dispute_id, "outcome": dispute.outcome}
            await self._book.write(tx, self._book.moved(case, event, SYSTEM, **details))
        await self._waiting.overtake(tx, case, SYSTEM)

    def _hold(self, disputed: Disputed) -> Hold | None:
        if not disputed.hold_cents:
            return None
        return self._holds.new("", disputed.order_id, disputed.hold_cents, disputed.opened_by_user_id)


def _standing(disputed: Disputed, customer_user_id: str) -> Standing:
    """What whoever opened the dispute is to its case."""
    opener = disputed.opened_by_user_id
    if opener not in (disputed.buyer_user_id, disputed.provider_user_id):
        return Standing.STAFF
    return Standing.CUSTOMER if opener == customer_user_id else Standing.SELLER


def _told(disputed: Disputed, hold: Hold | None) -> dict[str, str]:
    """What the history says of a dispute; a hold that is made with it needs no step of its own."""
    told = {"dispute_id": disputed.dispute_id}
    return {**told, "hold_id": hold.hold_id, "hold_cents": str(hold.amount_cents)} if hold else told
