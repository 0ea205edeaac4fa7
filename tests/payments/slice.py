"""The payments slice over a real database and a sandbox, put together as the composition root does."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from aiohttp import web
from prometheus_client import CollectorRegistry

from devstack.roles import DatabaseUrls
from server.adapters.stripe.client import StripeProcessor
from server.adapters.stripe.requests import Request
from server.adapters.stripe.webhooks import ProcessorEvent
from server.core.clock import Clock, ManualClock
from server.core.db import Database, connect
from server.core.errors import Failure
from server.core.ids import SystemIds
from server.core.jobs import Job, JobKind, Jobs
from server.core.metrics import JobMetrics
from server.core.secrecy import KeyedHash
from server.core.worker import Registered, Worker
from server.payments import jobs as payment_jobs
from server.payments.domain import Owner, SliceName, StoredCall
from server.payments.ports import EventHandler, Park
from server.payments.repository import CallRepository, InboxRepository, WalletRepository
from server.payments.usecases.calls import Calls
from server.payments.usecases.inbox import Inbox
from server.payments.usecases.wallets import CardWallets, hooks
from tests.payments.sandbox import Sandbox

SECRET = "whsec_test"
ORDER = Owner(SliceName.BOOKING, "order", "ord_1")
REPLY = JobKind("booking.payment_settled", "tells the order what came of its payment")


@dataclass(slots=True)
class Booking:
    """Stands for a slice that pays: what it was told by events and by outcomes."""

    events: list[tuple[ProcessorEvent, Owner]] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    parks: list[str] = field(default_factory=list)

    async def on_event(self, event: ProcessorEvent, owner: Owner) -> None:
        if self.parks:
            raise Park(self.parks.pop(0))
        self.events.append((event, owner))

    async def on_reply(self, job: Job) -> None:
        self.replies.append(job.text("call_id"))

    @property
    def types(self) -> list[str]:
        return [event.type for event, _ in self.events]

    def handlers(self) -> Mapping[str, EventHandler]:
        types = ("payment_intent.succeeded", "charge.succeeded", "charge.dispute.created", "charge.refunded")
        return dict.fromkeys(types, self.on_event)


@dataclass(frozen=True, slots=True)
class Slice:
    """The slice, its neighbours, and a clock that is moved by hand."""

    database: Database
    clock: ManualClock
    jobs: Jobs
    calls: Calls
    inbox: Inbox
    wallets: CardWallets
    booking: Booking

    def worker(self) -> Worker:
        registered = [
            *payment_jobs.registered(self.calls, self.inbox, self.wallets),
            Registered(REPLY, self.booking.on_reply),
        ]
        metrics = JobMetrics(CollectorRegistry())
        return Worker(self.database, self.jobs, self.clock, registered, payment_jobs.CRONS, metrics, concurrency=4)

    async def work(self, *, wait: timedelta = timedelta(0)) -> int:
        """Runs what is due once the clock moved on; how many runs that took."""
        self.clock.advance(wait)
        return await self.worker().run_due()

    async def store(self, request: Request, key: str, *, reply: JobKind | None = None) -> StoredCall:
        return await self.database.run(lambda tx: self.calls.store(tx, request, key=key, owner=ORDER, reply=reply))

    async def get(self, call_id: str) -> StoredCall:
        async with self.database.read() as tx:
            return await self.calls.get(tx, call_id)

    async def events(self) -> list[tuple[str, str, str | None]]:
        """Type, status and reason of everything in the inbox, as it came."""
        async with self.database.read() as tx:
            rows = await tx.fetch(
                "select type, status, reason from payments.webhook_event order by received_at, event_id"
            )
        return [(row["type"], row["status"], row["reason"]) for row in rows]


def calls_over(database: Database, processor: StripeProcessor, clock: Clock) -> tuple[Calls, WalletRepository, Jobs]:
    ids = SystemIds(clock)
    jobs = Jobs(clock, ids)
    wallets = WalletRepository(KeyedHash(b"pepper"))
    calls = Calls(database, CallRepository(), InboxRepository(), processor, jobs, clock, ids, hooks(wallets, clock))
    return calls, wallets, jobs


@asynccontextmanager
async def payments_slice(urls: DatabaseUrls, sandbox: Sandbox, clock: ManualClock) -> AsyncIterator[Slice]:
    booking = Booking()
    async with connect(urls.app_url, application="test", size=8) as database:
        calls, repository, jobs = calls_over(database, sandbox.processor, clock)
        wallets = CardWallets(database, repository, calls, sandbox.processor, jobs, clock)
        inbox = Inbox(
            database,
            InboxRepository(),
            CallRepository(),
            jobs,
            clock,
            secrets=[SECRET],
            livemode=False,
            subscriptions={SliceName.BOOKING: booking.handlers(), SliceName.PAYMENTS: wallets.handlers()},
        )
        yield Slice(database, clock, jobs, calls, inbox, wallets, booking)


@asynccontextmanager
async def receiving(part: Slice, sandbox: Sandbox) -> AsyncIterator[None]:
    """An HTTP endpoint before the inbox, to which the sandbox delivers."""
    async with delivering(sandbox, part.inbox.receive, Failure):
        yield


@asynccontextmanager
async def delivering(
    sandbox: Sandbox, receive: Callable[[bytes, str], Awaitable[object]], refusal: type[Exception]
) -> AsyncIterator[None]:
    """The sandbox delivers bodies and signatures, again where they are refused; after the block it rests."""

    async def take(request: web.Request) -> web.Response:
        try:
            await receive(await request.read(), request.headers.get("Stripe-Signature", ""))
        except refusal:
            return web.Response(status=400)
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        await sandbox.switches.post("webhooks", url=url, secret=SECRET)
        yield
    finally:
        await sandbox.switches.post("webhooks", url="")
        await runner.cleanup()
