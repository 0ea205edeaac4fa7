"""What the reconciliation found, written and read."""

from collections.abc import Sequence
from datetime import datetime

from callsheet.sql.booking_money import Queries
from server.core.db import Tx, load_queries
from server.core.story import Entry, Sum

_queries = load_queries("server.booking.money", Queries)


class FindingRepository:
    """Findings, and the orders to look at."""

    async def orders_after(self, tx: Tx, order_id: str, *, limit: int) -> Sequence[str]:
        return [row["order_id"] for row in await _queries.orders_to_check(tx, after=order_id, limit=limit)]

    async def insert(self, tx: Tx, finding_id: str, order_id: str, missing: Sum, *, now: datetime) -> None:
        """Writes what is missing, once a day by its name."""
        await _queries.insert_finding(
            tx,
            finding_id=finding_id,
            order_id=order_id,
            name=missing.name,
            expected_cents=missing.expected_cents,
            found_cents=missing.cents,
            found_on=now.date(),
            now=now,
        )

    async def entries(self, tx: Tx, order_id: str) -> list[Entry]:
        """An order's findings, as its story tells them."""
        return [
            Entry(
                row["created_at"],
                f"missing: {row['name']}",
                f"{row['found_cents']} cents instead of {row['expected_cents']}",
            )
            for row in await _queries.findings_of(tx, order_id=order_id)
        ]
