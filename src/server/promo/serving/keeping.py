"""Keeps a server's board true: what changes anywhere is on it within a second.

Twice a second it asks what was written since it last asked, and loads that; what other servers have shown and how fast
campaigns go come the same way. A change may be committed a little later than its time says, so each look reaches back a
few seconds; and each look reads some campaigns again, all of them once a minute, for what came later still.
"""

import asyncio
import gc
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final, TypeVar

import structlog

from server.core.clock import Clock
from server.core.db import Database, Tx
from server.core.errors import DependencyDown, Failure
from server.promo.serving.board import Board, Entry
from server.promo.serving.counting import Counts
from server.promo.serving.domain.guard import decayed
from server.promo.serving.metrics import ServingMetrics
from server.promo.serving.repository import MONEY, Change, ServingRepository, Source
from server.promo.serving.times import seconds
from server.promo.switches.repository import SwitchRepository

LOOK_EVERY_SECONDS: Final = 0.5
LOOKS_A_ROUND: Final = 120
"""In so many looks every campaign is read again. All of them at once would make calls wait, and the board old."""
WRITE_EVERY_SECONDS: Final = 60.0
TOO_OLD_SECONDS: Final = 5.0
REACH_BACK: Final = timedelta(seconds=5)
OPEN_FOR: Final = timedelta(minutes=10)
"""After that nothing of an impression counts as open."""
AT_ONCE: Final = 100
PACES_AT_ONCE: Final = 500
BETWEEN_CALLS: Final = 10
"""So many campaigns are taken, then calls are answered that came meanwhile."""
CHANGES_BETWEEN_CALLS: Final = 500

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Keeper:
    """Owns the board. One task runs it; calls read the board in between, and tell it what they have shown."""

    def __init__(
        self,
        database: Database,
        repository: ServingRepository,
        switches: SwitchRepository,
        counts: Counts,
        clock: Clock,
        server: str,
        metrics: ServingMetrics,
    ) -> None:
        self._database = database
        self._repository = repository
        self._switches = switches
        self._counts = counts
        self._clock = clock
        self._server = server
        self._metrics = metrics
        self._board = Board()
        self._asked = _BEGINNING
        self._seen: dict[tuple[Source, str], datetime] = {}
        self._exposures_asked = _BEGINNING
        self._published = 0
        self._digest = ""
        self._shown: dict[str, Entry] = {}
        self._looked_at: float | None = None
        self._loaded = False
        self._read_again_to = ""
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
        """Looks twice a second for as long as it runs, and writes down at its end what was counted."""
        try:
            await self._keep_looking()
        finally:
            await self._write()

    async def _keep_looking(self) -> None:
        """A database that is away only makes the board old."""
        frozen = False
        while True:
            began = _now()
            try:
                await self.look()
            except Failure as failure:
                # What was asked for may not have been taken: everything is looked at again.
                self._loaded = False
                self._log.warning("the board is not kept up", reason=failure.reason)
            else:
                if not frozen:
                    # What was loaded stays. Otherwise the collector walks it again and again, while calls wait.
                    gc.freeze()
                    frozen = True
            await asyncio.sleep(max(0.05, LOOK_EVERY_SECONDS - (_now() - began)))

    async def _write(self) -> None:
        try:
            await self._counts.write()
        except Failure as failure:
            self._log.warning("searches are not written down", reason=failure.reason)

    async def look(self) -> None:
        """Brings the board up to now."""
        began, now = _now(), self._clock.now()
        async with self._database.read() as tx:
            if self._loaded:
                await self._read_again(tx, now)
            else:
                await self._take_everything(tx, now)
                self._loaded = True
            await self._take_policies(tx)
            self._board.switch(await self._switches.get(tx), now)
            await self._take_changes(tx, now)
            await self._take_paces(tx)
            await self._take_exposures(tx, now)
        await self._publish_exposure(now)
        await self._turn_the_hours()
        self._board.wake(self._clock.now())
        self._looked_at = began
        self._metrics.looked(len(self._board), _now() - began)
        if self._written_at is None or began - self._written_at >= WRITE_EVERY_SECONDS:
            self._written_at = began
            await self._write()

    async def _turn_the_hours(self) -> None:
        turned = BETWEEN_CALLS
        while turned == BETWEEN_CALLS:
            turned = self._board.turn(self._clock.now(), BETWEEN_CALLS)
            await asyncio.sleep(0)

    async def _take_everything(self, tx: Tx, now: datetime) -> None:
        """Loads every active campaign, and takes off whatever is no longer among them."""
        self._asked = now
        self._seen.clear()
        self._read_again_to = ""
        while await self._read_some(tx, now, AT_ONCE):
            pass

    async def _read_again(self, tx: Tx, now: datetime) -> None:
        """Reads the next portion of the round; at its end also forgets what nobody needs any more."""
        if not await self._read_some(tx, now, max(AT_ONCE, len(self._board) // LOOKS_A_ROUND)):
            self._board.forget_exposures(now - OPEN_FOR)
            newest = self._asked - 2 * REACH_BACK
            self._seen = {key: at for key, at in self._seen.items() if at >= newest}

    async def _read_some(self, tx: Tx, now: datetime, limit: int) -> bool:
        """Takes the next active campaigns by id, and takes off those between them that are active no longer. False at
        the end of a round, where the next one begins.
        """
        after = self._read_again_to
        found = await self._repository.active_after(tx, after, limit)
        last = found[-1] if len(found) == limit else None
        there = set(found)
        for campaign_id in [one for one in self._board.campaign_ids if after < one and (last is None or one <= last)]:
            if campaign_id not in there:
                self._board.drop(campaign_id)
        await self._load(tx, found, now)
        self._read_again_to = last or ""
        return last is not None

    async def _take_changes(self, tx: Tx, now: datetime) -> None:
        changed: dict[str, set[Source]] = defaultdict(set)
        written = await self._repository.changes(tx, self._asked - REACH_BACK)
        for portion in _portions(written, CHANGES_BETWEEN_CALLS):
            for change in filter(self._is_new, portion):
                changed[change.campaign_id].add(change.source)
            await asyncio.sleep(0)
        self._asked = now
        money = sorted(name for name, sources in changed.items() if sources <= MONEY)
        whole = sorted(changed.keys() - set(money))
        for some in _portions(whole, AT_ONCE):
            await self._load(tx, some, now)
        for some in _portions(money, AT_ONCE):
            await self._fund(tx, some, now)

    def _is_new(self, change: Change) -> bool:
        key = (change.source, change.campaign_id)
        if self._seen.get(key) == change.at:
            return False
        self._seen[key] = change.at
        return True

    async def _load(self, tx: Tx, campaign_ids: Sequence[str], now: datetime) -> None:
        for some in _portions(await self._repository.load(tx, campaign_ids, now), BETWEEN_CALLS):
            for known in some:
                self._board.put(known, now)
            await asyncio.sleep(0)

    async def _fund(self, tx: Tx, campaign_ids: Sequence[str], now: datetime) -> None:
        for some in _portions(await self._repository.budgets(tx, campaign_ids, now), BETWEEN_CALLS):
            for budget in some:
                self._board.fund(budget, now)
            await asyncio.sleep(0)

    async def _take_paces(self, tx: Tx) -> None:
        while True:
            paces, self._published = await self._repository.paces(tx, self._published, PACES_AT_ONCE)
            for some in _portions(paces, AT_ONCE):
                for going in some:
                    self._board.go(going)
                await asyncio.sleep(0)
            if not paces:
                return

    async def _take_policies(self, tx: Tx) -> None:
        digest = await self._repository.policies_digest(tx)
        if digest != self._digest:
            self._board.policies = await self._repository.policies(tx)
            self._digest = digest

    async def _take_exposures(self, tx: Tx, now: datetime) -> None:
        since = max(self._exposures_asked - REACH_BACK, now - OPEN_FOR)
        for exposure in await self._repository.exposures(tx, self._server, since):
            self._board.expose(exposure, now)
        self._exposures_asked = now

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


_T = TypeVar("_T")


def _portions(things: Iterable[_T], size: int) -> Iterator[list[_T]]:
    rest = iter(things)
    while some := list(islice(rest, size)):
        yield some


def _now() -> float:
    """Not the clock: how old the board is must not depend on what time somebody says it is."""
    return asyncio.get_running_loop().time()
