"""The gateway before the real server: what its layers say reaches a client over HTTP as documented."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from devstack.roles import DatabaseUrls
from tests.gateway.running import Gateway, running_gateway
from tests.rpc.harness import Running, running_server, token


@pytest.fixture
async def server(database: DatabaseUrls) -> AsyncIterator[Running]:
    async with running_server(database) as running:
        yield running


@pytest.fixture
def gateway(gateway_binary: Path, tmp_path: Path, server: Running) -> Iterator[Gateway]:
    with running_gateway(gateway_binary, tmp_path / "gateway.log", server.address) as running:
        yield running


PROFILE = {"title": "Studio 7", "city": "berlin", "hourly_cents": "12000", "currency": "usd"}


def bearer(user_id: str, **headers: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(user_id)}", **headers}


async def test_the_server_is_healthy_through_the_gateway(http: aiohttp.ClientSession) -> None:
    async with http.get("/healthz") as answer:
        assert answer.status == 200


async def test_a_repeated_call_is_one_effect_and_says_so(http: aiohttp.ClientSession) -> None:
    headers = bearer("usr_provider", **{"Idempotency-Key": "attempt-1"})
    async with http.post("/v1/serviceProfiles", json=PROFILE, headers=headers) as answer:
        first = await answer.json()
        assert answer.status == 200, first
        assert "Idempotent-Replay" not in answer.headers
    async with http.post("/v1/serviceProfiles", json=PROFILE, headers=headers) as answer:
        assert (answer.status, await answer.json()) == (200, first)
        assert answer.headers["Idempotent-Replay"] == "true"
    async with http.post("/v1/serviceProfiles", json=PROFILE | {"title": "Other"}, headers=headers) as answer:
        assert (answer.status, (await answer.json())["reason"]) == (400, "IDEMPOTENCY_KEY_REUSED")


async def test_without_a_token_there_is_a_challenge(http: aiohttp.ClientSession) -> None:
    async with http.get("/v1/orders/ord_1") as answer:
        assert (answer.status, (await answer.json())["reason"]) == (401, "TOKEN_MISSING")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    async with http.get("/v1/orders/ord_1", headers={"Authorization": "Bearer nonsense"}) as answer:
        assert (answer.status, (await answer.json())["reason"]) == (401, "TOKEN_INVALID")
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


async def test_a_forged_delegation_changes_nothing(http: aiohttp.ClientSession) -> None:
    headers = bearer("usr_provider", **{"X-On-Behalf-Of": "usr_victim"})
    async with http.post("/v1/serviceProfiles", json=PROFILE, headers=headers) as answer:
        assert (await answer.json())["service_profile"]["provider_user_id"] == "usr_provider"


async def test_a_broken_rule_names_its_field(http: aiohttp.ClientSession) -> None:
    async with http.post(
        "/v1/serviceProfiles", json=PROFILE | {"hourly_cents": "-1"}, headers=bearer("usr_provider")
    ) as answer:
        body = await answer.json()
    assert (answer.status, body["reason"]) == (400, "FIELD_INVALID")
    assert [each["field"] for each in body["details"][1]["field_violations"]] == ["hourly_cents"]


async def test_a_thing_that_does_not_exist(http: aiohttp.ClientSession) -> None:
    async with http.get("/v1/orders/ord_nothing", headers=bearer("usr_buyer")) as answer:
        body = await answer.json()
    assert (answer.status, body["reason"]) == (404, "NOT_FOUND")
    assert answer.headers["X-Correlation-Id"] == body["details"][0]["metadata"]["correlation_id"]
