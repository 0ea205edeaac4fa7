"""A running server for tests of RPCs."""

from collections.abc import AsyncIterator

import pytest

from devstack.roles import DatabaseUrls
from tests.rpc.booking_flow import Flow, booking_flow
from tests.rpc.harness import Running, running_server


@pytest.fixture
async def server(database: DatabaseUrls) -> AsyncIterator[Running]:
    async with running_server(database) as running:
        yield running


@pytest.fixture
async def flow(database: DatabaseUrls) -> AsyncIterator[Flow]:
    async with booking_flow(database) as running:
        yield running
