"""Paying for a booking: in person, with a proof, after a decline, too late; and what a buyer is shown of it."""

from datetime import timedelta

import grpc

from callsheet.booking.v1 import card_pb2, fulfilment_pb2, negotiation_pb2, ordering_pb2
from callsheet.booking.v1 import payment_pb2 as pb
from server.booking.money.timers import RECONCILE, SWEEP
from tests.rpc.booking_flow import Flow, as_buyer, as_finance, as_provider, as_stranger
from tests.rpc.harness import refusal

TOTAL = 28_903


async def accepted(flow: Flow) -> str:
    """An order that holds its slot and waits for its buyer to pay in person."""
    order_id = await flow.draft()
    await flow.booking.SubmitOrder(negotiation_pb2.SubmitOrderRequest(order_id=order_id), metadata=as_buyer())
    return order_id


async def payment(flow: Flow, order_id: str, payment_id: str = "") -> pb.GetPaymentResponse:
    request = pb.GetPaymentRequest(order_id=order_id, payment_id=payment_id)
    return await flow.booking.GetPayment(request, metadata=as_buyer())


async def receipt(flow: Flow, order_id: str) -> pb.GetReceiptResponse:
    return await flow.booking.GetReceipt(pb.GetReceiptRequest(order_id=order_id), metadata=as_buyer())


async def confirm(flow: Flow, secret: str, card: str = "pm_card_visa") -> int:
    """What the buyer's device does with the secret."""
    intent = secret.partition("_secret_")[0]
    form = f"payment_method={card}&client_secret={secret}"
    status, _, _ = await flow.sandbox.raw("POST", f"/v1/payment_intents/{intent}/confirm", form)
    return status


async def paid_in_person(flow: Flow, card: str = "pm_card_visa") -> str:
    order_id = await accepted(flow)
    await confirm(flow, (await payment(flow, order_id)).client_secret, card)
    await flow.work()
    return order_id


async def charged(flow: Flow) -> list[int]:
    return [amount for kind, amount in await flow.sandbox.switches.movements() if kind == "charge"]


async def test_a_buyer_pays_with_the_secret_that_passes_through(flow: Flow) -> None:
    order_id = await accepted(flow)
    first, again = await payment(flow, order_id), await payment(flow, order_id)
    await confirm(flow, first.client_secret)
    await flow.work()
    done = await payment(flow, order_id)

    assert first.client_secret == again.client_secret
    assert first.payment.status == pb.PAYMENT_STATUS_PENDING
    assert (first.payment.amount_cents, first.payment.purpose) == (TOTAL, pb.PAYMENT_PURPOSE_PRINCIPAL)
    assert await flow.status(order_id) == "confirmed"
    assert (done.payment.status, done.payment.captured_cents, done.client_secret) == (
        pb.PAYMENT_STATUS_CAPTURED,
        TOTAL,
        "",
    )
    assert await charged(flow) == [TOTAL]
    stored = await flow.rows("select 1 from payments.stripe_call where outcome::text like '%_secret_%'")
    assert stored == []


async def test_a_bank_that_asks_for_a_proof_gets_one(flow: Flow) -> None:
    order_id = await paid_in_person(flow, "pm_card_authenticationRequired")
    waiting = await payment(flow, order_id)
    intent = waiting.client_secret.partition("_secret_")[0]
    await flow.sandbox.switches.post(f"payment_intents/{intent}/challenge", outcome="proved")
    await flow.work()

    assert waiting.payment.status == pb.PAYMENT_STATUS_REQUIRES_ACTION
    assert waiting.next_action.type == "use_stripe_sdk"
    assert await flow.status(order_id) == "confirmed"
    assert await charged(flow) == [TOTAL]


async def test_a_declined_buyer_tries_another_card(flow: Flow) -> None:
    order_id = await paid_in_person(flow, "pm_card_chargeDeclinedInsufficientFunds")
    declined = await payment(flow, order_id)
    await confirm(flow, declined.client_secret)
    await flow.work()

    assert declined.payment.status == pb.PAYMENT_STATUS_FAILED
    assert declined.payment.failure_code == "insufficient_funds"
    assert await flow.status(order_id) == "confirmed"
    assert await charged(flow) == [TOTAL]


