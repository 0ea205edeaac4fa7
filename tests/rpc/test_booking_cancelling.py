"""Calling an order off, over a socket and with the sandbox for a processor: what was told is what happens."""

import asyncio
from datetime import UTC, timedelta

import pytest
from grpc import StatusCode

from callsheet.booking.v1 import cancelling_pb2 as pb
from callsheet.booking.v1 import dispute_pb2, fulfilment_pb2, negotiation_pb2, order_pb2, ordering_pb2, provider_pb2
from server.booking.cancelling.decision import KEPT_IS_PAID_AFTER
from tests.rpc.booking import described, stamp
from tests.rpc.booking_flow import Flow, Metadata, as_agent, as_buyer, as_finance, as_provider, as_stranger
from tests.rpc.harness import refusal

PRECONDITION = StatusCode.FAILED_PRECONDITION
STANDARD = provider_pb2.CANCELLATION_POLICY_STANDARD


async def previewed(flow: Flow, order_id: str, who: Metadata) -> pb.PreviewCancellationResponse:
    return await flow.booking.PreviewCancellation(pb.PreviewCancellationRequest(order_id=order_id), metadata=who)


async def cancelled(flow: Flow, order_id: str, who: Metadata, **changes: object) -> ordering_pb2.CancelOrderResponse:
    request = ordering_pb2.CancelOrderRequest(order_id=order_id, reason="Rain.")
    for name, value in changes.items():
        setattr(request, name, value)
    return await flow.booking.CancelOrder(request, metadata=who)


async def in_days(flow: Flow, **ahead: int) -> str:
    """A paid order that starts then, under the standard policy, past its grace."""
    await described(flow.booking, cancellation_policy=STANDARD)
    start = flow.clock.now() + timedelta(**ahead) + timedelta(hours=25)
    order_id = await flow.confirmed(start_ts=stamp(start), end_ts=stamp(start + timedelta(hours=2, minutes=30)))
    await flow.work(wait=timedelta(hours=25))
    return order_id


@pytest.mark.parametrize(
    ("ahead", "band", "refund", "keeps"),
    [
        ({"days": 8}, pb.CANCELLATION_BAND_FULL, 28_903, 0),
        ({"days": 3}, pb.CANCELLATION_BAND_HALF, 12_500 + 500, 11_250),
        ({"hours": 3}, pb.CANCELLATION_BAND_NONE, 500, 22_500),
    ],
    ids=["full", "half", "none"],
)
async def test_the_policy_decides_and_the_preview_tells_it_to_the_cent(
    flow: Flow, ahead: dict[str, int], band: int, refund: int, keeps: int
) -> None:
    order_id = await in_days(flow, **ahead)
    preview = await previewed(flow, order_id, as_buyer())
    done = await cancelled(flow, order_id, as_buyer(), version=preview.version)
    await flow.work()
    balance = await flow.balance(order_id)
    waits = await flow.paid_out()
    await flow.work(wait=KEPT_IS_PAID_AFTER)

    assert done.cancellation == preview.cancellation
    assert (done.cancellation.band, done.cancellation.refund_cents) == (band, refund)
    assert done.order.status == order_pb2.BOOKING_STATUS_CANCELLED_BUYER
    assert (balance["refunded_cents"], balance["tip_returned_cents"]) == (refund, 500)
    assert (waits, await flow.paid_out()) == (0, keeps)
    assert sum(amount for kind, amount in await flow.sandbox.switches.movements() if kind == "refund") == -refund


async def test_within_a_day_of_the_confirmation_everything_goes_back(flow: Flow) -> None:
    await described(flow.booking, cancellation_policy=STANDARD)
    start = flow.clock.now() + timedelta(days=3)
    order_id = await flow.confirmed(start_ts=stamp(start), end_ts=stamp(start + timedelta(hours=2, minutes=30)))
    done = await cancelled(flow, order_id, as_buyer())
    assert done.cancellation.band == pb.CANCELLATION_BAND_GRACE
    assert done.cancellation.refund_cents == 28_903


async def test_a_provider_who_cancels_gives_everything_back_with_a_strike(flow: Flow) -> None:
    order_id = await flow.in_progress()
    preview = await previewed(flow, order_id, as_provider())
    done = await cancelled(flow, order_id, as_provider())
    await flow.work()

    assert done.cancellation == preview.cancellation
    assert done.cancellation.band == pb.CANCELLATION_BAND_FAULT
    assert done.order.status == order_pb2.BOOKING_STATUS_CANCELLED_PROVIDER
    assert (await flow.balance(order_id))["refunded_cents"] == 28_903
    assert (await flow.row("select strikes from booking.provider_profile"))["strikes"] == 1


