"""What a card bank's complaint does to an order, with the sandbox for a processor and its webhooks."""

from datetime import timedelta

import pytest

from callsheet.booking.v1 import dispute_pb2 as pb
from callsheet.booking.v1 import fulfilment_pb2, ordering_pb2
from tests.rpc.booking_flow import Flow, as_agent, as_buyer, as_provider
from tests.rpc.harness import refusal


async def charge_of(flow: Flow, order_id: str) -> str:
    row = await flow.row("select stripe_charge_id from booking.payment where order_id = $1 and sequence = 1", order_id)
    return str(row["stripe_charge_id"])


async def filed(flow: Flow, order_id: str, **changes: object) -> str:
    """The cardholder complains; the processor's id of it."""
    answer = await flow.sandbox.switches.post(f"charges/{await charge_of(flow, order_id)}/disputes", **changes)
    await flow.work()
    return str(answer["id"])


async def decided(flow: Flow, complaint: str, status: str) -> None:
    await flow.sandbox.switches.post(f"disputes/{complaint}/decide", status=status)
    await flow.work()


async def disputes_of(flow: Flow, order_id: str) -> list[tuple[str, str | None, str]]:
    rows = await flow.rows(
        "select status, outcome, opened_by from booking.dispute where order_id = $1 order by dispute_id", order_id
    )
    return [(row["status"], row["outcome"], row["opened_by"]) for row in rows]


async def test_a_chargeback_disputes_the_order_and_takes_the_payout_back(flow: Flow) -> None:
    order_id = await flow.completed()
    await filed(flow, order_id)
    assert await flow.status(order_id) == "disputed"
    assert await disputes_of(flow, order_id) == [("chargeback", None, "processor")]
    assert (await flow.balance(order_id))["withdrawn_cents"] == 28_903
    assert await flow.paid_out() == 0


async def test_a_chargeback_that_is_won_leads_back_and_pays_again(flow: Flow) -> None:
    order_id = await flow.completed()
    complaint = await filed(flow, order_id)
    await decided(flow, complaint, "won")
    assert await flow.status(order_id) == "completed"
    assert await disputes_of(flow, order_id) == [("resolved_provider", "chargeback_won", "processor")]
    assert await flow.paid_out() == 23_000


async def test_a_chargeback_that_is_lost_resolves_the_order(flow: Flow) -> None:
    order_id = await flow.completed()
    complaint = await filed(flow, order_id)
    await decided(flow, complaint, "lost")
    assert await flow.status(order_id) == "resolved"
    assert await disputes_of(flow, order_id) == [("resolved_buyer", "chargeback_lost", "processor")]
    assert await flow.paid_out() == 0


async def test_a_chargeback_lost_before_the_start_frees_the_slot(flow: Flow) -> None:
    order_id = await flow.confirmed()
    order = await flow.read(order_id)
    complaint = await filed(flow, order_id)
    rival = await flow.draft(start_ts=order.start_ts, end_ts=order.end_ts)
    refused = await refusal(flow.submitted(rival))
    await decided(flow, complaint, "lost")
    await flow.submitted(rival)
    assert refused.reason == "SLOT_TAKEN"


async def test_the_bank_takes_over_the_dispute_that_people_have(flow: Flow) -> None:
    order_id = await flow.in_progress()
    dispute = await flow.disputed(order_id)
    await flow.reviewed(dispute.dispute_id)
    decision = await flow.proposed(dispute.dispute_id, pb.DISPUTE_RESULT_RESOLVED_PROVIDER)
    complaint = await filed(flow, order_id)
    refused = await refusal(flow.approved(decision))
    withdrawn = await refusal(
        flow.booking.WithdrawDispute(pb.WithdrawDisputeRequest(dispute_id=dispute.dispute_id), metadata=as_buyer())
    )
    taken = await disputes_of(flow, order_id)
    await decided(flow, complaint, "won")

    assert taken == [("chargeback", None, "buyer")]
    assert (refused.reason, withdrawn.reason) == ("ILLEGAL_TRANSITION", "ILLEGAL_TRANSITION")
    assert await flow.status(order_id) == "in_progress"
    assert await disputes_of(flow, order_id) == [("resolved_provider", "chargeback_won", "buyer")]


async def test_an_inquiry_moves_nothing(flow: Flow) -> None:
    order_id = await flow.confirmed()
    await filed(flow, order_id, status="warning_needs_response")
    assert await flow.status(order_id) == "confirmed"
    assert await disputes_of(flow, order_id) == []


async def test_a_status_nobody_knows_changes_nothing(flow: Flow) -> None:
    order_id = await flow.confirmed()
    complaint = await filed(flow, order_id)
    before = await flow.events(order_id)
    await flow.sandbox.switches.post(f"disputes/{complaint}/status", status="a_word_nobody_knows")
    await flow.work()
    assert await flow.events(order_id) == before
    assert await disputes_of(flow, order_id) == [("chargeback", None, "processor")]


async def test_the_address_of_a_cancelled_order_stays_hidden_by_a_chargeback(flow: Flow) -> None:
    order_id = await flow.confirmed()
    await flow.work(wait=timedelta(days=19, hours=23))
    await flow.booking.CancelOrder(ordering_pb2.CancelOrderRequest(order_id=order_id), metadata=as_buyer())
    await flow.work()
    complaint = await filed(flow, order_id)
    disputed = await flow.status(order_id)
    hidden = [(await flow.read(order_id, who)).location_address for who in (as_buyer(), as_provider(), as_agent())]
    await decided(flow, complaint, "won")
    assert disputed == "disputed"
    assert hidden == ["", "", ""]
    assert await flow.status(order_id) == "cancelled_buyer"


async def test_of_two_chargebacks_the_last_one_decides(flow: Flow) -> None:
    order_id = await flow.completed()
    request = fulfilment_pb2.AddTipRequest(order_id=order_id, tip_cents=1_000, payment_method_id=flow.card)
    await flow.booking.AddTip(request, metadata=as_buyer())
    await flow.work()
    first = await filed(flow, order_id)
    tip = await flow.row("select stripe_charge_id from booking.payment where order_id = $1 and sequence = 2", order_id)
    second = str((await flow.sandbox.switches.post(f"charges/{tip['stripe_charge_id']}/disputes"))["id"])
    await flow.work()
    await decided(flow, first, "lost")
    between = await flow.status(order_id)
    await decided(flow, second, "won")
    assert between == "disputed"
    assert await flow.status(order_id) == "resolved"
    assert {outcome for _, outcome, _ in await disputes_of(flow, order_id)} == {"chargeback_lost", "chargeback_won"}


@pytest.mark.parametrize("policy", [{"copies": 3}, {"order": "reversed"}, {"order": "shuffled", "copies": 2}])
async def test_webhooks_that_repeat_or_overtake_each_other_come_to_the_same(
    flow: Flow, policy: dict[str, object]
) -> None:
    order_id = await flow.completed()
    await flow.sandbox.switches.post("webhooks", paused=True, **policy)
    answer = await flow.sandbox.switches.post(f"charges/{await charge_of(flow, order_id)}/disputes")
    await flow.sandbox.switches.post(f"disputes/{answer['id']}/decide", status="won")
    await flow.sandbox.switches.post("webhooks", paused=False)
    await flow.work()
    assert await flow.status(order_id) == "completed"
    assert await disputes_of(flow, order_id) == [("resolved_provider", "chargeback_won", "processor")]
    assert await flow.paid_out() == 23_000
