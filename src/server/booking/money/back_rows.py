"""Refunds, their lines and what banks took, read and written. Whoever writes holds the order's row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from callsheet.sql.booking_money import Queries
from server.booking.money import rows
from server.booking.money.moves import RefundPiece, RefundStatus
from server.booking.money.port import RefundCause
from server.core.db import Record, Tx, load_queries
from server.core.errors import StaleVersion

_queries = load_queries("server.booking.money", Queries)


@dataclass(frozen=True, slots=True)
class LineLeft:
    """A line of an order, and what of it did not go back."""

    line_id: str
    position: int
    left_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chargeback:
    """The money side of a bank's complaint, as it was told last."""

    processor_dispute_id: str
    payment_id: str
    status: str
    charge_refundable: bool
    closed: bool
    withdrawn_cents: int
    reinstated_cents: int

    @property
    def blocks_refunds(self) -> bool:
        """Whether the processor would refuse to refund the charge meanwhile."""
        return not self.closed and not self.charge_refundable


class RefundRepository:
    """What goes back to buyers, by us or by their bank."""

    async def of_order(self, tx: Tx, order_id: str) -> list[RefundPiece]:
        return [rows.refund(row) for row in await _queries.refunds_of(tx, order_id=order_id)]

    async def of_cause(self, tx: Tx, order_id: str, cause: RefundCause, cause_id: str) -> list[RefundPiece]:
        found = await _queries.refund_set_of(tx, order_id=order_id, cause=cause, cause_id=cause_id)
        return [rows.refund(row) for row in found]

    async def of_set(self, tx: Tx, refund_set_id: str) -> list[RefundPiece]:
        return [rows.refund(row) for row in await _queries.refund_set(tx, refund_set_id=refund_set_id)]

    async def get(self, tx: Tx, refund_id: str) -> RefundPiece | None:
        row = await _queries.refund(tx, refund_id=refund_id)
        return None if row is None else rows.refund(row)

    async def insert(self, tx: Tx, pieces: Sequence[RefundPiece], *, now: datetime) -> None:
        await _queries.insert_refund(
            tx,
            [
                {
                    "refund_id": piece.refund_id,
                    "refund_set_id": piece.refund_set_id,
                    "order_id": piece.order_id,
                    "payment_id": piece.payment_id,
                    "cause": piece.cause,
                    "cause_id": piece.cause_id,
                    "status": piece.status,
                    "amount_cents": piece.amount_cents,
                    "subtotal_cents": piece.subtotal_cents,
                    "platform_fee_cents": piece.fee_cents,
                    "tax_cents": piece.tax_cents,
                    "tip_cents": piece.tip_cents,
                    "credit_cents": piece.credit_cents,
                    "commission_cents": piece.commission_cents,
                    "fee_refundable": piece.fee_refundable,
                    "currency": piece.currency,
                    "reply_kind": piece.reply_kind or None,
                    "stripe_refund_id": piece.processor_id or None,
                    "settled_at": now if piece.status is RefundStatus.SUCCEEDED else None,
                    "now": now,
                }
                for piece in pieces
            ],
        )

    async def save(
        self, tx: Tx, before: RefundPiece, after: RefundPiece, *, settled_at: datetime | None, now: datetime
    ) -> None:
        """Writes a step; StaleVersion where the refund is no longer where it was decided from."""
        saved = await _queries.save_refund(
            tx,
            refund_id=after.refund_id,
            expected=before.status,
            status=after.status,
            attempts=after.attempts,
            stripe_refund_id=after.processor_id or None,
            failure_reason=after.failure_reason or None,
            settled_at=settled_at,
            now=now,
        )
        if saved is None:
            raise StaleVersion(after.refund_id, 0)

    async def lines_left(self, tx: Tx, order_id: str) -> list[LineLeft]:
        """What is left of each line, in their order."""
        found = await _queries.lines_left(tx, order_id=order_id)
        return [LineLeft(row["id"], row["position"], row["left_cents"]) for row in found]

    async def insert_lines(self, tx: Tx, order_id: str, refund_set_id: str, cents: Mapping[int, int]) -> None:
        """Writes what of each line goes back, by its place."""
        await _queries.insert_refund_line(
            tx,
            [
                {
                    "refund_set_id": refund_set_id,
                    "order_id": order_id,
                    "position": position,
                    "amount_cents": amount,
                }
                for position, amount in cents.items()
                if amount
            ],
        )

    async def strays(self, tx: Tx, *, before: datetime, limit: int) -> list[str]:
        return [row["refund_id"] for row in await _queries.stray_refunds(tx, before=before, limit=limit)]

    async def touch(self, tx: Tx, refund_id: str, *, now: datetime) -> None:
        await _queries.touch_refund(tx, refund_id=refund_id, now=now)

    async def chargeback(self, tx: Tx, processor_dispute_id: str) -> Chargeback | None:
        row = await _queries.chargeback(tx, processor_dispute_id=processor_dispute_id)
        return None if row is None else _chargeback(row)

    async def chargebacks(self, tx: Tx, order_id: str) -> list[Chargeback]:
        return [_chargeback(row) for row in await _queries.chargebacks_of(tx, order_id=order_id)]

    async def save_chargeback(self, tx: Tx, chargeback: Chargeback, *, now: datetime) -> None:
        await _queries.save_chargeback(
            tx,
            processor_dispute_id=chargeback.processor_dispute_id,
            payment_id=chargeback.payment_id,
            status=chargeback.status,
            charge_refundable=chargeback.charge_refundable,
            closed=chargeback.closed,
            withdrawn_cents=chargeback.withdrawn_cents,
            reinstated_cents=chargeback.reinstated_cents,
            now=now,
        )


def _chargeback(row: Record) -> Chargeback:
    return Chargeback(
        processor_dispute_id=row["processor_dispute_id"],
        payment_id=row["payment_id"],
        status=row["status"],
        charge_refundable=row["charge_refundable"],
        closed=row["closed"],
        withdrawn_cents=row["withdrawn_cents"],
        reinstated_cents=row["reinstated_cents"],
    )
