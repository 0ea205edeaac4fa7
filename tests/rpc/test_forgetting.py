"""A refused call is gone when it is answered: nothing keeps it until somebody looks for cycles."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

import grpc
import pytest

from callsheet.promo.v1 import events_pb2 as pb
from devstack.ports import free_port
from devstack.roles import DatabaseUrls
from server.adapters.eventlog.columns import EventRow
from server.core.call import Role
from server.core.grpc.exchange import Exchange
from tests.rpc.events import BFF, event, placement
from tests.rpc.harness import Running, as_user, running_server
from tests.support.waiting import eventually

RECORD = "/callsheet.promo.v1.PromoService/RecordEvents"
INGEST = "/callsheet.promo.v1.PromoService/IngestEvents"
CALLS = 5

Metadata: TypeAlias = tuple[tuple[str, str], ...]
Code: TypeAlias = Awaitable[grpc.StatusCode]


@pytest.fixture
async def server(database: DatabaseUrls) -> AsyncIterator[Running]:
    """A server whose log is away."""
    async with running_server(database, log_url=f"redis://127.0.0.1:{free_port()}/0") as running:
        yield running


@contextmanager
def no_collections() -> Iterator[None]:
    """Whatever is freed meanwhile is freed because nothing refers to it."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def held() -> list[object]:
    """Calls, and events on their way into the log."""
    return [one for one in gc.get_objects() if type(one) in (Exchange, EventRow)]


def batch() -> bytes:
    return pb.RecordEventsRequest(events=[event(placement()) for _ in range(3)]).SerializeToString()


async def called(channel: grpc.aio.Channel, message: bytes, metadata: Metadata) -> grpc.StatusCode:
    record: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(RECORD)
    return await record(message, metadata=metadata).code()


async def streamed(channel: grpc.aio.Channel, message: bytes) -> grpc.StatusCode:
    ingest: grpc.aio.StreamStreamMultiCallable[bytes, bytes] = channel.stream_stream(INGEST)
    return await ingest(iter([message] * 3), metadata=BFF).code()


def of_no_service(channel: grpc.aio.Channel) -> Code:
    return called(channel, batch(), as_user("usr_a", Role.USER))


def against_the_rules(channel: grpc.aio.Channel) -> Code:
    return called(channel, b"", BFF)


def into_a_log_that_is_away(channel: grpc.aio.Channel) -> Code:
    return called(channel, batch(), BFF)


def streamed_into_a_log_that_is_away(channel: grpc.aio.Channel) -> Code:
    return streamed(channel, pb.IngestEventsRequest(sequence=1, events=[event(placement())]).SerializeToString())


def streamed_against_the_rules(channel: grpc.aio.Channel) -> Code:
    return streamed(channel, b"")


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (of_no_service, grpc.StatusCode.PERMISSION_DENIED),
        (against_the_rules, grpc.StatusCode.INVALID_ARGUMENT),
        (into_a_log_that_is_away, grpc.StatusCode.UNAVAILABLE),
        (streamed_into_a_log_that_is_away, grpc.StatusCode.UNAVAILABLE),
        (streamed_against_the_rules, grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
async def test_nothing_of_a_refused_call_is_kept(
    server: Running, call: Callable[[grpc.aio.Channel], Code], code: grpc.StatusCode
) -> None:
    await call(server.channel)
    with no_collections():
        before = len(held())
        codes = await asyncio.gather(*[call(server.channel) for _ in range(CALLS)])
        assert set(codes) == {code}

        async def nothing() -> bool:
            return len(held()) <= before

        await eventually(nothing, "the end of everything that the calls had made")
