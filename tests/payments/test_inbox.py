"""The inbox: every event once, in whatever order, handed to whoever owns its object; what nobody can place is kept."""

import json
from collections.abc import Mapping
from datetime import timedelta

import pytest
from google.api.httpbody_pb2 import HttpBody

from devstack.stripe_sandbox.webhooks import sign
from server.adapters.stripe import requests
from server.core.errors import MalformedRequest, SignatureInvalid
from server.payments.domain import (
    INBOX_TRANSITIONS,
    MOST_PARKINGS,
    InboxEvent,
    InboxStatus,
    Owner,
    SliceName,
    parking,
)
from server.payments.servicer import WebhookServicer
from server.payments.story import PaymentHistory
from tests.payments.sandbox import Keys, Sandbox, paid
from tests.payments.slice import ORDER, SECRET, Slice, receiving

PAY = requests.CreatePaymentIntent(amount_cents=4_000, currency="usd", payment_method_id="pm_card_visa", confirm=True)


def event(kind: str = "payment_intent.succeeded", **subject: object) -> bytes:
    """An event about an object with these fields."""
    shown = {"object": "payment_intent", "id": "pi_1", **subject}
    document = {"id": f"evt_{kind}", "type": kind, "livemode": False, "created": 1, "data": {"object": shown}}
    return json.dumps(document).encode()


async def receive(part: Slice, body: bytes, *, secret: str = SECRET, age: timedelta = timedelta(0)) -> None:
    signature = sign(secret, int((part.clock.now() - age).timestamp()), body)
    await part.inbox.receive(body, signature)


async def delivered(sandbox: Sandbox) -> None:
    assert (await sandbox.switches.post("webhooks/flush"))["pending"] == 0


async def own(part: Slice, *object_ids: str, owner: Owner = ORDER) -> None:
    await part.database.run(lambda tx: part.calls.register(tx, object_ids, owner))


async def test_events_of_a_payment_reach_the_slice_that_made_it(part: Slice, sandbox: Sandbox) -> None:
    async with receiving(part, sandbox):
        call = await part.store(PAY, "pay:ord_1:1")
        await part.work()
        await delivered(sandbox)
        await part.work()
    assert sorted(part.booking.types) == ["charge.succeeded", "payment_intent.succeeded"]
    assert {owner for _, owner in part.booking.events} == {ORDER}
    assert {seen.metadata[requests.CALL_REFERENCE] for seen, _ in part.booking.events} == {call.call_id}
    assert sorted(await part.events()) == [
        ("charge.succeeded", "handled", None),
        ("payment_intent.created", "ignored", "nobody handles this type"),
        ("payment_intent.succeeded", "handled", None),
    ]


async def test_repeated_and_reordered_events_are_handled_once_each(part: Slice, sandbox: Sandbox) -> None:
    await sandbox.switches.post("webhooks", paused=True, copies=3, order="reversed")
    async with receiving(part, sandbox):
        await part.store(PAY, "pay:ord_1:1")
        await part.work()
        await sandbox.switches.post("webhooks", paused=False)
        await delivered(sandbox)
        await part.work()
    assert sorted(part.booking.types) == ["charge.succeeded", "payment_intent.succeeded"]


async def test_an_event_that_comes_before_our_call_is_committed_is_placed_by_its_reference(
    part: Slice, sandbox: Sandbox
) -> None:
    await sandbox.switches.fault("drop_after", "/v1/payment_intents")
    async with receiving(part, sandbox):
        call = await part.store(PAY, "pay:ord_1:1")
        await part.work()
        assert not (await part.get(call.call_id)).settled
        await delivered(sandbox)
        await part.work()
    assert sorted(part.booking.types) == ["charge.succeeded", "payment_intent.succeeded"]


async def test_an_event_that_comes_before_its_object_is_known_waits_for_it(part: Slice) -> None:
    await receive(part, event("charge.dispute.created", object="dispute", id="du_1", charge="ch_1"))
    await part.work()
    assert (part.booking.types, await part.events()) == (
        [],
        [("charge.dispute.created", "parked", "its object is not known here")],
    )
    await own(part, "ch_1")
    await part.work()
    assert part.booking.types == ["charge.dispute.created"]
    assert [status for _, status, _ in await part.events()] == ["handled"]


async def test_a_dispute_without_our_metadata_is_found_by_its_charge(part: Slice, sandbox: Sandbox, key: Keys) -> None:
    _, charge = await paid(sandbox.processor, key())
    await own(part, charge.id)
    async with receiving(part, sandbox):
        await sandbox.switches.post(f"charges/{charge.id}/disputes")
        await delivered(sandbox)
        await part.work()
    assert sorted(part.booking.types) == ["charge.dispute.created", "charge.succeeded"]


