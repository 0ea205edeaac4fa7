"""The story of an order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from server.booking.repository import BookingRepository
from server.core.db import Tx
from server.core.story import Entry, Story, Sum, job_entries


@dataclass(frozen=True, slots=True)
class Told:
    """What one part of the slice knows of an order, and what must follow from it."""

    entries: Sequence[Entry]
    sums: Sequence[Sum] = ()


class Chapter(Protocol):
    """Tells of an order what one part of the slice knows."""

    async def tell(self, tx: Tx, order_id: str) -> Told: ...


class OrderTeller:
    """Tells an order's transitions and jobs, what each part of the slice adds, and whether its price adds up."""

    def __init__(self, repository: BookingRepository, chapters: Sequence[Chapter] = ()) -> None:
        self._repository = repository
        self._chapters = chapters

    async def tell(self, tx: Tx, identifier: str) -> Story | None:
        order = await self._repository.get(tx, identifier)
        if order is None:
            return None
        price = order.price
        parts = price.subtotal_cents + price.platform_fee_cents + price.tax_cents + price.tip_cents - price.credit_cents
        lines = sum(item.total_cents for item in order.line_items)
        told = [await chapter.tell(tx, identifier) for chapter in self._chapters]
        return Story(
            title=f"order {order.order_id}: {order.status}",
            facts=[
                ("buyer", order.buyer_user_id),
                ("provider", order.provider_user_id),
                ("starts", f"{order.start_ts.isoformat()} ({order.time_zone})"),
                ("ends", order.end_ts.isoformat()),
                ("policy", f"{price.policy.fee_policy_id}, cancellation {order.cancellation}"),
                ("version", str(order.version)),
            ],
            entries=[
                *await self._transitions(tx, identifier),
                *await job_entries(tx, identifier),
                *[entry for part in told for entry in part.entries],
            ],
            sums=[
                Sum("lines = subtotal", lines, price.subtotal_cents),
                Sum("subtotal + fee + tax + tip - credit = total", parts, price.total_cents),
                *[must for part in told for must in part.sums],
            ],
        )

    async def _transitions(self, tx: Tx, order_id: str) -> list[Entry]:
        events = await self._repository.events_after(tx, order_id, 0, limit=10_000)
        return [
            Entry(
                event.created_at,
                f"{event.event}: {event.from_status or '–'} → {event.to_status}",
                " · ".join(
                    [
                        *(part for part in (event.by.kind.value, event.by.user_id, event.reason) if part),
                        *(f"{name} {value}" for name, value in event.details.items()),
                    ]
                ),
            )
            for event in events
        ]