async def test_what_was_forfeited_comes_back_when_the_provider_cancels_and_transfers_are_reversed(flow: Flow) -> None:
    order_id = await flow.in_progress(10_000, 15_000)
    first, _ = [item.milestone_id for item in await flow.milestones(order_id)]
    await flow.milestone_delivered(first)
    await flow.milestone_approved(first)
    await flow.work()
    paid = await flow.paid_out()
    await cancelled(flow, order_id, as_provider())
    await flow.work()
    balance = await flow.balance(order_id)

    assert paid == 9_000
    assert await flow.paid_out() == 0
    assert balance["refunded_cents"] == balance["charged_cents"] == 28_903
    assert balance["reversed_cents"] == balance["transferred_cents"] == 9_000


async def test_after_three_strikes_a_provider_is_not_booked_instantly(flow: Flow) -> None:
    for _ in range(3):
        order_id = await flow.confirmed()
        await cancelled(flow, order_id, as_provider())
        await flow.work()
    draft = await flow.draft()
    request = negotiation_pb2.SubmitOrderRequest(order_id=draft, payment_method_id=flow.card)
    refused = await refusal(flow.booking.SubmitOrder(request, metadata=as_buyer()))
    assert (refused.code, refused.reason) == (PRECONDITION, "NOT_BOOKABLE")
    assert refused.metadata["why"] == "instant_book_lost"


async def test_an_agent_cancels_for_the_provider_and_needs_a_reason(flow: Flow) -> None:
    order_id = await flow.confirmed()
    silent = await refusal(cancelled(flow, order_id, as_agent(), reason=""))
    done = await cancelled(flow, order_id, as_agent(), reason="The studio burnt down.")
    event = await flow.row(
        "select event, actor_kind from booking.order_event where order_id = $1 order by sequence desc limit 1", order_id
    )
    assert silent.violations == {"reason": "must be given where it is not the buyer who cancels"}
    assert done.order.status == order_pb2.BOOKING_STATUS_CANCELLED_PROVIDER
    assert event == {"event": "cancel_by_agent", "actor_kind": "agent"}


async def test_a_draft_ends_without_money(flow: Flow) -> None:
    order_id = await flow.draft()
    preview = await previewed(flow, order_id, as_buyer())
    done = await cancelled(flow, order_id, as_buyer())
    assert (
        done.cancellation
        == preview.cancellation
        == pb.Cancellation(status=order_pb2.BOOKING_STATUS_CANCELLED_BUYER, band=pb.CANCELLATION_BAND_UNPAID)
    )
    assert not preview.HasField("full_refund_until")


async def test_a_pending_request_expires_with_its_order_and_nothing_is_charged(flow: Flow) -> None:
    order_id = await flow.draft(mode=order_pb2.BOOKING_MODE_RTB)
    await flow.rows("update booking.autoaccept_rule set active = false returning rule_id")
    await flow.submitted(order_id)
    await flow.work()
    pending = await flow.status(order_id)
    await cancelled(flow, order_id, as_buyer())
    await flow.work()
    request = await flow.row("select status, answer_reason from booking.request where order_id = $1", order_id)
    assert pending == "pending_accept"
    assert request["status"] == "expired"
    assert [kind for kind, _ in await flow.sandbox.switches.movements() if kind == "charge"] == []


async def test_the_slot_is_free_again(flow: Flow) -> None:
    order_id = await flow.confirmed()
    order = await flow.read(order_id)
    await cancelled(flow, order_id, as_buyer())
    again = await flow.confirmed(start_ts=order.start_ts, end_ts=order.end_ts)
    assert await flow.status(again) == "confirmed"


async def test_a_buyer_does_not_cancel_what_has_begun(flow: Flow) -> None:
    order_id = await flow.confirmed()
    flow.clock.advance((await flow.read(order_id)).start_ts.ToDatetime(tzinfo=UTC) - flow.clock.now())
    late = await refusal(cancelled(flow, order_id, as_buyer()))
    told = await refusal(previewed(flow, order_id, as_buyer()))
    await flow.work()
    begun = await refusal(cancelled(flow, order_id, as_buyer()))
    assert (late.code, late.reason) == (told.code, told.reason) == (PRECONDITION, "TOO_LATE")
    assert (begun.code, begun.reason) == (PRECONDITION, "ILLEGAL_TRANSITION")


