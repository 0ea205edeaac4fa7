"""A server that dies while a service tells it of clicks, and while caps move under them: what it took is in the log."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import grpc
from google.protobuf.field_mask_pb2 import FieldMask

from callsheet.promo.v1 import budget_pb2, events_pb2
from callsheet.promo.v1 import campaign_calls_pb2 as calls_pb2
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.program import complete
from server.core.call import Role
from server.core.clock import SystemClock
from tests.processes.serving import Serving, serving
from tests.rpc.events import BFF, HASHES, event, placement
from tests.rpc.harness import as_user, running_server
from tests.rpc.promo import IDS, advertiser, put_policy, terms
from tests.rpc.serving import running_campaign
from tests.streams.harness import PARTITIONS, relaying_server
from tests.streams.world import World

T = TypeVar("T")
PATIENCE_SECONDS = 300.0
CAMPAIGNS = 4
BATCHES = 12
CLICKS = 20
BALANCE_CENTS = 200_000
MERCHANT = "usr_merchant"
OWNER = as_user(MERCHANT)
FINANCE = as_user("usr_finance", Role.FINANCE)
PASSING = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.ABORTED,
)
Call = Callable[[PromoServiceStub], Awaitable[T]]


class Marketplace:
    """A server as a process of its own, and what a service and an advertiser ask of it."""

    def __init__(self, world: World, directory: Path) -> None:
        self._world = world
        self._directory = directory
        self._chance = random.Random(2)  # noqa: S311  a fixed seed, no secret
        self._campaigns = complete(self._opened())
        self._stack = ExitStack()
        # A child ends with the thread that started it: this one lives as long as the marketplace.
        self._starter = ThreadPoolExecutor(1)
        self._server: Serving | None = None
        self._numbers = iter(range(1 << 24))
        self.taken: set[tuple[str, str]] = set()
        """Events that the server said it had taken."""
        self.deaths = 0

    def __enter__(self) -> "Marketplace":
        return self

    def __exit__(self, *raised: object) -> None:
        self._starter.submit(self._stack.close).result()
        self._starter.shutdown()

    def trades(self, *, dies: bool) -> None:
        """A while of clicks and changes; where it dies, in the middle of them, and somebody starts it again."""
        if self._server is None:
            self._server = self._starter.submit(self._started).result()
        complete(asyncio.wait_for(self._trades(dies), PATIENCE_SECONDS))

    async def _trades(self, dies: bool) -> None:
        async with relaying_server(self._world.database, self._world.log):
            answered = asyncio.Semaphore(0)
            batches = list(self._batches())
            dying = asyncio.create_task(
                self._dies_behind(answered, self._chance.randrange(1, BATCHES)) if dies else _no()
            )
            await asyncio.gather(
                *(self._told(batches[number::4], answered) for number in range(4)), self._changed(), dying
            )

    async def _dies_behind(self, answered: asyncio.Semaphore, calls: int) -> None:
        for _ in range(calls):
            await answered.acquire()
        if self._server is None:
            raise AssertionError("it is started before anybody asks it")
        self._server.first.kill()
        await asyncio.to_thread(self._server.first.wait)
        self._server = await asyncio.wrap_future(self._starter.submit(self._started))
        self.deaths += 1

    async def _told(self, batches: Sequence[list[events_pb2.ViewerEvent]], answered: asyncio.Semaphore) -> None:
        for batch in batches:
            answer = await self._insist(partial(_recorded, batch))
            for told, outcome in zip(batch, answer.outcomes, strict=True):
                assert outcome.result != events_pb2.EVENT_RESULT_REJECTED, outcome
                self.taken.add((told.event_id, told.campaign_id))
            answered.release()

    async def _changed(self) -> None:
        """Caps up and down, a pause and its end, and more money: each once, however often it is asked for."""
        for name in self._campaigns:
            await self._insist(partial(_capped, name, self._chance.choice((200, 2_000, 50_000)), IDS.new("key")))
            await self._insist(partial(_paused, name, IDS.new("key")))
            await self._insist(partial(_granted, name, IDS.new("key")))
            await self._insist(partial(_activated, name, IDS.new("key")))

    async def _insist(self, call: Call[T]) -> T:
        """Asks until it is answered, whichever server that is by then."""
        while True:
            server = self._server
            if server is None:
                raise AssertionError("it is started before anybody asks it")
            async with server.channel() as channel:
                try:
                    return await call(PromoServiceStub(channel))
                except grpc.aio.AioRpcError as error:
                    if error.code() not in PASSING:
                        raise
            await asyncio.sleep(0.05)

    def _batches(self) -> Iterator[list[events_pb2.ViewerEvent]]:
        """Clicks of so many people; some come twice, some have a token that nobody signed."""
        last: list[events_pb2.ViewerEvent] = []
        for _ in range(BATCHES):
            fresh = [self._click() for _ in range(CLICKS)]
            yield [*fresh, *last]
            last = self._chance.sample(fresh, 2)

    def _click(self) -> events_pb2.ViewerEvent:
        number = next(self._numbers)
        device = f"device-{number}"
        shown = placement(
            self._chance.choice(self._campaigns),
            issued_at=SystemClock().now() - timedelta(seconds=20),
            viewer_hash=HASHES.viewer("", device),
            price_cents=self._chance.choice((60, 120)),
        )
        clicked = event(
            shown, device=device, ip_address=f"100.{64 + number // 65536}.{number // 256 % 256}.{number % 256}"
        )
        if self._chance.random() < 0.1:
            dearer = event(shown._replace(price_cents=1)).token
            clicked.token = clicked.token[:-8] + dearer[-8:]
        return clicked

    def _started(self) -> Serving:
        settings = {"CALLSHEET_LOG_URL": self._world.log.url, "CALLSHEET_LOG_PARTITIONS": str(PARTITIONS)}
        return self._stack.enter_context(serving(self._world.database, self._directory, **settings))

    async def _opened(self) -> list[str]:
        async with running_server(self._world.database) as server:
            promo = PromoServiceStub(server.channel)
            await put_policy(promo, city="berlin")
            owner = await advertiser(promo, MERCHANT)
            return [await running_campaign(promo, owner, BALANCE_CENTS, MERCHANT) for _ in range(CAMPAIGNS)]


async def _no() -> None:
    """Nothing dies."""


def _recorded(
    batch: Sequence[events_pb2.ViewerEvent], promo: PromoServiceStub
) -> Awaitable[events_pb2.RecordEventsResponse]:
    return promo.RecordEvents(events_pb2.RecordEventsRequest(events=batch), metadata=BFF, timeout=5)


def _capped(name: str, cents: int, key: str, promo: PromoServiceStub) -> Awaitable[object]:
    request = calls_pb2.UpdateCampaignRequest(
        campaign_id=name,
        terms=terms(daily_budget_cents=cents),
        update_mask=FieldMask(paths=["daily_budget_cents"]),
        idempotency_key=key,
    )
    return promo.UpdateCampaign(request, metadata=OWNER, timeout=5)


def _paused(name: str, key: str, promo: PromoServiceStub) -> Awaitable[object]:
    request = calls_pb2.PauseCampaignRequest(campaign_id=name, idempotency_key=key)
    return promo.PauseCampaign(request, metadata=OWNER, timeout=5)


def _activated(name: str, key: str, promo: PromoServiceStub) -> Awaitable[object]:
    request = calls_pb2.ActivateCampaignRequest(campaign_id=name, idempotency_key=key)
    return promo.ActivateCampaign(request, metadata=OWNER, timeout=5)


def _granted(name: str, key: str, promo: PromoServiceStub) -> Awaitable[object]:
    request = budget_pb2.GrantCreditRequest(
        campaign_id=name,
        amount_cents=5_000,
        source=budget_pb2.CREDIT_SOURCE_GRANT,
        reason="for a test",
        idempotency_key=key,
    )
    return promo.GrantCredit(request, metadata=FINANCE, timeout=5)
