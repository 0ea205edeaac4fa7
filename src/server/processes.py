"""The long-running processes: how each starts, tells that it is well, and ends."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

import structlog

from server.bootstrap.application import application
from server.bootstrap.parts import Application, Beside
from server.config import LogFormat, Settings
from server.core import crash, logs
from server.core.errors import Failure, PoolExhausted
from server.core.grpc.server import GrpcServer, Limits, Tls, keep_reporting
from server.core.metrics import JobMetrics, PoolMetrics
from server.core.notify import listen
from server.core.relay import OUTBOX_CHANNEL, Relay
from server.core.status_page import status_page
from server.core.worker import JOBS_CHANNEL, Worker, wait_for

HEALTH_EVERY_SECONDS = 2.0
COLLECTIONS = (2_000, 20, 500)
"""How seldom a server looks for cycles among what lives long. What it keeps of campaigns is loaded anew all the time
and has none; to walk all of that takes as long as to answer dozens of calls, which wait meanwhile.
"""


async def serve(settings: Settings, *, alone: bool) -> None:
    """Answers calls until SIGTERM or SIGINT; then stops being healthy, drains, and closes its pools.

    One that is not alone shares its port with others, and leaves the status page to whoever started them all.
    """
    _configure(settings, "server")
    gc.set_threshold(*COLLECTIONS)
    async with application(settings, "server") as app, _stop_signal() as stop:
        health = Health(app)
        server = GrpcServer(
            app.services,
            app.layers,
            limits=Limits(settings.message_limit_bytes, settings.concurrent_calls, settings.streams_per_client),
            with_reflection=settings.reflection,
            shares_port=not alone,
        )
        await server.start(settings.grpc_address, tls_of(settings))
        async with (
            _beside(keep_reporting(server, health.check, HEALTH_EVERY_SECONDS)),
            _beside(listen(settings.listening_url, app.channels, app.core.wakeups)),
            _beside(_all(app.beside)),
        ):
            with _status(settings, settings.metrics_port if alone else None, app, health):
                structlog.get_logger("server").info("serving", address=settings.grpc_address)
                await stop.wait()
                await server.stop(settings.drain_seconds)


async def work(settings: Settings) -> None:
    """Works off jobs and schedules, and relays outgoing events, until SIGTERM or SIGINT; running jobs end first."""
    _configure(settings, "worker")
    async with application(settings, "worker") as app, _stop_signal() as stop:
        health = Health(app, event_log=app.core.log.check)
        worker = Worker(
            app.core.database,
            app.core.jobs,
            app.core.clock,
            app.jobs,
            app.crons,
            JobMetrics(app.core.registry),
            concurrency=settings.worker_concurrency,
        )
        async with (
            _beside(health.keep_checking(stop)),
            _beside(listen(settings.listening_url, [JOBS_CHANNEL, OUTBOX_CHANNEL], app.core.wakeups)),
            _beside(_relay(settings, app)),
            _beside(worker.schedule(stop)),
            _beside(_all(app.beside_worker)),
        ):
            with _status(settings, settings.worker_port, app, health):
                structlog.get_logger("worker").info("working", kinds=len(app.jobs))
                await worker.work(app.core.wakeups, stop)


class Health:
    """Whether what a process depends on answers: the database, and what else is named."""

    def __init__(self, app: Application, **others: Callable[[], Awaitable[None]]) -> None:
        self._app = app
        self._others = others
        self._pool = PoolMetrics(app.core.registry)
        self.checks: dict[str, bool] = dict.fromkeys(("postgresql", *others), False)

    async def check(self) -> bool:
        """Looks now."""
        for name, check in self._others.items():
            self.checks[name] = await _answers(check)
        await self._check_database()
        return all(self.checks.values())

    async def _check_database(self) -> None:
        database = self._app.core.database
        try:
            async with asyncio.timeout(HEALTH_EVERY_SECONDS), database.read() as tx:
                self.checks["postgresql"] = await tx.fetchval("select true") is True
        except PoolExhausted:
            # Busy is not broken: taking a busy server out of rotation would only move the load.
            self.checks["postgresql"] = True
        except (Failure, TimeoutError):
            self.checks["postgresql"] = False
        self._pool.size.set(database.size)
        self._pool.idle.set(database.idle)

    async def keep_checking(self, stop: asyncio.Event) -> None:
        """Looks for as long as the process lives."""
        while not stop.is_set():
            await self.check()
            await wait_for(stop, HEALTH_EVERY_SECONDS)


async def _answers(check: Callable[[], Awaitable[None]]) -> bool:
    try:
        async with asyncio.timeout(HEALTH_EVERY_SECONDS):
            await check()
    except (Failure, TimeoutError):
        return False
    return True


async def _relay(settings: Settings, app: Application) -> None:
    """One relay per topic, each on a connection of its own: a pooler would hand its lock to somebody else."""
    async with asyncio.TaskGroup() as group:
        for route in app.routes:
            group.create_task(Relay(settings.listening_url, route, app.core.wakeups).run())


async def _all(works: Iterable[Beside]) -> None:
    async with asyncio.TaskGroup() as group:
        for work in works:
            group.create_task(work())


def _configure(settings: Settings, process: str) -> None:
    logs.configure(as_json=settings.log_format is LogFormat.JSON, level=settings.log_level, process=process)
    crash.arm(settings.crash_point)


def _status(
    settings: Settings, port: int | None, app: Application, health: Health
) -> AbstractContextManager[int | None]:
    if port is None:
        return nullcontext()
    return status_page(settings.metrics_host, port, app.core.registry, lambda: dict(health.checks))


def tls_of(settings: Settings) -> Tls | None:
    """The server's identity, where it has one."""
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    return Tls(settings.tls_cert, settings.tls_key, settings.tls_client_ca)


@asynccontextmanager
async def _stop_signal() -> AsyncIterator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


@asynccontextmanager
async def _beside(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Runs something beside the block and ends it with the block. Should it fail, the block fails: a process that has
    lost a part of itself is replaced, not kept.
    """
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work)
        try:
            yield
        finally:
            task.cancel()
