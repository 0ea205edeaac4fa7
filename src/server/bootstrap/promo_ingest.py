"""How promo takes events, built."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from server.bootstrap.parts import Beside, Core
from server.core.election import Election
from server.core.grpc.exchange import Layer
from server.core.periodic import every
from server.promo.domain.partitions import CLICK_LOG
from server.promo.hashes import ViewerHashes
from server.promo.ingest.advertisers import Advertisers, AdvertiserWatch
from server.promo.ingest.appending import Appender
from server.promo.ingest.devices import DeviceLayer
from server.promo.ingest.heartbeats import Heartbeats
from server.promo.ingest.lag import LagWatch
from server.promo.ingest.lists import BadList, load_lists
from server.promo.ingest.metrics import IngestMetrics
from server.promo.ingest.reading import EventReader, Reading
from server.promo.ingest.recent import RecentEvents
from server.promo.ingest.repository import IngestRepository
from server.promo.ingest.usecases import IngestUseCases
from server.promo.tokens import TokenVerifier

LOOK_FOR_ADVERTISERS_SECONDS = 2.0
LOOK_FOR_LAG_SECONDS = 1.0
LOOK_FOR_LISTS_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Ingest:
    """Taking events, and what goes on beside it."""

    usecases: IngestUseCases
    watch: AdvertiserWatch
    beside: Sequence[Beside]
    beside_worker: Sequence[Beside]
    layers: Sequence[Layer]


def build(core: Core) -> Ingest:
    settings, clock = core.settings, core.clock
    repository, advertisers, metrics = IngestRepository(), Advertisers(), IngestMetrics(core.registry)
    hashes = ViewerHashes(settings.pepper.get_secret_value().encode())
    watch = AdvertiserWatch(core.database, repository, advertisers, hashes, clock)
    reading = Reading(TokenVerifier(settings.token_keys), hashes, advertisers)
    reader = EventReader(reading, load_lists(settings.promo_lists_dir))
    appender = Appender(core.log, settings.log_partitions, clock, metrics, most_waiting=settings.ingest_waiting_events)
    lag = LagWatch(core.database, repository, core.log, appender, metrics, settings.ingest_lag_records)
    heartbeats = Heartbeats(core.log, repository, settings.log_partitions, clock)

    async def look_for_lists() -> None:
        try:
            reader.use(await asyncio.to_thread(load_lists, settings.promo_lists_dir))
        except BadList as error:
            structlog.get_logger("ingest").error("a list cannot be used; the one before counts", error=str(error))

    async def beat() -> None:
        await Election(settings.listening_url, f"heartbeats:{CLICK_LOG}").run(heartbeats.keep_going)

    return Ingest(
        usecases=IngestUseCases(reader, RecentEvents(clock.now()), appender, clock, metrics),
        watch=watch,
        beside=(
            every(LOOK_FOR_ADVERTISERS_SECONDS, watch.look),
            every(LOOK_FOR_LAG_SECONDS, lag.look),
            every(LOOK_FOR_LISTS_SECONDS, look_for_lists),
        ),
        beside_worker=(beat,),
        layers=(DeviceLayer(watch.saw),),
    )
