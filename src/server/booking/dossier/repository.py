"""Rows of an order's record and what they mean."""

from callsheet.sql.booking_dossier import Queries
from server.booking.ports import Dossier, Happened, Said
from server.core.db import Tx, load_queries

MOST_STEPS = 500
MOST_MESSAGES = 200

_queries = load_queries("server.booking.dossier", Queries)


class DossierRepository:
    """Reads what is on record, on the caller's transaction."""

    async def dossier(self, tx: Tx, order_id: str) -> Dossier | None:
        row = await _queries.dossier(tx, order_id=order_id)
        if row is None:
            return None
        steps = await _queries.dossier_steps(tx, order_id=order_id, limit=MOST_STEPS)
        messages = await _queries.dossier_messages(tx, order_id=order_id, limit=MOST_MESSAGES)
        buyer = row["buyer_user_id"]
        return Dossier(
            order_id=order_id,
            lines=tuple(row["lines"]),
            total_cents=row["total_cents"],
            currency=row["currency"],
            start_ts=row["start_ts"],
            end_ts=row["end_ts"],
            time_zone=row["time_zone"],
            license_tier=row["license_tier"] or "",
            cancellation_policy=row["cancellation_policy"],
            full_refund_until=row["full_refund_until"],
            half_refund_until=row["half_refund_until"],
            confirmed_at=row["confirmed_at"],
            checked_in_at=row["checked_in_at"],
            delivered_at=row["delivered_at"],
            completed_at=row["completed_at"],
            steps=tuple(
                Happened(step["created_at"], step["event"], step["actor_kind"], step["to_status"]) for step in steps
            ),
            said=tuple(
                Said(
                    message["created_at"],
                    "buyer" if message["author_user_id"] == buyer else "provider",
                    message["body"],
                )
                for message in messages
            ),
        )
