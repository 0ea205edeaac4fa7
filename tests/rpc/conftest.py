"""A running server for tests of RPCs, and what stands beside it where Promo is tested."""

from collections.abc import AsyncIterator

import pytest

from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.roles import DatabaseUrls
from server.core.clock import ManualClock, SystemClock
from tests.rpc.booking_flow import Flow, booking_flow
from tests.rpc.harness import Running, running_server
from tests.rpc.promo_stream import Stream, stream_hand


@pytest.fixture
async def server(database: DatabaseUrls) -> AsyncIterator[Running]:
    async with running_server(database) as running:
        yield running


@pytest.fixture
async def flow(database: DatabaseUrls) -> AsyncIterator[Flow]:
    async with booking_flow(database) as running:
        yield running


@pytest.fixture
def clock() -> ManualClock:
    """For tests that move it on; it stands still otherwise."""
    return ManualClock(SystemClock().now())


@pytest.fixture
async def stream(database: DatabaseUrls, clock: ManualClock) -> AsyncIterator[Stream]:
    """What the click stream does to the database, by hand."""
    async with stream_hand(database, clock) as hand:
        yield hand


@pytest.fixture
def promo(server: Running) -> PromoServiceStub:
    return PromoServiceStub(server.channel)
