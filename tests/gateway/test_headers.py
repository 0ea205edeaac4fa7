"""Which headers pass, in both directions."""

import aiohttp
import pytest

from tests.gateway.fake import Seen
from tests.gateway.running import Gateway

pytestmark = pytest.mark.usefixtures("fake_server")


async def test_only_the_listed_headers_reach_the_server(http: aiohttp.ClientSession, seen: Seen) -> None:
    passed = {
        "authorization": "Bearer abc",
        "idempotency-key": "key-1",
        "x-correlation-id": "cor_of_the_caller",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "tracestate": "vendor=1",
    }
    dropped = {
        "x-on-behalf-of": "usr_somebody",
        "grpc-metadata-x-on-behalf-of": "usr_somebody",
        "x-forwarded-for": "203.0.113.7",
        "cookie": "session=1",
        "stripe-signature": "t=1",
    }
    async with http.get("/v1/orders/ord_1", headers=passed | dropped) as answer:
        assert answer.status == 200
    assert seen.headers == [passed]


async def test_the_servers_metadata_becomes_headers(http: aiohttp.ClientSession) -> None:
    async with http.get("/v1/orders/ord_1") as answer:
        assert answer.headers["X-Correlation-Id"] == "cor_of_the_server"
        assert answer.headers["Idempotent-Replay"] == "true"


async def test_a_header_that_grpc_cannot_carry_is_refused(http: aiohttp.ClientSession, seen: Seen) -> None:
    async with http.get("/v1/orders/ord_1", headers={"Idempotency-Key": "schlüssel"}) as answer:
        assert (await answer.json())["message"] == "Idempotency-Key: must be printable ASCII"
    assert seen.headers == []


async def test_a_deadline_is_taken_from_its_header(http: aiohttp.ClientSession) -> None:
    async with http.get("/v1/orders/stays:watch", headers={"X-Request-Timeout": "0.3"}) as answer:
        lines = (await answer.text()).splitlines()
    assert '"DEADLINE_EXCEEDED"' in lines[-1]
    async with http.get("/v1/orders/ord_1", headers={"X-Request-Timeout": "soon"}) as answer:
        assert (await answer.json())["message"].startswith("X-Request-Timeout: must be seconds")


async def test_the_access_log_names_the_call_and_nobody(http: aiohttp.ClientSession, gateway: Gateway) -> None:
    headers = {"X-Correlation-Id": "cor_for_the_log", "Authorization": "Bearer a-secret"}
    async with http.get("/v1/orders/ord_private", headers=headers) as answer:
        await answer.read()
    async with http.get("/livez") as answer:
        await answer.read()
    (line,) = [line for line in gateway.logged() if line["msg"] == "request"]
    assert line["route"] == "/v1/orders/{order_id}"
    assert (line["status"], line["correlation_id"]) == (200, "cor_for_the_log")
    written = gateway.log.read_text(encoding="utf-8")
    assert "ord_private" not in written
    assert "a-secret" not in written


class TestOrigins:
    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {"CALLSHEET_CORS_ORIGINS": "https://app.example"}

    async def test_a_configured_origin_may_call(self, http: aiohttp.ClientSession) -> None:
        asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
        async with http.options("/v1/orders", headers=asked) as answer:
            assert answer.status == 204
            assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"
            assert "Idempotency-Key" in answer.headers["Access-Control-Allow-Headers"]
        async with http.get("/v1/orders/ord_1", headers={"Origin": "https://app.example"}) as answer:
            assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]

    async def test_a_stranger_may_not(self, http: aiohttp.ClientSession) -> None:
        async with http.get("/v1/orders/ord_1", headers={"Origin": "https://evil.example"}) as answer:
            assert "Access-Control-Allow-Origin" not in answer.headers
