"""Who a campaign's advertiser is, as far as ingest must know: their account, and the devices they were seen on.

Both are held in memory and brought up to date every few seconds, so that an event costs no query. While the database is
away, what was known goes on counting.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from server.core.clock import Clock
from server.core.db import Database, Tx
from server.core.errors import Failure
from server.core.ids import encode, uuid7
from server.promo.hashes import ViewerHashes
from server.promo.ingest.events import AdvertiserLink
from server.promo.ingest.repository import Device, IngestRepository, Owner

KNOWN_FOR = timedelta(days=90)
LOOK_BACK = timedelta(minutes=5)
"""A row is stored a little later than it says; a transaction that takes longer than this does not exist."""

AT_ONCE = 250
"""So many campaigns are read at once: calls wait while they are taken in."""

NOTE_AGAIN_AFTER = timedelta(hours=1)
MOST_NOTED = 1_000


class Advertisers:
    """What is known of advertisers now."""

    def __init__(self) -> None:
        self._owners: dict[str, Owner] = {}
        self._devices: dict[str, dict[str, datetime]] = {}
        self._people: set[str] = set()

    def link(self, campaign_id: str, user_id: str | None, device_hash: str | None) -> str | None:
        """By what the viewer is known as the campaign's own advertiser; None where they are not."""
        owner = self._owners.get(campaign_id)
        if owner is None:
            return None
        if user_id == owner.user_id:
            return AdvertiserLink.ACCOUNT.value
        devices = self._devices.get(owner.advertiser_id)
        if devices is None or device_hash not in devices:
            return None
        return AdvertiserLink.DEVICE.value

    def is_one(self, user_id: str) -> bool:
        """Whether a person has ever had a campaign."""
        return user_id in self._people

    def own(self, owners: Sequence[Owner]) -> None:
        """Takes in whose campaigns are."""
        for owner in owners:
            self._owners[owner.campaign_id] = owner
            self._people.add(owner.user_id)

    def use(self, devices: Sequence[Device], forget_before: datetime) -> None:
        """Takes in what devices were seen, and forgets those that were last seen too long ago."""
        for device in devices:
            self._devices.setdefault(device.advertiser_id, {})[device.device_hash] = device.last_seen_at
        for known in self._devices.values():
            for device_hash in [one for one, seen_at in known.items() if seen_at < forget_before]:
                del known[device_hash]


class AdvertiserWatch:
    """Keeps `Advertisers` up to date, and notes the devices that they are seen on."""

    def __init__(
        self,
        database: Database,
        repository: IngestRepository,
        advertisers: Advertisers,
        hashes: ViewerHashes,
        clock: Clock,
    ) -> None:
        self._database = database
        self._repository = repository
        self._advertisers = advertisers
        self._hashes = hashes
        self._clock = clock
        self._looked_at: datetime | None = None
        self._seen: set[tuple[str, str]] = set()
        self._noted: dict[tuple[str, str], datetime] = {}

    def saw(self, user_id: str, device: str) -> None:
        """Somebody who is logged in calls from a device. It is noted soon, and not again within the hour."""
        if not self._advertisers.is_one(user_id) or len(self._seen) >= MOST_NOTED:
            return
        pair = (user_id, self._hashes.device(device))
        noted_at = self._noted.get(pair)
        if noted_at is None or self._clock.now() - noted_at >= NOTE_AGAIN_AFTER:
            self._seen.add(pair)

    async def forget_devices(self) -> None:
        """Forgets devices that were not seen for ninety days."""
        long_ago = self._clock.now() - KNOWN_FOR
        await self._database.run(lambda tx: self._repository.forget_devices(tx, seen_before=long_ago))

    async def look(self) -> None:
        """Writes down what was seen, and reads what is new."""
        now = self._clock.now()
        try:
            await self._note(now)
            async with self._database.read() as tx:
                await self._read(tx, now)
        except Failure as failure:
            structlog.get_logger("ingest").warning("advertisers are as they were", reason=failure.reason)

    async def _note(self, now: datetime) -> None:
        seen = sorted(self._seen)
        if not seen:
            return
        await self._database.run(lambda tx: self._repository.note_devices(tx, seen, now))
        self._seen.difference_update(seen)
        self._noted = {pair: at for pair, at in self._noted.items() if now - at < NOTE_AGAIN_AFTER}
        self._noted.update(dict.fromkeys(seen, now))

    async def _read(self, tx: Tx, now: datetime) -> None:
        long_ago = now - KNOWN_FOR
        since = long_ago if self._looked_at is None else self._looked_at - LOOK_BACK
        after = "" if self._looked_at is None else f"pcmp_{encode(uuid7(since, 0))}"
        while owners := await self._repository.owners(tx, after=after, limit=AT_ONCE):
            self._advertisers.own(owners)
            after = owners[-1].campaign_id
        self._advertisers.use(await self._repository.devices(tx, seen_after=since), long_ago)
        self._looked_at = now
