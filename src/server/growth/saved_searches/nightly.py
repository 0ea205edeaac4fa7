"""The nightly run: each search once for each day of its zone, one query for all that are equal.

A city is worked off in batches, each one transaction: claim the searches, keep the items that their people were not
told yet, write alert, notification and the mail's job. A worker that dies leaves whole batches behind and nothing half
done; the job that runs again finds the rest still due. Memory holds one batch, however many searches there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Tx
from server.core.ids import Ids
from server.core.jobs import Jobs
from server.growth.notifications.domain import SAVED_SEARCH_ALERT, Notification
from server.growth.notifications.repository import NotificationRepository
from server.growth.saved_searches.domain import SearchScope
from server.growth.saved_searches.matching import Ask, Match, SearchIndex
from server.growth.saved_searches.night_rows import ClaimedSearch, Item, NewAlert, NightRepository, SearchGroup
from server.growth.saved_searches.timers import RUN_CITY, SEND_ALERT

ALERT_HOUR = 7
GROUPS_AT_ONCE = 200
SEARCHES_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class CityRun:
    """The searches of a city whose owners live in one zone, for one day over there."""

    time_zone: str
    day: date
    scope: SearchScope
    city: str

    @property
    def key(self) -> str:
        return f"{self.day.isoformat()}:{self.time_zone}:{self.scope}:{self.city}"


class NightlyRun:
    """Finds what is due and tells people."""

    def __init__(
        self,
        database: Database,
        repository: NightRepository,
        notifications: NotificationRepository,
        index: SearchIndex,
        clock: Clock,
        ids: Ids,
        jobs: Jobs,
    ) -> None:
        self._database = database
        self._repository = repository
        self._notifications = notifications
        self._index = index
        self._clock = clock
        self._ids = ids
        self._jobs = jobs

    async def find_due(self) -> None:
        """Enqueues a run for every city of every zone where it is late enough in the morning."""
        now = self._clock.now()
        async with self._database.read() as tx:
            zones = await self._repository.zones(tx)
        for time_zone in zones:
            local = now.astimezone(ZoneInfo(time_zone))
            if local.hour >= ALERT_HOUR:
                await self._enqueue(time_zone, local.date())

    async def run(self, city: CityRun) -> None:
        """Runs what is due in a city, in batches of equal searches."""
        after = ""
        while True:
            async with self._database.read() as tx:
                through = await self._repository.newest_change(tx, city.scope, city.city)
                groups = await self._repository.due_groups(
                    tx, city.time_zone, city.scope, city.city, city.day, after=after, limit=GROUPS_AT_ONCE
                )
                found = {group.query_hash: await self._found(tx, city, group, through) for group in groups}
            if not groups:
                return
            while await self._tell(city, found, through):
                await point("alerts.told")
            after = groups[-1].query_hash

    async def _enqueue(self, time_zone: str, day: date) -> None:
        async def work(tx: Tx) -> None:
            cities = await self._repository.due_cities(tx, time_zone, day)
            runs = [CityRun(time_zone, day, scope, city) for scope, city in cities]
            payloads = {
                run.key: {"time_zone": time_zone, "day": day.isoformat(), "scope": run.scope.value, "city": run.city}
                for run in runs
            }
            await self._jobs.enqueue_all(tx, RUN_CITY, payloads)

        await self._database.run(work)

    async def _found(self, tx: Tx, city: CityRun, group: SearchGroup, through: int) -> list[Match]:
        """What the group's query finds among the changes that the least informed of its searches has not seen.

        The upper bound was read first: a change that is committed later has a higher number and is left to the next
        day. The statement itself leaves it out, because among the latest few that it tells it would take the place of
        one that no later day looks at.
        """
        changes = range(group.seen_through + 1, through + 1)
        return await self._index.matches(tx, Ask(city.scope, city.city, group.query, changes)) if changes else []

    async def _tell(self, city: CityRun, found: Mapping[str, Sequence[Match]], through: int) -> int:
        """One batch in one transaction; tells how many searches it took."""

        async def work(tx: Tx) -> int:
            now = self._clock.now()
            claimed = await self._repository.claim(
                tx, city.time_zone, city.scope, city.city, city.day, list(found), through, limit=SEARCHES_AT_ONCE
            )
            if any(found.values()):
                alerts = {search.search_id: self._ids.new("ssa") for search in claimed}
                items = items_of(claimed, found, alerts)
                counts = await self._repository.keep_items(tx, items, city.day) if items else {}
                new = [
                    NewAlert(
                        alerts[search.search_id], search.search_id, search.user_id, counts[alerts[search.search_id]]
                    )
                    for search in claimed
                    if alerts[search.search_id] in counts
                ]
                if new:
                    await self._announce(tx, city, new, through, now=now)
            return len(claimed)

        return await self._database.run(work)

    async def _announce(
        self, tx: Tx, city: CityRun, alerts: Sequence[NewAlert], through: int, *, now: datetime
    ) -> None:
        await self._repository.insert_alerts(tx, alerts, city.day, through, now=now)
        told = [
            Notification(
                notification_id=self._ids.new("ntf"),
                user_id=alert.user_id,
                kind=SAVED_SEARCH_ALERT,
                related_id=alert.alert_id,
                payload={"search_id": alert.search_id, "city": city.city, "match_count": alert.match_count},
                read_at=None,
                created_at=now,
            )
            for alert in alerts
        ]
        await self._notifications.insert_all(tx, SAVED_SEARCH_ALERT, told, now=now)
        await self._jobs.enqueue_all(tx, SEND_ALERT, {alert.alert_id: {} for alert in alerts})


def items_of(
    claimed: Sequence[ClaimedSearch], found: Mapping[str, Sequence[Match]], alerts: Mapping[str, str]
) -> list[Item]:
    """What each search would tell: what it has not seen, and nothing of its owner's own.

    In order of person and item, so that two batches meet on the same rows in the same order; of one person's searches
    the oldest comes first and keeps the item.
    """
    items = [
        Item(search.user_id, match.document_id, alerts[search.search_id], match.change_seq)
        for search in sorted(claimed, key=lambda search: search.search_id)
        for match in found[search.query_hash]
        if match.change_seq > search.seen_through and match.owner_user_id != search.user_id
    ]
    return sorted(items, key=lambda item: (item.user_id, item.document_id))