async def test_what_a_slice_cannot_place_is_parked_and_tried_again(part: Slice) -> None:
    await own(part, "pi_1")
    part.booking.parks = ["status arbitrated_by_committee is not known"] * 2
    await receive(part, event())
    await part.work()
    assert await part.events() == [
        ("payment_intent.succeeded", "parked", "status arbitrated_by_committee is not known")
    ]
    assert await part.work(wait=timedelta(seconds=3)) == 0
    await part.work(wait=timedelta(seconds=1))
    await part.work(wait=timedelta(seconds=8))
    assert part.booking.types == ["payment_intent.succeeded"]
    assert [status for _, status, _ in await part.events()] == ["handled"]


async def test_only_an_object_that_was_nobodys_wakes_what_waits_for_it(part: Slice) -> None:
    """A handler that registers what its event names, and then cannot place it, does not wake itself for ever."""
    await own(part, "pi_1")
    part.booking.parks = ["no such step"] * 2
    await receive(part, event())
    await part.work()
    await own(part, "pi_1")
    assert await part.work() == 0


async def test_types_nobody_knows_are_ignored_and_said_to_be(part: Slice) -> None:
    await receive(part, event("time_machine.departed"))
    await own(part, "cus_1", owner=Owner(SliceName.PAYMENTS, "user", "usr_1"))
    await receive(part, event("payment_intent.succeeded", id="cus_1"))
    await part.work()
    assert sorted(await part.events()) == [
        ("payment_intent.succeeded", "ignored", "payments does not handle this type"),
        ("time_machine.departed", "ignored", "nobody handles this type"),
    ]


async def test_events_of_the_other_mode_are_ignored(part: Slice) -> None:
    body = event().replace(b'"livemode": false', b'"livemode": true')
    await receive(part, body)
    await part.work()
    assert await part.events() == [("payment_intent.succeeded", "ignored", "of the other mode")]


async def test_what_its_sender_did_not_sign_lately_is_not_stored(part: Slice) -> None:
    for secret, age in (
        ("whsec_other", timedelta(0)),
        (SECRET, timedelta(minutes=6)),
        (SECRET, -timedelta(minutes=6)),
    ):
        with pytest.raises(SignatureInvalid):
            await receive(part, event(), secret=secret, age=age)
    with pytest.raises(SignatureInvalid):
        await part.inbox.receive(event(), "")
    assert await part.events() == []


async def test_an_old_delivery_cannot_be_replayed(part: Slice) -> None:
    body = event()
    signature = sign(SECRET, int(part.clock.now().timestamp()), body)
    await part.inbox.receive(body, signature)
    await part.inbox.receive(body, signature)
    part.clock.advance(timedelta(minutes=6))
    with pytest.raises(SignatureInvalid):
        await part.inbox.receive(body, signature)
    assert len(await part.events()) == 1


@pytest.mark.parametrize("body", [b"[]", b"{}", b"nonsense", b'{"id": "evt_1", "type": ""}'])
async def test_signed_nonsense_is_malformed(part: Slice, body: bytes) -> None:
    with pytest.raises(MalformedRequest):
        await receive(part, body)
    assert await part.events() == []


async def test_the_rpc_reads_the_signature_from_the_metadata(part: Slice) -> None:
    class Context:
        """The part of a call's context that is read."""

        def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
            return (("x-other", "1"), ("stripe-signature", sign(SECRET, int(part.clock.now().timestamp()), event())))

    servicer = WebhookServicer(part.inbox)
    answer = await servicer.ReceiveStripeEvent(HttpBody(data=event()), Context())  # type: ignore[arg-type]  # a part of it
    assert answer.data == b""
    assert len(await part.events()) == 1


async def test_calls_and_events_of_a_thing_are_told_together(part: Slice, sandbox: Sandbox) -> None:
    async with receiving(part, sandbox):
        await part.store(PAY, "pay:ord_1:1")
        await part.work()
        await delivered(sandbox)
        await part.work()
    async with part.database.read() as tx:
        told = [entry.what for entry in await PaymentHistory().entries(tx, ORDER.id)]
    assert told[0] == "call payment_intents.create succeeded"
    assert sorted(told[1:]) == [
        "event charge.succeeded handled",
        "event payment_intent.created ignored",
        "event payment_intent.succeeded handled",
    ]


@pytest.mark.parametrize("status", InboxStatus)
@pytest.mark.parametrize("step", InboxEvent)
def test_an_event_that_is_done_with_stays_done_with(status: InboxStatus, step: InboxEvent) -> None:
    done = status in (InboxStatus.HANDLED, InboxStatus.IGNORED)
    assert ((status, step) not in INBOX_TRANSITIONS) == done


def test_parking_grows_and_ends_with_a_person() -> None:
    rests: Mapping[int, timedelta | None] = {times: parking(times) for times in (0, 1, 5, 20, MOST_PARKINGS)}
    assert list(rests.values()) == [
        timedelta(seconds=2),
        timedelta(seconds=4),
        timedelta(seconds=64),
        timedelta(hours=1),
        None,
    ]
