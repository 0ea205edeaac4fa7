"""Streams as lines."""

import json
import signal

import aiohttp
import pytest

from tests.gateway.running import Gateway

pytestmark = pytest.mark.usefixtures("fake_server")


async def test_a_stream_is_one_object_on_each_line_as_it_comes(http: aiohttp.ClientSession) -> None:
    async with http.get("/v1/orders/stays:watch") as answer:
        assert answer.headers["Content-Type"] == "application/x-ndjson"
        # The stream is still open on the other side, so the lines can only be here because they were flushed.
        lines = [json.loads(await answer.content.readline()) for _ in range(2)]
    assert [line["result"]["event"]["sequence"] for line in lines] == ["1", "2"]


async def test_a_stream_that_breaks_says_so_on_its_last_line(http: aiohttp.ClientSession) -> None:
    async with http.get("/v1/orders/breaks:watch") as answer:
        *events, last = [json.loads(line) for line in (await answer.text()).splitlines()]
    assert answer.status == 200
    assert len(events) == 2
    assert (last["error"]["status"], last["error"]["reason"]) == ("UNAVAILABLE", "DEPENDENCY_DOWN")
    assert last["error"]["details"][1]["retry_delay"] == "1s"


async def test_a_stream_that_never_began_fails_like_any_call(http: aiohttp.ClientSession) -> None:
    async with http.get("/v1/orders/missing:watch") as answer:
        assert (answer.status, (await answer.json())["reason"]) == (404, "NOT_FOUND")


async def test_a_gateway_told_to_stop_ends_its_streams_and_then_itself(
    http: aiohttp.ClientSession, gateway: Gateway
) -> None:
    async with http.get("/v1/orders/stays:watch") as answer:
        for _ in range(2):
            await answer.content.readline()
        gateway.child.send_signal(signal.SIGTERM)
        last = json.loads(await answer.content.readline())
        assert last["error"]["message"] == "the gateway is about to stop; ask again"
        assert await answer.content.read() == b""
    assert gateway.child.wait(10) == 0
