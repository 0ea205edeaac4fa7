"""What happened at the processor for one thing: for the stories that `callsheet explain` tells."""

from callsheet.sql.payments import Queries
from server.core.db import Tx, load_queries
from server.core.story import Entry

_queries = load_queries("server.payments", Queries)


class PaymentHistory:
    """The `History`: calls and events, each as one entry."""

    async def entries(self, tx: Tx, owner_id: str) -> list[Entry]:
        calls = [
            Entry(
                row["created_at"],
                f"call {row['method']} {row['status']}",
                f"{row['call_id']} · attempts {row['attempts']}"
                + (f" · {row['error_code']}" if row["error_code"] else ""),
            )
            for row in await _queries.calls_about_owner(tx, owner_id=owner_id)
        ]
        events = [
            Entry(
                row["received_at"],
                f"event {row['type']} {row['status']}",
                row["event_id"] + (f" · {row['reason']}" if row["reason"] else ""),
            )
            for row in await _queries.events_about_owner(tx, owner_id=owner_id)
        ]
        return sorted((*calls, *events), key=lambda entry: entry.at)
