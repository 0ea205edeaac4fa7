"""Counts searches and why campaigns were not shown, and writes both down together each minute."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from server.core.db import Database, Tx
from server.promo.domain.day import QUARTER
from server.promo.domain.policy import Place
from server.promo.serving.domain.unserved import Unserved
from server.promo.serving.repository import ServingRepository
from server.promo.serving.times import beginning

_HOUR = timedelta(hours=1)

SAMPLED_ONE_IN: Final = 8


@dataclass(frozen=True, slots=True)
class _Counted:
    searches: Mapping[tuple[datetime, Place], int]
    unserved: Mapping[tuple[datetime, str, Unserved], int]


class Counts:
    """What one server has counted and not yet written."""

    def __init__(self, database: Database, repository: ServingRepository) -> None:
        self._database = database
        self._repository = repository
        self._searches: Counter[tuple[datetime, Place]] = Counter()
        self._unserved: Counter[tuple[datetime, str, Unserved]] = Counter()
        self._since_sample = 0

    def searched(self, place: Place, now: datetime, refused: Mapping[str, Unserved]) -> None:
        """Counts a search. Of one in eight it is kept who was not shown, and why."""
        self._searches[beginning(now, QUARTER), place] += 1
        self._since_sample += 1
        if self._since_sample < SAMPLED_ONE_IN:
            return
        self._since_sample = 0
        hour = beginning(now, _HOUR)
        for campaign_id, reason in refused.items():
            self._unserved[hour, campaign_id, reason] += 1

    async def write(self) -> None:
        """Writes down what was counted; where that fails it is counted on."""
        taken = _Counted(self._searches, self._unserved)
        self._searches, self._unserved = Counter(), Counter()
        if not taken.searches and not taken.unserved:
            return
        try:
            await self._database.run(lambda tx: self._written(tx, taken))
        except BaseException:
            self._searches.update(taken.searches)
            self._unserved.update(taken.unserved)
            raise

    async def _written(self, tx: Tx, counted: _Counted) -> None:
        for bucket in sorted({bucket for bucket, _ in counted.searches}):
            searches = [(place, times) for (at, place), times in counted.searches.items() if at == bucket]
            await self._repository.count_searches(tx, bucket, searches)
        for hour in sorted({hour for hour, _, _ in counted.unserved}):
            samples = [(name, why, times) for (at, name, why), times in counted.unserved.items() if at == hour]
            await self._repository.count_unserved(tx, hour, samples)
