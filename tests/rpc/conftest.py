"""A running server for tests of RPCs."""

from collections.abc import AsyncIterator

import pytest

from devstack.roles import DatabaseUrls
from tests.rpc.harness import Running, running_server


@pytest.fixture
async def server(database: DatabaseUrls) -> AsyncIterator[Running]:
    async with running_server(database) as running:
        yield running
