"""Points of payments beside those of a call's own tests: a call of which nobody knows the end, one that was declined,
and an event between its storage and its effect.
"""

from collections.abc import AsyncIterator
from dataclasses import replace

import grpc
import pytest
from google.api.httpbody_pb2 import HttpBody

from callsheet.payments.v1.webhook_pb2_grpc import WebhookServiceStub
from devstack.roles import DatabaseUrls
from server.adapters.stripe import requests
from server.core.clock import ManualClock, SystemClock
from server.payments.domain import CallStatus
from tests.crash.victim import Workplace, killed
from tests.payments.sandbox import API_KEY, Sandbox, running_sandbox
from tests.payments.slice import SECRET, Slice, delivering, payments_slice, receiving

USER = "usr_1"
PAYMENTS = "/v1/payment_intents"
OFTEN = 6
TIMES = pytest.mark.parametrize("kills", [1, pytest.param(OFTEN, marks=pytest.mark.crash)])


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running_sandbox() as running:
        yield running


@pytest.fixture
async def part(database: DatabaseUrls, sandbox: Sandbox) -> AsyncIterator[Slice]:
    async with payments_slice(database, sandbox, ManualClock(SystemClock().now())) as running:
        yield running


@pytest.fixture
def place(workplace: Workplace, sandbox: Sandbox) -> Workplace:
    return replace(
        workplace,
        settings={
            "STRIPE_API_KEY": API_KEY,
            "CALLSHEET_STRIPE_API_BASE": sandbox.address,
            "CALLSHEET_STRIPE_WEBHOOK_SECRET": SECRET,
        },
    )


def payment(card: str = "pm_card_visa") -> requests.CreatePaymentIntent:
    return requests.CreatePaymentIntent(amount_cents=4_000, currency="usd", payment_method_id=card, confirm=True)


@pytest.mark.parametrize(
    ("fault", "times", "generation", "kills"),
    [
        ("drop_after", 1, 1, 1),
        ("error_before", 1, 2, 1),
        pytest.param("drop_before", OFTEN, 1, OFTEN, marks=pytest.mark.crash),
        pytest.param("drop_after", OFTEN, 1, OFTEN, marks=pytest.mark.crash),
        pytest.param("error_before", 1, 2, OFTEN, marks=pytest.mark.crash),
        pytest.param("error_after", 1, 1, OFTEN, marks=pytest.mark.crash),
    ],
)
async def test_a_call_that_is_lost_with_its_worker_happens_once(
    place: Workplace, part: Slice, sandbox: Sandbox, fault: str, times: int, generation: int, kills: int
) -> None:
    """Where the key still answers, it is asked again; where it is stuck on an error, what happened is looked up."""
    await sandbox.switches.fault(fault, PAYMENTS, times=times)
    call = await part.store(payment(), "pay:ord_1:1")
    for _ in range(kills):
        await place.dies_at("payments.call_lost")
        assert (await part.get(call.call_id)).status is CallStatus.UNKNOWN

    async def settled() -> bool:
        return (await part.get(call.call_id)).settled

    await place.works_until(settled, "the call to be settled")
    after = await part.get(call.call_id)
    assert (after.status, after.generation) == (CallStatus.SUCCEEDED, generation)
    assert await sandbox.switches.movements() == [("charge", 4_000)]


async def test_a_declined_payment_whose_worker_dies_is_not_tried_again(
    place: Workplace, part: Slice, sandbox: Sandbox
) -> None:
    call = await part.store(payment("pm_card_chargeDeclined"), "pay:ord_1:1")
    await place.dies_at("payments.call_failed")

    async def done() -> bool:
        return bool(await place.rows("select from core.job where key = $1 and status = 'done'", call.call_id))

    await place.works_until(done, "the call's job to end")
    after = await part.get(call.call_id)
    _, made, _ = await sandbox.raw("GET", PAYMENTS)
    assert (after.status, after.attempts, after.generation) == (CallStatus.FAILED, 1, 1)
    assert [(intent["status"], intent["amount"]) for intent in made["data"]] == [("requires_payment_method", 4_000)]


@TIMES
async def test_an_event_whose_server_dies_before_answering_is_stored_once(
    place: Workplace, part: Slice, sandbox: Sandbox, kills: int
) -> None:
    """The processor was not answered and delivers again; who finds the event there already just answers."""
    await save_a_card(part, sandbox)
    for _ in range(kills):
        async with (
            place.server(dies_at="payments.event_stored") as server,
            server.channel() as channel,
            delivering(sandbox, Webhook(channel).receive, grpc.aio.AioRpcError),
        ):
            await killed(server)
        assert len(await part.events()) == 1
    async with (
        place.server() as server,
        server.channel() as channel,
        delivering(sandbox, Webhook(channel).receive, grpc.aio.AioRpcError),
    ):
        assert (await sandbox.switches.post("webhooks/flush"))["pending"] == 0
    await the_card_is_saved_once(place, part)


@TIMES
async def test_an_event_whose_worker_dies_after_its_effect_has_it_once(
    place: Workplace, part: Slice, sandbox: Sandbox, kills: int
) -> None:
    """The handler runs again, and finds that there is nothing left to do."""
    await save_a_card(part, sandbox)
    async with receiving(part, sandbox):
        assert (await sandbox.switches.post("webhooks/flush"))["pending"] == 0
    for _ in range(kills):
        await place.dies_at("payments.event_handled")
        assert not await place.rows("select from payments.webhook_event where status = 'handled'")
    await the_card_is_saved_once(place, part)


class Webhook:
    """Stands where the gateway does: hands a delivery to the server."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = WebhookServiceStub(channel)

    async def receive(self, body: bytes, signature: str) -> None:
        await self._stub.ReceiveStripeEvent(HttpBody(data=body), metadata=(("stripe-signature", signature),))


async def save_a_card(part: Slice, sandbox: Sandbox) -> None:
    """What a user's device does with a setup intent. Its events wait for somebody to take them."""
    await sandbox.switches.post("webhooks", url="http://127.0.0.1:9/", paused=True)
    intent = await part.wallets.begin_card(USER, key="1")
    form = f"payment_method=pm_card_visa&client_secret={intent.client_secret}"
    status, _, _ = await sandbox.raw("POST", f"/v1/setup_intents/{intent.id}/confirm", form)
    assert status == 200
    await sandbox.switches.post("webhooks", url="", paused=False)


async def the_card_is_saved_once(place: Workplace, part: Slice) -> None:
    """A worker that nothing happens to finds every event once, and what they lead to once."""

    async def worked_off() -> bool:
        return not await place.rows("select from payments.webhook_event where status = 'received'")

    await place.works_until(worked_off, "every event to be settled")
    handled = await place.rows("select type, attempts from payments.webhook_event where status = 'handled'")
    assert {row["type"] for row in handled} == {"setup_intent.succeeded", "payment_method.attached"}
    assert {row["attempts"] for row in handled} == {1}
    jobs = await place.rows("select key from core.job where kind = 'payments.handle_event'")
    assert len(jobs) == len({row["key"] for row in jobs}) == len(await part.events())
    async with part.database.read() as tx:
        assert [(card.brand, card.last4) for card in await part.wallets.cards(tx, USER)] == [("visa", "4242")]
