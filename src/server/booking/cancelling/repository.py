"""What cancelling leaves with a provider."""

from datetime import datetime
from typing import cast

from callsheet.sql.booking_cancelling import Queries
from server.core.db import Tx, load_queries

_queries = load_queries("server.booking.cancelling", Queries)


class StrikeRepository:
    """Counts strikes on the caller's transaction."""

    async def add(self, tx: Tx, provider_user_id: str, now: datetime) -> int:
        """One more; how many there are now."""
        return cast("int", await _queries.add_strike(tx, provider_user_id=provider_user_id, now=now) or 0)