async def test_nobody_else_cancels_or_is_told(flow: Flow) -> None:
    order_id = await flow.confirmed()
    stranger = [await refusal(call(flow, order_id, as_stranger())) for call in (cancelled, previewed)]
    finance = [await refusal(call(flow, order_id, as_finance())) for call in (cancelled, previewed)]
    assert {(one.code, one.reason) for one in stranger} == {(StatusCode.NOT_FOUND, "NOT_FOUND")}
    assert {(one.code, one.reason) for one in finance} == {(StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED")}


async def test_the_address_follows_the_order(flow: Flow) -> None:
    order_id = await flow.draft()
    draft = [(await flow.read(order_id, who)).location_address for who in (as_buyer(), as_agent())]
    await flow.submitted(order_id)
    unpaid = [(await flow.read(order_id, who)).location_address for who in (as_buyer(), as_provider(), as_agent())]
    await flow.work()
    after = [(await flow.read(order_id, who)).location_address for who in (as_buyer(), as_provider(), as_agent())]
    finance = (await flow.read(order_id, as_finance())).location_address
    done = await cancelled(flow, order_id, as_buyer())
    ended = [(await flow.read(order_id, who)).location_address for who in (as_buyer(), as_provider(), as_agent())]
    request = ordering_pb2.ListOrdersRequest(side=ordering_pb2.SIDE_PROVIDER)
    listed = await flow.booking.ListOrders(request, metadata=as_provider())

    assert (draft, unpaid) == (["Somewhere 1, Berlin", ""], ["Somewhere 1, Berlin", "", ""])
    assert after == ["Somewhere 1, Berlin"] * 3
    assert (finance, done.order.location_address) == ("", "")
    assert ended == ["", "", ""]
    assert [order.location_address for order in listed.orders] == [""]


async def test_a_repeated_cancellation_with_one_key_gives_back_once(flow: Flow) -> None:
    order_id = await flow.confirmed()
    answers = [await cancelled(flow, order_id, as_buyer(), idempotency_key="off") for _ in range(2)]
    await flow.work()
    assert answers[0] == answers[1]
    assert (await flow.balance(order_id))["refunded_cents"] == 28_903


async def test_a_cancellation_on_terms_that_changed_is_refused(flow: Flow) -> None:
    order_id = await flow.confirmed()
    preview = await previewed(flow, order_id, as_buyer())
    refused = await refusal(cancelled(flow, order_id, as_buyer(), version=preview.version - 1))
    assert (refused.code, refused.reason) == (StatusCode.ABORTED, "STALE_VERSION")


async def test_of_a_capture_and_a_cancellation_nobody_is_charged_for_nothing(flow: Flow) -> None:
    for _ in range(6):
        order_id = await flow.submitted(await flow.draft())
        await asyncio.gather(
            flow.server.worker().run_due(), cancelled(flow, order_id, as_buyer()), return_exceptions=True
        )
        await flow.work()
        order = await flow.row("select status from booking.order where order_id = $1", order_id)
        balances = await flow.rows("select * from booking.refund_balance where order_id = $1", order_id)
        assert order["status"] == "cancelled_buyer"
        assert all(row["charged_cents"] == row["refunded_cents"] for row in balances)
    movements = await flow.sandbox.switches.movements()
    assert sum(amount for kind, amount in movements if kind in ("charge", "refund")) == 0


async def test_of_a_cancellation_and_a_completion_one_wins(flow: Flow) -> None:
    order_id = await flow.delivered()
    answers = await asyncio.gather(
        flow.booking.CompleteOrder(fulfilment_pb2.CompleteOrderRequest(order_id=order_id), metadata=as_buyer()),
        flow.booking.RequestChanges(
            fulfilment_pb2.RequestChangesRequest(order_id=order_id, reason="More."), metadata=as_buyer()
        ),
        cancelled(flow, order_id, as_provider()),
        return_exceptions=True,
    )
    await flow.work()
    status = await flow.status(order_id)
    wins = [not isinstance(answer, BaseException) for answer in answers]
    paid = await flow.paid_out()
    # Changes may be asked for first, and then the provider cancels what is in progress again: two steps, one end.
    assert (wins, status) in [
        ([True, False, False], "completed"),
        ([False, True, False], "in_progress"),
        ([False, True, True], "cancelled_provider"),
    ]
    assert paid == (23_000 if status == "completed" else 0)


async def test_of_a_cancellation_and_a_dispute_one_wins(flow: Flow) -> None:
    for _ in range(4):
        order_id = await flow.confirmed()
        answers = await asyncio.gather(
            cancelled(flow, order_id, as_buyer()), flow.disputed(order_id, as_provider()), return_exceptions=True
        )
        await flow.work()
        wins = [not isinstance(answer, BaseException) for answer in answers]
        status = await flow.status(order_id)
        assert (wins, status) in [([True, False], "cancelled_buyer"), ([False, True], "disputed")]
        if status == "disputed":
            (found,) = (
                await flow.booking.ListDisputes(
                    dispute_pb2.ListDisputesRequest(order_id=order_id), metadata=as_provider()
                )
            ).disputes
            await flow.booking.WithdrawDispute(
                dispute_pb2.WithdrawDisputeRequest(dispute_id=found.dispute_id), metadata=as_provider()
            )
            await cancelled(flow, order_id, as_buyer())
        await flow.work()
