"""Rows of milestones and adjustments, and what they mean."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from callsheet.sql.booking_fulfilment import Queries
from server.booking.fulfilment.extras import Adjustment, AdjustmentKind
from server.booking.fulfilment.milestones import Milestone, MilestoneStatus
from server.core.db import Record, Tx, load_queries
from server.core.ids import Ids

_queries = load_queries("server.booking.fulfilment", Queries)

_PAYMENT_OVER = frozenset({"cancelled", "failed"})


class MilestoneRepository:
    """Reads and writes milestones on the caller's transaction, which holds their order's row where it writes."""

    async def of_order(self, tx: Tx, order_id: str) -> list[Milestone]:
        """In their order."""
        return [_milestone(row) for row in await _queries.milestones_of(tx, order_id=order_id)]

    async def order_of(self, tx: Tx, milestone_id: str) -> str | None:
        """Which order a milestone is part of."""
        return cast("str | None", await _queries.order_of_milestone(tx, milestone_id=milestone_id))

    async def replace(self, tx: Tx, order_id: str, milestones: Sequence[Milestone]) -> None:
        """Stores other milestones instead of those that were."""
        await _queries.delete_milestones(tx, order_id=order_id)
        await self.add(tx, milestones)

    async def add(self, tx: Tx, milestones: Sequence[Milestone]) -> None:
        """Stores new ones beside those that are."""
        if milestones:
            await _queries.insert_milestone(
                tx,
                [
                    {
                        "milestone_id": item.milestone_id,
                        "order_id": item.order_id,
                        "position": item.position,
                        "title": item.title,
                        "due_ts": item.due_ts,
                        "amount_cents": item.amount_cents,
                        "status": item.status,
                    }
                    for item in milestones
                ],
            )

    async def save(self, tx: Tx, milestones: Sequence[Milestone]) -> None:
        """Writes where milestones stand, in one statement."""
        if milestones:
            await _queries.save_milestone(
                tx,
                [
                    {
                        "milestone_id": item.milestone_id,
                        "amount_cents": item.amount_cents,
                        "status": item.status,
                        "delivered_at": item.delivered_at,
                        "review_until": item.review_until,
                        "settled_at": item.settled_at,
                    }
                    for item in milestones
                ],
            )


class AdjustmentRepository:
    """Reads and writes adjustments and the lines they make, on a transaction that holds the order's row."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids

    async def insert(self, tx: Tx, adjustment: Adjustment) -> None:
        await _queries.insert_adjustment(
            tx,
            adjustment_id=adjustment.adjustment_id,
            order_id=adjustment.order_id,
            kind=adjustment.kind,
            title=adjustment.title,
            amount_cents=adjustment.amount_cents,
            charge_cents=adjustment.charge_cents,
            payment_id=adjustment.payment_id or None,
            asked_by=adjustment.asked_by,
            applied_at=adjustment.applied_at,
            now=adjustment.created_at,
        )

    async def of_payment(self, tx: Tx, payment_id: str) -> Adjustment | None:
        """What a payment is for; none where it is for the order itself."""
        row = await _queries.adjustment_of_payment(tx, payment_id=payment_id)
        return None if row is None else _adjustment(row)

    async def of_order(self, tx: Tx, order_id: str) -> list[Adjustment]:
        """Oldest first."""
        return [_adjustment(row) for row in await _queries.adjustments_of(tx, order_id=order_id)]

    async def applied(self, tx: Tx, adjustment_id: str, now: datetime) -> None:
        """Says that it is part of the price now."""
        await _queries.adjustment_applied(tx, adjustment_id=adjustment_id, now=now)

    async def card_of(self, tx: Tx, order_id: str) -> str:
        """The saved card that paid for the order; empty where its buyer entered one."""
        return cast("str | None", await _queries.card_of(tx, order_id=order_id)) or ""

    async def add_line(self, tx: Tx, order_id: str, title: str, amount_cents: int) -> None:
        """Adds a line for what is paid on top, after all others."""
        await _queries.add_line(tx, id=self._ids.new("lin"), order_id=order_id, title=title, amount_cents=amount_cents)


def _milestone(row: Record) -> Milestone:
    return Milestone(
        milestone_id=row["milestone_id"],
        order_id=row["order_id"],
        position=row["position"],
        title=row["title"],
        due_ts=row["due_ts"],
        amount_cents=row["amount_cents"],
        status=MilestoneStatus(row["status"]),
        delivered_at=row["delivered_at"],
        review_until=row["review_until"],
        settled_at=row["settled_at"],
    )


def _adjustment(row: Record) -> Adjustment:
    return Adjustment(
        adjustment_id=row["adjustment_id"],
        order_id=row["order_id"],
        kind=AdjustmentKind(row["kind"]),
        title=row["title"],
        amount_cents=row["amount_cents"],
        charge_cents=row["charge_cents"],
        payment_id=row["payment_id"] or "",
        asked_by=row["asked_by"],
        created_at=row["created_at"],
        applied_at=row["applied_at"],
        payment_over=row["payment_status"] in _PAYMENT_OVER,
    )
