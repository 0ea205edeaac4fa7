"""Webhooks from the sandbox: signed, repeated until taken, held back and reordered on demand; and the state file."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from stripe import WebhookSignature

from devstack.ports import free_port
from devstack.program import Program, running
from server.adapters.stripe import requests
from server.adapters.stripe.client import StripeProcessor
from server.adapters.stripe.webhooks import BadSignature, MalformedEvent, ProcessorEvent, parse, verify
from server.core.clock import SystemClock
from tests.payments.sandbox import API_KEY, Keys, Sandbox, paid, payable, running_sandbox

SECRET = "whsec_test"


@dataclass(slots=True)
class Endpoint:
    """Takes webhooks; `answers` are the statuses of the next deliveries, 200 after them."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    deliveries: list[tuple[bytes, str]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.deliveries.append((await request.read(), request.headers["Stripe-Signature"]))
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    @property
    def events(self) -> list[ProcessorEvent]:
        return [parse(body) for body, _ in self.deliveries]

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]


@asynccontextmanager
async def listening() -> AsyncIterator[Endpoint]:
    endpoint = Endpoint()
    app = web.Application()
    app.router.add_post("/hook", endpoint.take)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        endpoint.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        yield endpoint
    finally:
        await runner.cleanup()


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with listening() as taking:
        yield taking


@pytest.fixture
async def sandbox(endpoint: Endpoint) -> AsyncIterator[Sandbox]:
    async with running_sandbox(webhook_url=endpoint.url, webhook_secret=SECRET) as running_:
        yield running_


async def delivered(sandbox: Sandbox) -> None:
    assert (await sandbox.switches.post("webhooks/flush"))["pending"] == 0


async def test_events_come_in_order_and_signed(sandbox: Sandbox, endpoint: Endpoint, key: Keys) -> None:
    intent, charge = await paid(sandbox.processor, key(), metadata={"order": "ord_1"})
    await delivered(sandbox)
    assert endpoint.types == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    now = SystemClock().now()
    for body, signature in endpoint.deliveries:
        verify(body, signature, ["whsec_old", SECRET], now=now)
    last = endpoint.events[-1]
    assert (last.object_type, last.object_id, last.references) == ("payment_intent", intent.id, (intent.id,))
    assert last.metadata == {"order": "ord_1"}
    assert endpoint.events[1].references == (charge.id, intent.id)


async def test_every_kind_of_story_sends_its_events(sandbox: Sandbox, endpoint: Endpoint, key: Keys) -> None:
    _, charge = await paid(sandbox.processor, key(), card="pm_card_refundFail")
    await sandbox.processor.create_refund(requests.CreateRefund(charge_id=charge.id, amount_cents=100), key=key())
    account = await payable(sandbox, key())
    transfer = await sandbox.processor.create_transfer(
        requests.CreateTransfer(amount_cents=100, currency="usd", account_id=account.id, source_charge_id=charge.id),
        key=key(),
    )
    await sandbox.processor.reverse_transfer(
        requests.ReverseTransfer(transfer_id=transfer.id, amount_cents=50), key=key()
    )
    await sandbox.switches.post(f"charges/{charge.id}/early_fraud_warnings")
    filed = await sandbox.switches.post(f"charges/{charge.id}/disputes")
    await sandbox.switches.post(f"disputes/{filed['id']}/decide", status="won")
    await delivered(sandbox)
    assert endpoint.types[3:] == [
        "refund.created",
        "charge.refunded",
        "refund.updated",
        "refund.failed",
        "account.updated",
        "transfer.created",
        "transfer.reversed",
        "radar.early_fraud_warning.created",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
        "charge.dispute.funds_reinstated",
    ]
    events = {event.type: event for event in endpoint.events}
    assert events["charge.dispute.created"].references == (filed["id"], charge.payment_intent_id, charge.id)
    assert events["account.updated"].account_id == account.id


async def test_what_is_not_taken_comes_again(sandbox: Sandbox, endpoint: Endpoint, key: Keys) -> None:
    endpoint.answers = [500, 302]
    await sandbox.processor.create_customer(requests.CreateCustomer(), key=key())
    await delivered(sandbox)
    assert endpoint.types == ["customer.created"] * 3
    assert len({event.event_id for event in endpoint.events}) == 1


async def test_events_repeat_on_demand(sandbox: Sandbox, endpoint: Endpoint, key: Keys) -> None:
    await sandbox.switches.post("webhooks", copies=2)
    await sandbox.processor.create_customer(requests.CreateCustomer(), key=key())
    await delivered(sandbox)
    assert endpoint.types == ["customer.created"] * 3
    await sandbox.switches.post("webhooks", copies=0)
    await sandbox.switches.post("webhooks/resend", event=endpoint.events[0].event_id)
    await delivered(sandbox)
    assert len(endpoint.deliveries) == 4


