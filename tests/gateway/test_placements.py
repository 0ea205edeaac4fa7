"""The mobile backend's way to sponsored listings: JSON over HTTP, before the real server."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.roles import DatabaseUrls
from server.core.call import Role
from tests.gateway.running import Gateway, running_gateway
from tests.rpc.harness import Running, running_server, token
from tests.rpc.promo import advertiser, put_policy
from tests.rpc.serving import looked, running_campaign, said, serves

SEARCH = {
    "surface": "SURFACE_PEOPLE_SEARCH",
    "role": "photographer",
    "city": "berlin",
    "query_hash": "portraits",
    "device": "phone-1",
    "organic_count": 20,
}


@pytest.fixture
async def server(database: DatabaseUrls) -> AsyncIterator[Running]:
    async with running_server(database, beside=True) as running:
        yield running


@pytest.fixture
def gateway(gateway_binary: Path, tmp_path: Path, server: Running) -> Iterator[Gateway]:
    with running_gateway(gateway_binary, tmp_path / "gateway.log", server.address) as running:
        yield running


async def test_a_page_gets_its_sponsored_listings(server: Running, http: aiohttp.ClientSession) -> None:
    promo = PromoServiceStub(server.channel)
    await put_policy(promo, city="berlin")
    await looked(server)
    name = await running_campaign(promo, await advertiser(promo))
    await serves(promo, name)
    headers = {"Authorization": f"Bearer {token('svc_bff', Role.SERVICE)}"}
    async with http.post("/v1/placements:select", json=SEARCH, headers=headers) as answer:
        body = await answer.json()
        assert answer.status == 200, body
    [placement] = body["placements"]
    assert (placement["position"], placement["format"], placement["campaign_id"]) == (1, "FORMAT_FEATURED", name)
    assert said(placement["token"]).impression_id == placement["impression_id"]
    async with http.post("/v1/placements:select", json=SEARCH | {"role": ""}, headers=headers) as answer:
        body = await answer.json()
        assert (answer.status, body["reason"]) == (400, "FIELD_INVALID")
