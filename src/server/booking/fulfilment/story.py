"""Milestones and adjustments of an order, for whoever tells its story."""

from server.booking.fulfilment.repository import AdjustmentRepository, MilestoneRepository
from server.booking.story import Told
from server.core.db import Tx
from server.core.story import Entry, job_entries


class FulfilmentChapter:
    """What was delivered in parts, and what was paid on top or given back by agreement."""

    def __init__(self, milestones: MilestoneRepository, adjustments: AdjustmentRepository) -> None:
        self._milestones = milestones
        self._adjustments = adjustments

    async def tell(self, tx: Tx, order_id: str) -> Told:
        found: list[Entry] = []
        for item in await self._milestones.of_order(tx, order_id):
            name = f"milestone {item.position}"
            details = f"{item.milestone_id} · {item.amount_cents} cents"
            if item.delivered_at is not None:
                found.append(Entry(item.delivered_at, f"{name} delivered", details))
            if item.settled_at is not None:
                found.append(Entry(item.settled_at, f"{name} {item.status}", details))
            found += await job_entries(tx, item.milestone_id)
        for adjustment in await self._adjustments.of_order(tx, order_id):
            details = f"{adjustment.adjustment_id} · {adjustment.amount_cents} cents · {adjustment.payment_id}"
            found.append(Entry(adjustment.created_at, f"{adjustment.kind} asked by {adjustment.asked_by}", details))
            if adjustment.applied_at is not None:
                found.append(Entry(adjustment.applied_at, f"{adjustment.kind} applied", adjustment.adjustment_id))
        return Told(found)
