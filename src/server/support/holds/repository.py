"""Rows of holds and what they mean."""

from datetime import datetime

from callsheet.sql.support_holds import Queries
from server.core.db import Record, Tx, load_queries
from server.core.errors import IllegalTransition
from server.support.holds.domain import Hold, HoldEvent, HoldStatus, ReleaseReason

_queries = load_queries("server.support.holds", Queries)


class HoldRepository:
    """Reads and writes holds on the caller's transaction."""

    async def insert(self, tx: Tx, hold: Hold) -> None:
        await _queries.insert_hold(
            tx,
            hold_id=hold.hold_id,
            case_id=hold.case_id,
            order_id=hold.order_id,
            amount_cents=hold.amount_cents,
            applied_by=hold.applied_by,
            expires_at=hold.expires_at,
            now=hold.created_at,
        )

    async def get(self, tx: Tx, hold_id: str) -> Hold | None:
        row = await _queries.get_hold(tx, hold_id=hold_id)
        return None if row is None else _hold(row)

    async def lock(self, tx: Tx, hold_id: str) -> Hold | None:
        """Reads a hold and keeps others from ending it until the transaction ends."""
        row = await _queries.lock_hold(tx, hold_id=hold_id)
        return None if row is None else _hold(row)

    async def page(self, tx: Tx, case_id: str, after: str | None, limit: int) -> list[Hold]:
        """A case's holds, oldest first."""
        return [_hold(row) for row in await _queries.holds_of_case(tx, case_id=case_id, after=after, limit=limit)]

    async def applied(self, tx: Tx, order_id: str) -> list[Hold]:
        """The holds that keep an order's payout back, by case."""
        return [_hold(row) for row in await _queries.applied_holds_of_order(tx, order_id=order_id)]

    async def held_cents(self, tx: Tx, order_id: str) -> int:
        found = await _queries.held_cents(tx, order_id=order_id)
        return found if isinstance(found, int) else 0

    async def end(self, tx: Tx, hold: Hold) -> None:
        """Writes how a hold ended; IllegalTransition where somebody else ended it."""
        row = await _queries.end_hold(
            tx, hold_id=hold.hold_id, status=hold.status, reason=hold.released_reason, now=hold.released_at
        )
        if row is None:
            raise IllegalTransition(hold.hold_id, hold.status, HoldEvent.RELEASE)

    async def set_warned(self, tx: Tx, hold_id: str, now: datetime) -> None:
        await _queries.set_hold_warned(tx, hold_id=hold_id, now=now)


def _hold(row: Record) -> Hold:
    return Hold(
        hold_id=row["hold_id"],
        case_id=row["case_id"],
        order_id=row["leg_id"],
        amount_cents=row["amount_cents"],
        status=HoldStatus(row["status"]),
        applied_by=row["applied_by"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        released_reason=ReleaseReason(row["released_reason"]) if row["released_reason"] else None,
        released_at=row["released_at"],
        warned_at=row["warned_at"],
    )
