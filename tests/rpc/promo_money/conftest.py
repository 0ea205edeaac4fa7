"""A server with a processor, and a campaign to pay into."""

from collections.abc import AsyncIterator

import pytest

from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.roles import DatabaseUrls
from server.core.clock import ManualClock
from tests.payments.sandbox import Sandbox, running_sandbox
from tests.rpc.harness import Running
from tests.rpc.promo import advertiser, campaign
from tests.rpc.promo_paying import paying_server


@pytest.fixture
async def sandbox(clock: ManualClock) -> AsyncIterator[Sandbox]:
    async with running_sandbox(clock=clock) as running:
        yield running


@pytest.fixture
async def server(database: DatabaseUrls, sandbox: Sandbox, clock: ManualClock) -> AsyncIterator[Running]:
    async with paying_server(database, sandbox, clock=clock) as running:
        yield running


@pytest.fixture
async def name(promo: PromoServiceStub) -> str:
    """A campaign of the advertiser."""
    return (await campaign(promo, await advertiser(promo))).campaign_id
