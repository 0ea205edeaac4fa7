"""Keeps a server's board true: what changes anywhere is on it within a second.

Twice a second it asks what was written since it last asked, and loads that; what other servers have shown and how fast
campaigns go come the same way. A change may be committed a little later than its time says, so each look reaches back a
few seconds; once a minute every campaign is looked at again, for what came later still.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from server.core.clock import Clock
from server.core.db import Database, Tx
from server.core.errors import DependencyDown, Failure
from server.promo.serving.board import Board, Entry
from server.promo.serving.counting import Counts
from server.promo.serving.domain.guard import decayed
from server.promo.serving.metrics import ServingMetrics
from server.promo.serving.repository import SOURCES, Change, ServingRepository
from server.promo.serving.times import seconds

LOOK_EVERY_SECONDS: Final = 0.5
EVERYTHING_EVERY_SECONDS: Final = 60.0
WRITE_EVERY_SECONDS: Final = 60.0
TOO_OLD_SECONDS: Final = 5.0
REACH_BACK: Final = timedelta(seconds=5)
OPEN_FOR: Final = timedelta(minutes=10)
"""After that nothing of an impression counts as open."""
AT_ONCE: Final = 200
PACES_AT_ONCE: Final = 1_000

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Keeper:
    """Owns the board. One task runs it; calls read the board in between, and tell it what they have shown."""

    def __init__(
        self,
        database: Database,
        repository: ServingRepository,
        counts: Counts,
        clock: Clock,
        server: str,
        metrics: ServingMetrics,
    ) -> None:
        self._database = database
        self._repository = repository
        self._counts = counts
        self._clock = clock
        self._server = server
        self._metrics = metrics
        self._board = Board()
        self._since = dict.fromkeys(SOURCES, _BEGINNING)
        self._seen: dict[tuple[str, str], datetime] = {}
        self._exposed_since = _BEGINNING
        self._published = 0
        self._digest = ""
        self._shown: dict[str, Entry] = {}
        self._looked_at: float | None = None
        self._everything_at: float | None = None
        self._written_at: float | None = None
        self._log = structlog.get_logger("serving")

    def board(self) -> Board:
        """The board, if it is true; DependencyDown before it was loaded, and while it cannot be kept up."""
        if self._looked_at is None or _now() - self._looked_at > TOO_OLD_SECONDS:
            raise DependencyDown("postgresql")
        return self._board

    def shown(self, entry: Entry, at: float) -> None:
        """Counts an impression as open, here and soon on the other servers."""
        entry.show(at)
        self._shown[entry.candidate.campaign_id] = entry

    async def run(self) -> None:
        """Looks twice a second for as long as it runs; a database that is away only makes the board old."""
        while True:
            began = _now()
            try:
                await self.look()
            except Failure as failure:
                self._log.warning("the board is not kept up", reason=failure.reason)
            await asyncio.sleep(max(0.05, LOOK_EVERY_SECONDS - (_now() - began)))

    async def look(self) -> None:
        """Brings the board up to now."""
        began, now = _now(), self._clock.now()
        async with self._database.read() as tx:
            if self._everything_at is None or began - self._everything_at >= EVERYTHING_EVERY_SECONDS:
                await self._take_everything(tx, now)
                self._everything_at = began
            await self._take_policies(tx)
            await self._take_changes(tx, now)
            await self._take_paces(tx)
            await self._take_exposures(tx, now)
        await self._publish_exposure(now)
        await self._turn_the_hours()
        self._looked_at = began
        self._metrics.looked(len(self._board), _now() - began)
        if self._written_at is None or began - self._written_at >= WRITE_EVERY_SECONDS:
            self._written_at = began
            await self._counts.write()

    async def _turn_the_hours(self) -> None:
        turned = AT_ONCE
        while turned == AT_ONCE:
            turned = self._board.turn(self._clock.now(), AT_ONCE)
            await asyncio.sleep(0)

    async def _take_everything(self, tx: Tx, now: datetime) -> None:
        """Loads every active campaign, and takes off whatever is no longer among them."""
        self._since = {source: max(since, now - REACH_BACK) for source, since in self._since.items()}
        self._seen.clear()
        gone = set(self._board.campaign_ids)
        after: str | None = None
        while found := await self._repository.active_after(tx, after, AT_ONCE):
            await self._load(tx, found, now)
            gone.difference_update(found)
            after = found[-1]
        for campaign_id in gone:
            self._board.drop(campaign_id)
        self._board.forget_exposures(now - OPEN_FOR)

    async def _take_changes(self, tx: Tx, now: datetime) -> None:
        since = {source: at - REACH_BACK for source, at in self._since.items()}
        new = [change for change in await self._repository.changes(tx, since) if self._is_new(change, now)]
        changed = sorted({change.campaign_id for change in new})
        for first in range(0, len(changed), AT_ONCE):
            await self._load(tx, changed[first : first + AT_ONCE], now)

    def _is_new(self, change: Change, now: datetime) -> bool:
        key = (change.source, change.campaign_id)
        if self._seen.get(key) == change.at:
            return False
        self._seen[key] = change.at
        # A writer whose clock is ahead must not make us blind for what others write until then.
        self._since[change.source] = max(self._since[change.source], min(change.at, now))
        return True

    async def _load(self, tx: Tx, campaign_ids: Sequence[str], now: datetime) -> None:
        """Loads some campaigns and lets calls be answered before the next ones."""
        for known in await self._repository.load(tx, campaign_ids, now):
            self._board.put(known, now)
        await asyncio.sleep(0)

    async def _take_paces(self, tx: Tx) -> None:
        while True:
            paces, self._published = await self._repository.paces(tx, self._published, PACES_AT_ONCE)
            for going in paces:
                self._board.go(going)
            if not paces:
                return
            await asyncio.sleep(0)

    async def _take_policies(self, tx: Tx) -> None:
        digest = await self._repository.policies_digest(tx)
        if digest != self._digest:
            self._board.policies = await self._repository.policies(tx)
            self._digest = digest

    async def _take_exposures(self, tx: Tx, now: datetime) -> None:
        since = max(self._exposed_since - REACH_BACK, now - OPEN_FOR)
        for exposure in await self._repository.exposures(tx, self._server, since):
            self._board.expose(exposure, now)
            self._exposed_since = max(self._exposed_since, min(exposure.as_of, now))

    async def _publish_exposure(self, now: datetime) -> None:
        """Tells the other servers what was shown here since the last look."""
        shown, self._shown = self._shown, {}
        if not shown:
            return
        cents = _open_at(shown.values(), seconds(now))
        try:
            await self._database.run(lambda tx: self._repository.publish_exposure(tx, self._server, cents, now))
        except BaseException:
            self._shown = shown | self._shown
            raise


def _open_at(shown: Iterable[Entry], at: float) -> dict[str, float]:
    """In ascending order of ids, in which every server takes its rows."""
    cents = {entry.candidate.campaign_id: decayed(entry.own_cents, at - entry.own_at) for entry in shown}
    return dict(sorted(cents.items()))


def _now() -> float:
    """Not the clock: how old the board is must not depend on what time somebody says it is."""
    return asyncio.get_running_loop().time()