async def test_a_saved_card_that_is_declined_leaves_the_buyer_their_time_to_pay(flow: Flow) -> None:
    card = await saved(flow, "pm_card_chargeCustomerFail")
    order_id = await flow.draft()
    request = negotiation_pb2.SubmitOrderRequest(order_id=order_id, payment_method_id=card)
    await flow.booking.SubmitOrder(request, metadata=as_buyer())
    await flow.work()
    failed = await payment(flow, order_id)
    before = await flow.status(order_id)
    await confirm(flow, failed.client_secret)
    await flow.work()

    assert (before, failed.payment.status) == ("accepted", pb.PAYMENT_STATUS_FAILED)
    assert await flow.status(order_id) == "confirmed"
    assert await charged(flow) == [TOTAL]


async def saved(flow: Flow, card: str) -> str:
    """Another card of the buyer's that may be charged without them."""
    begun = await flow.booking.CreateSetupIntent(card_pb2.CreateSetupIntentRequest(), metadata=as_buyer())
    form = f"payment_method={card}&client_secret={begun.client_secret}"
    await flow.sandbox.raw("POST", f"/v1/setup_intents/{begun.setup_intent_id}/confirm", form)
    await flow.work()
    listed = await flow.booking.ListSavedCards(card_pb2.ListSavedCardsRequest(), metadata=as_buyer())
    return next(one.payment_method_id for one in listed.cards if one.payment_method_id != flow.card)


async def test_what_is_not_paid_in_time_is_released(flow: Flow) -> None:
    order_id = await accepted(flow)
    secret = (await payment(flow, order_id)).client_secret
    await flow.work(wait=timedelta(minutes=16))
    assert await flow.status(order_id) == "declined"
    assert await confirm(flow, secret) == 400
    assert (await payment(flow, order_id)).payment.status == pb.PAYMENT_STATUS_CANCELLED


async def test_a_payment_that_succeeds_too_late_goes_back_whole(flow: Flow) -> None:
    """Its buyer confirmed it, and it was captured, before anybody here had read the processor's first answer."""
    order_id = await accepted(flow)
    secret = (await payment(flow, order_id)).client_secret
    await flow.sandbox.switches.post("webhooks", paused=True)
    await confirm(flow, secret)
    intent = secret.partition("_secret_")[0]
    await flow.sandbox.raw("POST", f"/v1/payment_intents/{intent}/capture")
    cancelling = ordering_pb2.CancelOrderRequest(order_id=order_id, reason="Rain.")
    await flow.booking.CancelOrder(cancelling, metadata=as_buyer())
    await flow.work()
    await flow.sandbox.switches.post("webhooks", paused=False)
    await flow.work()

    movements = [amount for kind, amount in await flow.sandbox.switches.movements() if kind in ("charge", "refund")]
    told = await receipt(flow, order_id)
    assert await flow.status(order_id) == "cancelled_buyer"
    assert movements == [TOTAL, -TOTAL]
    assert (told.charged_cents, told.refunded_cents, told.tip_cents) == (0, 0, 0)
    assert [(one.amount_cents, one.status) for one in told.refunds] == [(TOTAL, pb.REFUND_STATUS_SUCCEEDED)]


async def test_events_that_come_twice_and_backwards_pay_once(flow: Flow) -> None:
    await flow.sandbox.switches.post("webhooks", copies=2, order="shuffled")
    order_id = await flow.completed()
    assert await flow.status(order_id) == "completed"
    assert await charged(flow) == [TOTAL]
    assert await flow.paid_out() == 23_000
    parked = await flow.rows("select type from payments.webhook_event where status = 'parked'")
    assert {row["type"] for row in parked} <= {"account.updated"}


async def test_a_word_that_nobody_knows_is_parked(flow: Flow) -> None:
    order_id = await flow.confirmed()
    row = await flow.row("select stripe_payment_intent_id as pi from booking.payment where order_id = $1", order_id)
    body = {"id": "re_unknown", "object": "refund", "status": "in_limbo", "payment_intent": row["pi"]}
    await flow.sandbox.switches.post("events", type="refund.updated", object=body)
    await flow.sandbox.switches.post("events", type="payment_intent.invented", object={"id": row["pi"]})
    await flow.sandbox.switches.post("webhooks/flush")
    await flow.server.worker().run_due()
    found = await flow.rows(
        "select type, status from payments.webhook_event where type in ('refund.updated', 'payment_intent.invented')"
        " order by type"
    )
    assert next(row["status"] for row in found) == "ignored"
    assert await flow.status(order_id) == "confirmed"


