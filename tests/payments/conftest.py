"""A sandbox and the adapter for tests of payments."""

from collections.abc import AsyncIterator

import pytest

from tests.payments.sandbox import Keys, Sandbox, running_sandbox


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running_sandbox() as running:
        yield running


@pytest.fixture
def key() -> Keys:
    return Keys()