async def test_events_leave_in_reverse_on_demand(sandbox: Sandbox, endpoint: Endpoint, key: Keys) -> None:
    await sandbox.switches.post("webhooks", paused=True)
    await paid(sandbox.processor, key())
    assert endpoint.deliveries == []
    await sandbox.switches.post("webhooks", paused=False, order="reversed")
    await delivered(sandbox)
    assert endpoint.types == ["payment_intent.succeeded", "charge.succeeded", "payment_intent.created"]


async def test_an_event_of_a_type_nobody_knows(sandbox: Sandbox, endpoint: Endpoint) -> None:
    unknown = {"object": "time_machine", "id": "tm_1", "charge": "ch_1", "working": True}
    await sandbox.switches.post("events", type="time_machine.departed", object=unknown)
    await delivered(sandbox)
    (event,) = endpoint.events
    assert (event.type, event.object_type, event.references) == (
        "time_machine.departed",
        "time_machine",
        ("tm_1", "ch_1"),
    )


async def test_missed_events_can_be_read(sandbox: Sandbox, key: Keys) -> None:
    await paid(sandbox.processor, key())
    _, found, _ = await sandbox.raw("GET", "/v1/events?types[]=charge.succeeded&types[]=payment_intent.created")
    assert [event["type"] for event in found["data"]] == ["charge.succeeded", "payment_intent.created"]
    _, one, _ = await sandbox.raw("GET", f"/v1/events/{found['data'][0]['id']}")
    assert one == found["data"][0]


def signed(body: bytes) -> str:
    header: str = WebhookSignature.generate_signature_header(body.decode(), SECRET)
    return header


def test_the_sdk_signs_as_we_verify() -> None:
    body = '{"id": "evt_1", "name": "Zoë"}'.encode()
    verify(body, signed(body), [SECRET], now=SystemClock().now())


@pytest.mark.parametrize(
    "header",
    ["", "t=,v1=00", "v1=00", "t=1700000000", "t=1700000000,v0=00", "t=99999999999999999,v1=00", "t=1,t=2,v1=00", "☃"],
)
def test_a_header_that_is_none_is_a_bad_signature(header: str) -> None:
    with pytest.raises(BadSignature):
        verify(b"{}", header, [SECRET], now=SystemClock().now())


def test_other_bytes_another_secret_and_an_old_date_are_bad_signatures() -> None:
    body, now = b'{"id": "evt_1"}', SystemClock().now()
    for secrets, sent, at in (
        ([SECRET], body + b" ", now),
        (["whsec_other"], body, now),
        ([""], body, now),
        ([SECRET], body, now + timedelta(minutes=6)),
        ([SECRET], body, now - timedelta(minutes=6)),
    ):
        with pytest.raises(BadSignature):
            verify(sent, signed(body), secrets, now=at)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"evt_1"', b'{"id": "evt_1"}', b'{"type": "x"}', b"\xff"])
def test_signed_bytes_that_are_no_event_are_said_to_be_none(body: bytes) -> None:
    with pytest.raises(MalformedEvent):
        parse(body)


def test_an_event_with_almost_nothing_in_it_is_read() -> None:
    event = parse(json.dumps({"id": "evt_1", "type": "x", "data": {"object": {"status": 7}}}).encode())
    assert (event.object_id, event.references, event.metadata) == ("", (), {})


async def answers(address: str) -> None:
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{address}/_sandbox/health"):
            return
    except aiohttp.ClientError as error:
        raise OSError(str(error)) from error


async def balance_after_paying(address: str) -> tuple[str, int]:
    """Pays under one key, and tells the payment's id and what is in the balance."""
    processor = StripeProcessor(API_KEY, api_base=address)
    try:
        intent, _ = await paid(processor, "k", 4_000)
        return intent.id, (await processor.balance()).pending_cents["usd"]
    finally:
        await processor.close()


def test_a_killed_sandbox_finds_everything_again(tmp_path: Path) -> None:
    port, state = free_port(), tmp_path / "state"
    address = f"http://127.0.0.1:{port}"
    command = (sys.executable, "-m", "devstack.stripe_sandbox", "--port", str(port), "--state", str(state))
    program = Program("sandbox", command, lambda: answers(address))
    with running(program, tmp_path / "log") as child:
        before = asyncio.run(balance_after_paying(address))
        child.send_signal(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
    with running(program, tmp_path / "log"):
        assert asyncio.run(balance_after_paying(address)) == before


def test_half_a_webhook_endpoint_is_refused() -> None:
    command = (sys.executable, "-m", "devstack.stripe_sandbox", "--port", "1", "--webhook-url", "http://127.0.0.1:2")
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "--webhook-url and --webhook-secret go together" in refused.stderr