async def test_the_sweeper_finds_what_no_webhook_told(flow: Flow) -> None:
    order_id = await flow.draft(mode=2)
    await flow.booking.SubmitOrder(negotiation_pb2.SubmitOrderRequest(order_id=order_id), metadata=as_buyer())
    secret = (await payment(flow, order_id)).client_secret
    await flow.work()
    await flow.sandbox.switches.post("webhooks", paused=True)
    await confirm(flow, secret)
    await flow.enqueue(SWEEP, "now")
    await flow.work(wait=timedelta(hours=2))
    assert (await payment(flow, order_id)).payment.status == pb.PAYMENT_STATUS_CAPTURED
    assert await charged(flow) == [TOTAL]
    await flow.sandbox.switches.post("webhooks", paused=False)
    await flow.work()


async def test_a_receipt_equals_the_rows_that_moved(flow: Flow) -> None:
    order_id = await flow.delivered()
    tip = fulfilment_pb2.AddTipRequest(order_id=order_id, tip_cents=700, payment_method_id=flow.card)
    await flow.booking.AddTip(tip, metadata=as_buyer())
    await flow.work()
    told = await receipt(flow, order_id)
    moved = await flow.row(
        "select sum(captured_cents)::int as captured, sum(refunded_cents)::int as refunded from booking.payment"
        " where order_id = $1",
        order_id,
    )
    assert (told.charged_cents, told.refunded_cents) == (moved["captured"], moved["refunded"]) == (TOTAL + 700, 0)
    assert told.subtotal_cents + told.platform_fee_cents + told.tax_cents + told.tip_cents == told.charged_cents
    assert sum(item.total_cents for item in told.line_items) == told.subtotal_cents
    assert [one.purpose for one in told.payments] == [pb.PAYMENT_PURPOSE_PRINCIPAL, pb.PAYMENT_PURPOSE_TIP]
    assert told.tip_cents == 1_200


async def test_a_cancelled_booking_shows_what_went_back(flow: Flow) -> None:
    order_id = await flow.confirmed()
    await flow.booking.CancelOrder(ordering_pb2.CancelOrderRequest(order_id=order_id), metadata=as_buyer())
    await flow.work()
    told = await receipt(flow, order_id)
    (refund,) = told.refunds
    parts = refund.subtotal_cents + refund.platform_fee_cents + refund.tax_cents + refund.tip_cents
    assert (told.charged_cents, told.refunded_cents, told.paid_cents) == (TOTAL, TOTAL, 0)
    assert parts == refund.amount_cents == TOTAL
    assert refund.status == pb.REFUND_STATUS_SUCCEEDED


async def test_money_is_the_buyers_business(flow: Flow) -> None:
    draft = await flow.draft()
    order_id = await flow.confirmed(location_address="Elsewhere 2, Berlin")
    asked = pb.GetPaymentRequest(order_id=order_id)
    told = pb.GetReceiptRequest(order_id=order_id)
    refused = [
        await refusal(flow.booking.GetPayment(asked, metadata=as_stranger())),
        await refusal(flow.booking.GetPayment(asked, metadata=as_provider())),
        await refusal(flow.booking.GetReceipt(told, metadata=as_stranger())),
        await refusal(flow.booking.GetReceipt(told, metadata=as_provider())),
        await refusal(payment(flow, order_id, "pay_unknown")),
    ]
    nothing = await refusal(payment(flow, draft))
    assert {(one.code, one.reason) for one in refused} == {(grpc.StatusCode.NOT_FOUND, "NOT_FOUND")}
    assert (nothing.code, nothing.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "NOTHING_TO_PAY")
    assert (await flow.booking.GetReceipt(told, metadata=as_finance())).charged_cents == TOTAL


async def test_the_reconciliation_of_a_whole_booking_finds_nothing(flow: Flow) -> None:
    order_id = await flow.completed()
    await flow.enqueue(RECONCILE, "today")
    await flow.work()
    assert await flow.rows("select name from booking.money_finding") == []
    async with flow.server.app.core.database.read() as tx:
        story = await flow.server.app.tellers["ord"].tell(tx, order_id)
    assert story is not None
    assert [one.name for one in story.sums if not one.holds] == []
    told = [entry.what for entry in story.entries]
    assert {"payment principal captured", "transfer succeeded"} <= set(told)
    assert any(what.startswith("call transfers.create succeeded") for what in told)
