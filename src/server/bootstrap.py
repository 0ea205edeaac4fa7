"""The one place where parts are put together. Everything below gets what it needs handed in."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from prometheus_client import CollectorRegistry

from callsheet.booking.v1 import booking_pb2
from callsheet.directory.v1 import directory_pb2
from callsheet.growth.v1 import growth_pb2
from callsheet.promo.v1 import promo_pb2
from callsheet.support.v1 import support_pb2
from server.adapters.eventlog import delivery
from server.adapters.eventlog.port import EventLog
from server.adapters.eventlog.valkey import valkey_log
from server.adapters.mail import Mailer, mailer
from server.booking.jobs import registered as booking_jobs
from server.booking.outgoing import ORDERS, OrderFeed
from server.booking.repository import BookingRepository
from server.booking.servicer import BookingServicer
from server.booking.story import OrderTeller
from server.booking.usecases import EVENTS_CHANNEL as ORDER_EVENTS
from server.booking.usecases import BookingUseCases
from server.config import Settings
from server.core import db, housekeeping, tracing
from server.core.clock import Clock, SystemClock
from server.core.grpc.auth import Authenticator, Expected, KeySetVerifier, SharedKeyVerifier, Verifier
from server.core.grpc.exchange import Layer
from server.core.grpc.layers import (
    AuthLayer,
    ContextLayer,
    FailureLayer,
    ObservationLayer,
    RateLayer,
    ValidationLayer,
)
from server.core.grpc.once import IdempotentCalls
from server.core.grpc.server import Service
from server.core.ids import Ids, SystemIds
from server.core.jobs import CronKind, Jobs
from server.core.metrics import CallMetrics
from server.core.notify import Wakeups
from server.core.outbox import Outbox
from server.core.pagination import PageTokens
from server.core.relay import Route
from server.core.secrecy import KeyedHash, Sealed
from server.core.story import Teller
from server.core.worker import Registered
from server.directory.repository import DirectoryRepository
from server.directory.servicer import DirectoryServicer
from server.directory.usecases import DirectoryUseCases
from server.growth.jobs import alert_jobs
from server.growth.notifications.repository import NotificationRepository
from server.growth.notifications.unsubscribing import UnsubscribeTokens
from server.growth.notifications.usecases import NotificationUseCases
from server.growth.saved_searches.document_rows import SearchDocumentRepository
from server.growth.saved_searches.documents import SearchDocumentUseCases
from server.growth.saved_searches.mail_rows import MailRepository
from server.growth.saved_searches.mailing import AlertMails
from server.growth.saved_searches.matching import PostgresSearchIndex
from server.growth.saved_searches.night_rows import NightRepository
from server.growth.saved_searches.nightly import NightlyRun
from server.growth.saved_searches.repository import SavedSearchRepository
from server.growth.saved_searches.timers import CRONS as ALERT_CRONS
from server.growth.saved_searches.usecases import SavedSearchUseCases
from server.growth.servicer import GrowthServicer
from server.promo.advertisers.repository import AdvertiserRepository
from server.promo.advertisers.usecases import AdvertiserUseCases
from server.promo.campaigns.repository import CampaignRepository
from server.promo.campaigns.usecases import CampaignUseCases
from server.promo.outgoing import CLICKS, SET_ASIDE, ControlFeed, place
from server.promo.servicer import PromoServicer
from server.support.cases.book import CaseBook
from server.support.cases.handling import Handling
from server.support.cases.jobs import registered as case_jobs
from server.support.cases.merging import Merging
from server.support.cases.opening import Opening
from server.support.cases.overseeing import Overseeing
from server.support.cases.reading import EVENTS_CHANNEL as CASE_EVENTS
from server.support.cases.reading import Reading
from server.support.cases.repository import CaseRepository
from server.support.cases.talking import Talking
from server.support.servicer import SupportServicer, SupportUseCases
from server.support.sla.repository import SlaRepository


@dataclass(frozen=True, slots=True)
class Core:
    """What every slice is built from."""

    settings: Settings
    clock: Clock
    ids: Ids
    database: db.Database
    jobs: Jobs
    outbox: Outbox
    log: EventLog
    mailer: Mailer
    pages: PageTokens
    wakeups: Wakeups
    calls: IdempotentCalls
    registry: CollectorRegistry


@dataclass(frozen=True, slots=True)
class Slice:
    """What a slice contributes: services for the server; jobs, schedules and topics for the worker; stories."""

    services: Sequence[Service] = ()
    jobs: Sequence[Registered] = ()
    crons: Sequence[CronKind] = ()
    routes: Sequence[Route] = ()
    channels: Sequence[str] = ()
    """What the database notifies those of who wait for something of the slice."""
    tellers: Mapping[str, Teller] = field(default_factory=dict)
    """Who tells the story of a thing, by the prefix of its id."""


@dataclass(frozen=True, slots=True)
class Application:
    """Everything, built."""

    core: Core
    slices: Sequence[Slice]
    layers: Sequence[Layer] = field(default_factory=tuple)

    @property
    def services(self) -> list[Service]:
        return [service for part in self.slices for service in part.services]

    @property
    def jobs(self) -> list[Registered]:
        return [entry for part in self.slices for entry in part.jobs]

    @property
    def channels(self) -> list[str]:
        return [channel for part in self.slices for channel in part.channels]

    @property
    def crons(self) -> list[CronKind]:
        return [cron for part in self.slices for cron in part.crons]

    @property
    def tellers(self) -> dict[str, Teller]:
        return {prefix: teller for part in self.slices for prefix, teller in part.tellers.items()}

    @property
    def routes(self) -> list[Route]:
        return [route for part in self.slices for route in part.routes]


@asynccontextmanager
async def application(
    settings: Settings,
    process: str,
    *,
    clock: Clock | None = None,
    registry: CollectorRegistry | None = None,
    observer: db.ObserverFactory | None = None,
) -> AsyncIterator[Application]:
    """Builds everything for one process and takes it down again in reverse order."""
    async with AsyncExitStack() as stack:
        core = await _core(stack, settings, process, clock or SystemClock(), registry or CollectorRegistry(), observer)
        slices = (
            _housekeeping(core),
            _event_log(core),
            _directory(core),
            _booking(core),
            _promo(core),
            _growth(core),
            _support(core),
        )
        yield Application(core, slices, _layers(stack, core, process))


async def _core(
    stack: AsyncExitStack,
    settings: Settings,
    process: str,
    clock: Clock,
    registry: CollectorRegistry,
    observer: db.ObserverFactory | None,
) -> Core:
    ids = SystemIds(clock)
    database = await stack.enter_async_context(
        db.connect(
            settings.database_url.get_secret_value(),
            application=f"callsheet-{process}",
            size=settings.database_pool_size,
            pooler=settings.database_pooler,
            observe=observer,
        )
    )
    log = await stack.enter_async_context(
        valkey_log(settings.log_url.get_secret_value(), clock, partition_bytes=settings.log_partition_bytes)
    )
    mails = await stack.enter_async_context(mailer(settings.smtp_url.get_secret_value(), settings.mail_from))
    return Core(
        settings=settings,
        clock=clock,
        ids=ids,
        database=database,
        jobs=Jobs(clock, ids),
        outbox=Outbox(clock),
        log=log,
        mailer=mails,
        pages=PageTokens({1: settings.page_token_key.get_secret_value().encode()}, clock),
        wakeups=Wakeups(),
        calls=IdempotentCalls(clock),
        registry=registry,
    )


def _layers(stack: AsyncExitStack, core: Core, process: str) -> list[Layer]:
    settings = core.settings
    layers: list[Layer] = [ContextLayer(core.ids, settings.default_deadline_seconds)]
    if settings.otel_endpoint:
        layers.append(stack.enter_context(tracing.tracing(process)))
    layers += [
        ObservationLayer(CallMetrics(core.registry)),
        FailureLayer(),
        AuthLayer(Authenticator(_verifier(settings), core.clock)),
        RateLayer(MovingWindowRateLimiter(MemoryStorage()), RateLimitItemPerSecond(settings.calls_per_second)),
        ValidationLayer(settings.message_limit_bytes),
    ]
    return layers


def _verifier(settings: Settings) -> Verifier:
    expected = Expected(settings.jwt_issuer, settings.jwt_audience)
    if settings.jwks_url:
        return KeySetVerifier(settings.jwks_url, expected)
    return SharedKeyVerifier(settings.jwt_key.get_secret_value(), expected)


def _housekeeping(core: Core) -> Slice:
    return Slice(
        jobs=housekeeping.registered(core.database, core.clock, core.settings.invariants), crons=housekeeping.CRONS
    )


def _event_log(core: Core) -> Slice:
    return Slice(jobs=delivery.retention(core.log, core.clock, [ORDERS, SET_ASIDE]), crons=delivery.CRONS)


def _directory(core: Core) -> Slice:
    hashes = KeyedHash(core.settings.pepper.get_secret_value().encode())
    repository = DirectoryRepository(Sealed(core.settings.personal_data_key), hashes)
    usecases = DirectoryUseCases(core.database, repository, core.clock, core.ids)
    servicer = DirectoryServicer(usecases, core.calls)
    return Slice(services=[Service(directory_pb2.DESCRIPTOR.services_by_name["DirectoryService"], servicer)])


def _booking(core: Core) -> Slice:
    repository = BookingRepository(core.ids)
    usecases = BookingUseCases(
        core.database,
        repository,
        core.clock,
        core.ids,
        core.jobs,
        OrderFeed(core.outbox),
        core.pages,
        core.wakeups,
    )
    return Slice(
        services=[
            Service(booking_pb2.DESCRIPTOR.services_by_name["BookingService"], BookingServicer(usecases, core.calls))
        ],
        jobs=booking_jobs(usecases),
        channels=[ORDER_EVENTS],
        routes=[Route(ORDERS, delivery.Delivery(core.log, ORDERS, partitions=1))],
        tellers={"ord": OrderTeller(repository)},
    )


def _growth(core: Core) -> Slice:
    hashes = KeyedHash(core.settings.pepper.get_secret_value().encode())
    people = DirectoryRepository(Sealed(core.settings.personal_data_key), hashes)
    tokens = UnsubscribeTokens(hashes)
    told, documents, index = NotificationRepository(), SearchDocumentRepository(), PostgresSearchIndex()
    searches = SavedSearchUseCases(
        core.database, SavedSearchRepository(), documents, index, people, core.clock, core.ids, core.pages
    )
    nightly = NightlyRun(core.database, NightRepository(), told, index, core.clock, core.ids, core.jobs)
    mails = AlertMails(core.database, MailRepository(), told, people, core.mailer, tokens, core.settings.public_url)
    servicer = GrowthServicer(
        searches,
        SearchDocumentUseCases(core.database, documents, core.clock),
        NotificationUseCases(core.database, told, tokens, core.clock, core.pages),
        core.calls,
    )
    return Slice(
        services=[Service(growth_pb2.DESCRIPTOR.services_by_name["GrowthService"], servicer)],
        jobs=alert_jobs(nightly, mails),
        crons=ALERT_CRONS,
    )


def _promo(core: Core) -> Slice:
    advertisers = AdvertiserRepository()
    servicer = PromoServicer(
        AdvertiserUseCases(core.database, advertisers, core.clock, core.ids),
        CampaignUseCases(
            core.database,
            CampaignRepository(),
            advertisers,
            core.clock,
            core.ids,
            ControlFeed(core.outbox, core.clock),
            core.pages,
        ),
        core.calls,
    )
    partitions = core.settings.log_partitions
    return Slice(
        services=[Service(promo_pb2.DESCRIPTOR.services_by_name["PromoService"], servicer)],
        routes=[Route(CLICKS, delivery.Delivery(core.log, CLICKS, partitions, place(partitions)))],
    )


def _support(core: Core) -> Slice:
    repository = CaseRepository(core.ids)
    book = CaseBook(repository, SlaRepository(), core.clock, core.ids, core.jobs)
    usecases = SupportUseCases(
        opening=Opening(core.database, book, BookingRepository(core.ids), core.ids),
        reading=Reading(core.database, repository, core.clock, core.pages, core.wakeups),
        talking=Talking(core.database, book),
        handling=Handling(core.database, book),
        merging=Merging(core.database, repository, book),
    )
    servicer = SupportServicer(usecases, core.calls)
    return Slice(
        services=[Service(support_pb2.DESCRIPTOR.services_by_name["SupportService"], servicer)],
        jobs=case_jobs(Overseeing(core.database, repository, book)),
        channels=[CASE_EVENTS],
    )
