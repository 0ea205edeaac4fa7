"""Forgetting viewers, and keeping events for as many days as they are kept."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.ids import Ids
from server.core.secrecy import KeyedHash
from server.promo.viewers.repository import ErasedViewer, ViewerRepository

AHEAD = timedelta(days=3)
BEHIND = timedelta(days=8)
KEPT = timedelta(days=92)
"""Ninety days, and as long as an event may come late."""


@dataclass(frozen=True, slots=True)
class EraseViewer:
    """Somebody asks for a viewer to be forgotten."""

    actor: Actor
    viewer_id: str
    reason: str


class ViewerUseCases:
    """The operations on viewers and on the days of their events."""

    def __init__(
        self, database: Database, repository: ViewerRepository, hashes: KeyedHash, clock: Clock, ids: Ids
    ) -> None:
        self._database = database
        self._repository = repository
        self._hashes = hashes
        self._clock = clock
        self._ids = ids
        self._log = structlog.get_logger("viewers")

    async def erase(self, command: EraseViewer, once: Guard[ErasedViewer] | None) -> ErasedViewer:
        """Puts a random pseudonym in the viewer's place. It stays theirs, so that what they did is still one person's,
        and a second request finds what came since.
        """

        async def work(tx: Tx) -> ErasedViewer:
            return await self._repository.erase(
                tx,
                command.viewer_id,
                viewer_hash=self._hashes.of("erased viewer", command.viewer_id),
                pseudonym=self._ids.new("pvwr"),
                requested_by=command.actor.user_id,
                reason=command.reason,
            )

        return await self._database.run(work, once=once)

    async def keep_partitions(self) -> None:
        """Makes the days to come, and lets go of those that are past their keeping, one a transaction."""
        today = self._clock.now().date()
        made = await self._database.run(
            lambda tx: self._repository.ensure_partitions(tx, today - BEHIND, today + AHEAD)
        )
        self._log.info("days of events made", days=made)
        while dropped := await self._drop_one():
            self._log.info("day of events dropped", partition=dropped)

    async def _drop_one(self) -> str | None:
        keep_from = self._clock.now().date() - KEPT
        return await self._database.run(lambda tx: self._repository.drop_partition(tx, keep_from))
