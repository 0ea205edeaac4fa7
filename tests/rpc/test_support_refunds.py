"""Refunds of cases, on whole bookings: proposed by one, approved by another, paid once, and mirrored."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import timedelta

import grpc
import pytest
from grpc import StatusCode

from callsheet.booking.v1 import dispute_pb2, fulfilment_pb2, ordering_pb2
from callsheet.growth.v1 import credit_pb2
from callsheet.growth.v1.growth_pb2_grpc import GrowthServiceStub
from callsheet.support.v1 import case_pb2, cases_pb2, handling_pb2, holds_pb2
from callsheet.support.v1 import refunds_pb2 as pb
from server.core.call import Role
from server.support.refunds.timers import SETTLED
from tests.rpc.booking import BUYER
from tests.rpc.booking_flow import (
    AGENT,
    OTHER_AGENT,
    Flow,
    Metadata,
    as_agent,
    as_buyer,
    as_finance,
    as_provider,
    lasting,
)
from tests.rpc.harness import read_refusal, refusal

ALL = 10_000
"""The whole of a subtotal, in bips."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What staff do with the refunds of a case."""

    flow: Flow

    async def case(self, order_id: str) -> str:
        """A case about the order that an agent looks into."""
        request = cases_pb2.OpenCaseRequest(
            type=case_pb2.CASE_TYPE_BOOKING, subtype="quality", leg_id=order_id, body_md="Half of it is blurred."
        )
        case_id = (await self.flow.support.OpenCase(request, metadata=as_buyer())).case.case_id
        await self.flow.support.AssignCase(handling_pb2.AssignCaseRequest(case_id=case_id), metadata=as_agent())
        return case_id

    async def proposed(
        self, case_id: str, bips: int, metadata: Metadata | None = None, currency: str = ""
    ) -> pb.Refund:
        request = pb.ProposeRefundRequest(
            case_id=case_id,
            share=pb.RefundShare(bips=bips),
            fee_refundable=True,
            reason="Half of it.",
            currency=currency,
        )
        answer = await self.flow.support.ProposeRefund(request, metadata=metadata or as_agent())
        return answer.refund

    async def approved(self, refund_id: str, metadata: Metadata | None = None) -> pb.Refund:
        request = pb.ApproveRefundRequest(refund_id=refund_id)
        answer = await self.flow.support.ApproveRefund(request, metadata=metadata or as_finance())
        return answer.refund

    async def rejected(self, refund_id: str) -> pb.Refund:
        request = pb.RejectRefundRequest(refund_id=refund_id, reason="The pictures are fine.")
        return (await self.flow.support.RejectRefund(request, metadata=as_agent(OTHER_AGENT))).refund

    async def listed(self, case_id: str) -> list[pb.Refund]:
        answer = await self.flow.support.ListRefunds(
            pb.ListRefundsRequest(case_id=case_id, page_size=200), metadata=as_agent()
        )
        return list(answer.refunds)

    async def status(self, case_id: str) -> str:
        answer = await self.flow.support.GetCase(cases_pb2.GetCaseRequest(case_id=case_id), metadata=as_agent())
        return case_pb2.CaseStatus.Name(answer.case.status).removeprefix("CASE_STATUS_").lower()


async def refusal_or(call: Awaitable[object]) -> str:
    """The reason for which a call was refused; empty where it was not."""
    try:
        await call
    except grpc.aio.AioRpcError as refused:
        return read_refusal(refused).reason
    return ""


@pytest.fixture
def desk(flow: Flow) -> Desk:
    return Desk(flow)


async def test_a_refund_is_proposed_approved_paid_and_taken_back_from_the_provider(desk: Desk, flow: Flow) -> None:
    order_id = await flow.completed()
    before = await flow.paid_out()
    case_id = await desk.case(order_id)
    proposed = await desk.proposed(case_id, 4_000)
    asked = await desk.status(case_id)
    approved = await desk.approved(proposed.refund_id)
    await flow.work()
    (paid,) = await desk.listed(case_id)
    balance = await flow.balance(order_id)

    assert (asked, await desk.status(case_id)) == ("decision_pending", "refunded")
    assert (proposed.status, approved.status, paid.status) == (
        pb.REFUND_STATUS_PROPOSED,
        pb.REFUND_STATUS_PROCESSING,
        pb.REFUND_STATUS_SUCCEEDED,
    )
    assert (paid.amount_cents, paid.proposed_by) == (balance["refunded_cents"], AGENT)
    assert paid.amount_cents == paid.subtotal_cents + paid.platform_fee_cents + paid.platform_fee_tax_cents
    assert paid.subtotal_cents == 10_000
    assert paid.processor_ref.startswith("re_")
    assert before - await flow.paid_out() == 9_000


