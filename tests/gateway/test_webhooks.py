"""Bodies that must arrive byte for byte."""

import aiohttp
import pytest

from tests.gateway.fake import Seen

pytestmark = pytest.mark.usefixtures("fake_server")

RAW = b'{"id": "evt_1",\r\n "twice": 1, "twice": 1.0e2, "latin": "\xe9" }\n'


async def test_a_webhook_arrives_unchanged_with_its_signature(http: aiohttp.ClientSession, seen: Seen) -> None:
    headers = {"Stripe-Signature": "t=1,v1=5257a869", "Content-Type": "application/json; charset=utf-8"}
    async with http.post("/v1/webhooks/stripe", data=RAW, headers=headers) as answer:
        assert (answer.status, await answer.read()) == (200, b"")
    (event,) = seen.events
    assert (event.data, event.content_type) == (RAW, "application/json; charset=utf-8")
    assert seen.headers[0]["stripe-signature"] == "t=1,v1=5257a869"


async def test_a_webhook_without_a_signature_goes_no_further(http: aiohttp.ClientSession, seen: Seen) -> None:
    async with http.post("/v1/webhooks/stripe", data=RAW) as answer:
        assert (answer.status, (await answer.json())["message"]) == (400, "Stripe-Signature: must be sent")
    assert seen.events == []
