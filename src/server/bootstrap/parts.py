"""What everything is built from and built into."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from prometheus_client import CollectorRegistry

from server.adapters.eventlog.port import EventLog
from server.adapters.mail import Mailer
from server.adapters.objects.port import ObjectStorage
from server.config import Settings
from server.core import db
from server.core.clock import Clock
from server.core.grpc.exchange import Layer
from server.core.grpc.once import IdempotentCalls
from server.core.grpc.server import Service
from server.core.ids import Ids
from server.core.jobs import CronKind, Jobs
from server.core.notify import Wakeups
from server.core.outbox import Outbox
from server.core.pagination import PageTokens
from server.core.relay import Route
from server.core.story import Teller
from server.core.worker import Registered


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
    objects: ObjectStorage
    pages: PageTokens
    wakeups: Wakeups
    calls: IdempotentCalls
    registry: CollectorRegistry


Beside: TypeAlias = Callable[[], Coroutine[None, None, None]]
"""Something that goes on until it is cancelled."""


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
    beside: Sequence[Beside] = ()
    """What a server keeps doing beside answering calls, for as long as it runs."""
    beside_worker: Sequence[Beside] = ()
    """The same of a worker."""
    layers: Sequence[Layer] = ()
    """What the slice wants to see of every call, between who calls and what is asked."""


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
    def beside(self) -> list[Beside]:
        return [task for part in self.slices for task in part.beside]

    @property
    def crons(self) -> list[CronKind]:
        return [cron for part in self.slices for cron in part.crons]

    @property
    def tellers(self) -> dict[str, Teller]:
        return {prefix: teller for part in self.slices for prefix, teller in part.tellers.items()}

    @property
    def beside_worker(self) -> list[Beside]:
        return [work for part in self.slices for work in part.beside_worker]

    @property
    def routes(self) -> list[Route]:
        return [route for part in self.slices for route in part.routes]