async def test_a_quote_says_what_a_proposal_comes_to_and_who_approves(desk: Desk, flow: Flow) -> None:
    case_id = await desk.case(await flow.confirmed())
    request = pb.QuoteRefundRequest(case_id=case_id, share=pb.RefundShare(bips=4_000), fee_refundable=True)
    quote = (await flow.support.QuoteRefund(request, metadata=as_agent())).quote
    proposed = await desk.proposed(case_id, 4_000)
    assert (quote.amount_cents, quote.subtotal_cents) == (proposed.amount_cents, proposed.subtotal_cents)
    assert quote.approval_role == pb.APPROVAL_ROLE_AGENT
    assert sum(line.amount_cents for line in quote.lines) == quote.subtotal_cents
    whole = pb.QuoteRefundRequest(case_id=case_id, share=pb.RefundShare(bips=ALL), fee_refundable=True)
    assert (await flow.support.QuoteRefund(whole, metadata=as_agent())).quote.approval_role == (
        pb.APPROVAL_ROLE_FINANCE
    )


async def test_the_one_who_proposed_does_not_approve_and_large_amounts_are_for_finance(desk: Desk, flow: Flow) -> None:
    case_id = await desk.case(await flow.confirmed())
    small, large = await desk.proposed(case_id, 1_000), await desk.proposed(case_id, 9_000)
    own = await refusal(desk.approved(small.refund_id, lasting(AGENT, Role.AGENT, Role.FINANCE)))
    beyond = await refusal(desk.approved(large.refund_id, as_agent(OTHER_AGENT)))
    assert (own.code, own.reason) == (StatusCode.PERMISSION_DENIED, "FOUR_EYES")
    assert (beyond.code, beyond.reason) == (StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED")
    assert (await desk.approved(small.refund_id, as_agent(OTHER_AGENT))).status == pb.REFUND_STATUS_PROCESSING


async def test_limits_are_set_by_finance_and_hold_from_then_on(desk: Desk, flow: Flow) -> None:
    case_id = await desk.case(await flow.confirmed())
    refund = await desk.proposed(case_id, 1_000)
    request = pb.PutRefundLimitsRequest(currency="usd", agent_approves_cents=0, agent_grants_cents=0)
    refused = await refusal(flow.support.PutRefundLimits(request, metadata=as_agent()))
    await flow.support.PutRefundLimits(request, metadata=as_finance())
    listed = await flow.support.ListRefundLimits(pb.ListRefundLimitsRequest(), metadata=as_agent())
    assert refused.reason == "ROLE_REQUIRED"
    assert [(limits.currency, limits.agent_approves_cents) for limits in listed.limits] == [("usd", 0)]
    assert (await refusal(desk.approved(refund.refund_id, as_agent(OTHER_AGENT)))).reason == "ROLE_REQUIRED"


@pytest.mark.parametrize(("bips", "succeed"), [(6_000, 1), (700, 14)])
async def test_forty_approvals_at_once_give_back_no_more_than_was_paid(
    desk: Desk, flow: Flow, bips: int, succeed: int
) -> None:
    order_id = await flow.completed()
    case_id = await desk.case(order_id)
    refunds = [await desk.proposed(case_id, bips) for _ in range(40)]
    outcomes = await asyncio.gather(*(desk.approved(refund.refund_id) for refund in refunds), return_exceptions=True)
    await flow.work()
    balance = await flow.balance(order_id)

    assert sum(isinstance(outcome, pb.Refund) for outcome in outcomes) == succeed
    assert [refund.status for refund in await desk.listed(case_id)].count(pb.REFUND_STATUS_SUCCEEDED) == succeed
    assert balance["refunded_cents"] <= balance["charged_cents"]
    assert balance["subtotal_returned_cents"] == succeed * 25_000 * bips // 10_000


async def test_approvals_race_with_the_buyer_who_cancels(desk: Desk, flow: Flow) -> None:
    order_id = await flow.confirmed()
    case_id = await desk.case(order_id)
    refunds = [await desk.proposed(case_id, 6_000) for _ in range(10)]
    cancel = ordering_pb2.CancelOrderRequest(order_id=order_id, reason="Rain.")
    await asyncio.gather(
        *(desk.approved(refund.refund_id) for refund in refunds),
        flow.booking.CancelOrder(cancel, metadata=as_buyer()),
        return_exceptions=True,
    )
    await flow.work()
    balance = await flow.balance(order_id)
    assert balance["refunded_cents"] == balance["charged_cents"]
    assert await flow.status(order_id) == "cancelled_buyer"


@pytest.mark.parametrize(("bips", "succeed"), [(6_000, 0), (700, 5)])
async def test_approvals_race_with_the_decision_of_a_dispute(desk: Desk, flow: Flow, bips: int, succeed: int) -> None:
    """The dispute gives six tenths back. What comes before it is refused; what comes after it gets of the rest."""
    order_id = await flow.in_progress()
    case_id = await desk.case(order_id)
    refunds = [await desk.proposed(case_id, bips) for _ in range(20)]
    dispute = await flow.disputed(order_id)
    await flow.reviewed(dispute.dispute_id)
    decision = await flow.proposed(dispute.dispute_id, dispute_pb2.DISPUTE_RESULT_SPLIT, 15_000)
    decided, approved = await asyncio.gather(
        flow.approved(decision), asyncio.gather(*(refusal_or(desk.approved(refund.refund_id)) for refund in refunds))
    )
    early = [refund for refund, outcome in zip(refunds, approved, strict=True) if outcome == "DISPUTE_DECIDES"]
    late = [await refusal_or(desk.approved(refund.refund_id)) for refund in early]
    outcomes = Counter(outcome for outcome in [*approved, *late] if outcome != "DISPUTE_DECIDES")
    await flow.work()
    await flow.work(wait=timedelta(minutes=1))
    balance = await flow.balance(order_id)
    statuses = Counter(refund.status for refund in await desk.listed(case_id))

    assert decided.status == dispute_pb2.DISPUTE_STATUS_SPLIT
    assert outcomes == +Counter({"": succeed, "REFUND_EXCEEDS_PAID": 20 - succeed})
    assert balance["subtotal_returned_cents"] == 15_000 + succeed * 25_000 * bips // 10_000
    assert balance["refunded_cents"] <= balance["charged_cents"]
    assert statuses == +Counter({pb.REFUND_STATUS_SUCCEEDED: succeed, pb.REFUND_STATUS_FAILED: 20 - succeed})
    assert await desk.status(case_id) == "refunded"


async def test_what_is_beyond_the_rest_or_in_another_currency_is_refused(desk: Desk, flow: Flow) -> None:
    case_id = await desk.case(await flow.completed())
    first, second = await desk.proposed(case_id, 6_000), await desk.proposed(case_id, 6_000)
    await desk.approved(first.refund_id)
    beyond = await refusal(desk.approved(second.refund_id))
    currency = await refusal(desk.proposed(case_id, 100, currency="eur"))
    assert (beyond.code, beyond.reason) == (StatusCode.FAILED_PRECONDITION, "REFUND_EXCEEDS_PAID")
    assert currency.violations == {"currency": "must be usd, as the order was paid"}


async def test_while_a_dispute_is_open_only_booking_decides(desk: Desk, flow: Flow) -> None:
    order_id = await flow.in_progress()
    case_id = await desk.case(order_id)
    await flow.disputed(order_id)
    refused = await refusal(desk.proposed(case_id, 1_000))
    assert (refused.code, refused.reason) == (StatusCode.FAILED_PRECONDITION, "DISPUTE_DECIDES")


async def test_a_rejected_refund_is_over_and_its_case_goes_on(desk: Desk, flow: Flow) -> None:
    case_id = await desk.case(await flow.completed())
    refund = await desk.proposed(case_id, 1_000)
    rejected = await desk.rejected(refund.refund_id)
    again = await refusal(desk.approved(refund.refund_id))
    assert (rejected.status, rejected.failure_reason) == (pb.REFUND_STATUS_FAILED, "rejected")
    assert again.reason == "REFUND_REJECTED"
    assert await desk.status(case_id) == "investigating"


async def test_another_decision_ends_what_was_proposed_unless_it_is_under_way(desk: Desk, flow: Flow) -> None:
    case_id = await desk.case(await flow.completed())
    denied = handling_pb2.DenyCaseRequest(case_id=case_id, body_md="They are fine.")
    refund = await desk.proposed(case_id, 1_000)
    under_way = await desk.proposed(case_id, 1_000)
    await desk.approved(under_way.refund_id)
    refused = await refusal(flow.support.DenyCase(denied, metadata=as_agent(OTHER_AGENT)))
    other = await desk.case(await flow.completed())
    lonely = await desk.proposed(other, 1_000)
    request = handling_pb2.DenyCaseRequest(case_id=other, body_md="They are fine.")
    await flow.support.DenyCase(request, metadata=as_agent(OTHER_AGENT))

    assert refused.reason == "REFUND_UNDER_WAY"
    assert refund.status == pb.REFUND_STATUS_PROPOSED
    assert [one.failure_reason for one in await desk.listed(other) if one.refund_id == lonely.refund_id] == ["rejected"]


async def test_a_refund_that_comes_back_reopens_its_case_and_is_tried_again(desk: Desk, flow: Flow) -> None:
    order_id = await flow.completed()
    case_id = await desk.case(order_id)
    refund = await desk.proposed(case_id, 1_000)
    await desk.approved(refund.refund_id)
    await flow.work()
    (paid,) = await desk.listed(case_id)
    await flow.sandbox.switches.post(f"refunds/{paid.processor_ref}/fail")
    await flow.work()
    (failed,) = await desk.listed(case_id)
    reopened = await desk.status(case_id)
    await desk.approved(refund.refund_id)
    await flow.work()
    (again,) = await desk.listed(case_id)

    assert (failed.status, reopened) == (pb.REFUND_STATUS_FAILED, "investigating")
    assert (again.status, again.attempts) == (pb.REFUND_STATUS_SUCCEEDED, 2)
    assert await desk.status(case_id) == "refunded"


async def test_its_outcome_told_twice_changes_nothing(desk: Desk, flow: Flow) -> None:
    case_id = await desk.case(await flow.completed())
    refund = await desk.proposed(case_id, 1_000)
    await desk.approved(refund.refund_id)
    await flow.work()
    before = await desk.listed(case_id)
    row = await flow.row("select refund_set_id from support_refund where refund_id = $1", refund.refund_id)
    await flow.enqueue(SETTLED, str(row["refund_set_id"]))
    await flow.work()
    assert await desk.listed(case_id) == before


async def test_a_hold_keeps_the_payout_back_until_the_refund_is_paid(desk: Desk, flow: Flow) -> None:
    order_id = await flow.delivered()
    case_id = await desk.case(order_id)
    hold = holds_pb2.ApplyHoldRequest(case_id=case_id, amount_cents=5_000, reason="Until we know.")
    await flow.support.ApplyHold(hold, metadata=as_agent())
    beyond = holds_pb2.ApplyHoldRequest(case_id=case_id, amount_cents=50_000, reason="Everything.")
    refused = await refusal(flow.support.ApplyHold(beyond, metadata=as_agent()))
    request = fulfilment_pb2.CompleteOrderRequest(order_id=order_id)
    await flow.booking.CompleteOrder(request, metadata=as_buyer())
    await flow.work()
    kept_back = await flow.paid_out()
    refund = await desk.proposed(case_id, 1_000)
    await desk.approved(refund.refund_id)
    await flow.work()
    listed = await flow.support.ListHolds(holds_pb2.ListHoldsRequest(case_id=case_id), metadata=as_agent())

    assert refused.reason == "HOLD_EXCEEDS_PAYABLE"
    assert [one.released_reason for one in listed.holds] == [holds_pb2.RELEASE_REASON_CONSUMED]
    payable = await flow.paid_out()
    assert payable == kept_back + 5_000 - 2_250


async def test_goodwill_may_be_credit_within_what_an_agent_may_give(desk: Desk, flow: Flow) -> None:
    case_id = await desk.case(await flow.completed())
    await flow.support.RequestDecision(
        handling_pb2.RequestDecisionRequest(case_id=case_id, proposal="Some credit."), metadata=as_agent()
    )
    request = handling_pb2.GrantGoodwillRequest(
        case_id=case_id, body_md="The next one is on us.", credit_cents=5_001, currency="usd"
    )
    refused = await refusal(flow.support.GrantGoodwill(request, metadata=as_agent(OTHER_AGENT)))
    request.credit_cents = 5_000
    await flow.support.GrantGoodwill(request, metadata=as_agent(OTHER_AGENT))
    growth = GrowthServiceStub(flow.server.channel)
    balance = await growth.GetCreditBalance(credit_pb2.GetCreditBalanceRequest(user_id=BUYER), metadata=as_buyer())
    assert refused.reason == "ROLE_REQUIRED"
    assert balance.balance_cents == 5_000


async def test_parties_have_no_say_in_refunds(desk: Desk, flow: Flow) -> None:
    case_id = await desk.case(await flow.completed())
    for caller in (as_buyer(), as_provider()):
        refused = await refusal(desk.proposed(case_id, 1_000, caller))
        assert (refused.code, refused.reason) == (StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED")
    unknown = await refusal(desk.approved("srf_1"))
    assert unknown.code is StatusCode.NOT_FOUND


async def test_a_share_names_lines_of_the_order_once(desk: Desk, flow: Flow) -> None:
    case_id = await desk.case(await flow.completed())
    line = pb.RefundLine(line_item_id="li_1", amount_cents=100)
    twice = pb.QuoteRefundRequest(case_id=case_id, share=pb.RefundShare(lines=pb.RefundLines(lines=[line, line])))
    unknown = pb.QuoteRefundRequest(case_id=case_id, share=pb.RefundShare(lines=pb.RefundLines(lines=[line])))
    refused = await refusal(flow.support.QuoteRefund(twice, metadata=as_agent()))
    stranger = await refusal(flow.support.QuoteRefund(unknown, metadata=as_agent()))
    assert refused.violations == {"share.lines": "must name each line once"}
    assert stranger.code is StatusCode.INVALID_ARGUMENT
    await flow.work(wait=timedelta(0))
