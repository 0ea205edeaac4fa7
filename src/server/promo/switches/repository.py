"""The row of what is switched off, and the history of switching."""

from callsheet.sql.promo_switches import Queries
from server.core.call import correlation_id
from server.core.db import Record, Tx, load_queries
from server.promo.domain.switches import Switchboard, Switched
from server.promo.domain.verdicts import Rule

_queries = load_queries("server.promo.switches", Queries)


class SwitchRepository:
    """Reads and writes the switchboard on the caller's transaction."""

    async def get(self, tx: Tx) -> Switchboard:
        return _board(await _queries.get_switchboard(tx))

    async def lock(self, tx: Tx) -> Switchboard:
        """The switchboard, which nobody else changes until the transaction ends."""
        return _board(await _queries.lock_switchboard(tx))

    async def save(self, tx: Tx, board: Switchboard, switched: Switched) -> None:
        """Writes what is switched off from now on, and who did it."""
        await _queries.save_switchboard(
            tx,
            version=board.version,
            everything=board.everything,
            rules=sorted(board.rules),
            campaigns=sorted(board.campaigns),
        )
        await _queries.insert_switch_event(
            tx,
            version=switched.version,
            scope=switched.switch.scope,
            subject=switched.switch.subject,
            stopped=switched.stopped,
            reason=switched.reason,
            actor_user_id=switched.actor_user_id,
            correlation_id=correlation_id(),
            now=switched.created_at,
        )


def _board(row: Record | None) -> Switchboard:
    if row is None:
        raise AssertionError("a migration made the one row, and nobody may delete it")
    return Switchboard(
        row["version"], row["everything"], frozenset(map(Rule, row["rules"])), frozenset(row["campaigns"])
    )
