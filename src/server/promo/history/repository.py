"""Rows of promo_history."""

from callsheet.sql.promo_history import Queries
from server.core.call import correlation_id
from server.core.db import Tx, load_queries
from server.promo.domain.step import Step

_queries = load_queries("server.promo.history", Queries)


class History:
    """Writes what happened, on the caller's transaction."""

    async def record(self, tx: Tx, step: Step) -> None:
        await _queries.insert_step(
            tx,
            subject_id=step.subject_id,
            sequence=step.sequence,
            event=step.event,
            from_status=step.from_status,
            to_status=step.to_status,
            actor_user_id=step.actor_user_id,
            correlation_id=correlation_id(),
            now=step.created_at,
        )
