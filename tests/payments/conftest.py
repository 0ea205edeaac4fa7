"""A sandbox, the adapter, and the slice over both, on one clock that tests move by hand."""

from collections.abc import AsyncIterator

import pytest

from devstack.roles import DatabaseUrls
from server.core.clock import ManualClock, SystemClock
from tests.payments.sandbox import Keys, Sandbox, running_sandbox
from tests.payments.slice import Slice, payments_slice


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(SystemClock().now())


@pytest.fixture
async def sandbox(clock: ManualClock) -> AsyncIterator[Sandbox]:
    async with running_sandbox(clock=clock) as running:
        yield running


@pytest.fixture
async def part(database: DatabaseUrls, sandbox: Sandbox, clock: ManualClock) -> AsyncIterator[Slice]:
    async with payments_slice(database, sandbox, clock) as running:
        yield running


@pytest.fixture
def key() -> Keys:
    return Keys()
