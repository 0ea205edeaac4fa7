"""A buyer's cards over a socket, with the sandbox for a processor."""

from collections.abc import AsyncIterator

import grpc
import pytest

from callsheet.booking.v1 import card_pb2 as pb
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from devstack.roles import DatabaseUrls
from server.payments.kinds import SYNC_CARDS
from tests.payments.sandbox import API_KEY, Sandbox, running_sandbox
from tests.rpc.booking import BUYER, STRANGER
from tests.rpc.harness import Running, as_user, refusal, running_server


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running_sandbox() as running:
        yield running


@pytest.fixture
async def server(database: DatabaseUrls, sandbox: Sandbox) -> AsyncIterator[Running]:
    async with running_server(database, STRIPE_API_KEY=API_KEY, stripe_api_base=sandbox.address) as running:
        yield running


async def begun(booking: BookingServiceStub, key: str = "") -> pb.CreateSetupIntentResponse:
    return await booking.CreateSetupIntent(pb.CreateSetupIntentRequest(idempotency_key=key), metadata=as_user(BUYER))


async def saved(server: Running, sandbox: Sandbox, card: str) -> None:
    """What the buyer's device does, and what the processor's event leads to."""
    intent = await begun(BookingServiceStub(server.channel))
    form = f"payment_method={card}&client_secret={intent.client_secret}"
    status, _, _ = await sandbox.raw("POST", f"/v1/setup_intents/{intent.setup_intent_id}/confirm", form)
    assert status == 200
    core = server.app.core
    customer = await core.database.run(
        lambda tx: tx.fetchval("select stripe_customer_id from payments.customer where user_id = $1", BUYER)
    )
    await core.database.run(lambda tx: core.jobs.enqueue(tx, SYNC_CARDS, key=str(customer)))
    await server.worker().run_due()


async def test_a_card_is_saved_listed_and_given_up(server: Running, sandbox: Sandbox) -> None:
    booking = BookingServiceStub(server.channel)
    nothing = await booking.ListSavedCards(pb.ListSavedCardsRequest(), metadata=as_user(BUYER))
    assert list(nothing.cards) == []
    await saved(server, sandbox, "pm_card_visa")
    listed = await booking.ListSavedCards(pb.ListSavedCardsRequest(), metadata=as_user(BUYER))
    assert [(card.brand, card.last4) for card in listed.cards] == [("visa", "4242")]
    others = await booking.ListSavedCards(pb.ListSavedCardsRequest(), metadata=as_user(STRANGER))
    assert list(others.cards) == []

    request = pb.RemoveSavedCardRequest(payment_method_id=listed.cards[0].payment_method_id)
    refused = await refusal(booking.RemoveSavedCard(request, metadata=as_user(STRANGER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    await booking.RemoveSavedCard(request, metadata=as_user(BUYER))
    left = await booking.ListSavedCards(pb.ListSavedCardsRequest(), metadata=as_user(BUYER))
    assert list(left.cards) == []
    await server.worker().run_due()
    _, method, _ = await sandbox.raw("GET", f"/v1/payment_methods/{request.payment_method_id}")
    assert method["customer"] is None


async def test_a_retry_leads_to_the_same_intent_whose_secret_is_stored_nowhere(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    first, again, other = await begun(booking, "card-1"), await begun(booking, "card-1"), await begun(booking, "card-2")
    assert first == again
    assert first.client_secret
    assert other.setup_intent_id != first.setup_intent_id
    rows = await server.app.core.database.run(
        lambda tx: tx.fetch(
            "select c::text as row from payments.stripe_call c "
            "union all select encode(k.response, 'escape') from core.idempotency_key k"
        )
    )
    assert rows
    assert not any(first.client_secret in row["row"] for row in rows)


async def test_a_processor_that_does_not_answer_is_a_dependency_that_is_down(server: Running, sandbox: Sandbox) -> None:
    await sandbox.switches.fault("drop_after", "/v1/customers")
    booking = BookingServiceStub(server.channel)
    refused = await refusal(booking.CreateSetupIntent(pb.CreateSetupIntentRequest(), metadata=as_user(BUYER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.UNAVAILABLE, "DEPENDENCY_DOWN")
    assert refused.metadata["dependency"] == "stripe"
    assert (await begun(booking)).client_secret


@pytest.mark.parametrize(("method", "most"), [("CreateSetupIntent", 12), ("ListSavedCards", 1), ("RemoveSavedCard", 5)])
async def test_each_rpc_keeps_its_statement_budget(server: Running, sandbox: Sandbox, method: str, most: int) -> None:
    await saved(server, sandbox, "pm_card_visa")
    booking = BookingServiceStub(server.channel)
    card = (await booking.ListSavedCards(pb.ListSavedCardsRequest(), metadata=as_user(BUYER))).cards[0]
    requests = {
        "CreateSetupIntent": pb.CreateSetupIntentRequest(),
        "ListSavedCards": pb.ListSavedCardsRequest(),
        "RemoveSavedCard": pb.RemoveSavedCardRequest(payment_method_id=card.payment_method_id),
    }
    server.statements.forget()
    await getattr(booking, method)(requests[method], metadata=as_user(BUYER))
    assert 0 < server.statements.count(method) <= most
