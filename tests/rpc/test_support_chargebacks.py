"""What a card bank's complaint means for support: its case, its clocks, and the one answer that is given."""

from datetime import UTC, datetime, timedelta

import pytest
from grpc import StatusCode

from callsheet.support.v1 import case_pb2, cases_pb2
from callsheet.support.v1 import chargebacks_pb2 as pb
from tests.rpc.booking_flow import AGENT, Flow, as_agent, as_buyer, as_finance
from tests.rpc.harness import refusal
from tests.rpc.test_booking_chargebacks import charge_of, decided, filed


async def case_of(flow: Flow, complaint: str) -> case_pb2.Case:
    """The case of a complaint, as staff see it."""
    row = await flow.row("select case_id from processor_dispute where processor_dispute_id = $1", complaint)
    request = cases_pb2.GetCaseRequest(case_id=row["case_id"])
    return (await flow.support.GetCase(request, metadata=as_agent())).case


async def read(flow: Flow, case_id: str) -> pb.Chargeback:
    answer = await flow.support.GetChargeback(pb.GetChargebackRequest(case_id=case_id), metadata=as_agent())
    return answer.chargeback


async def drafted(flow: Flow, case_id: str, **changes: str) -> pb.Chargeback:
    fields = [pb.EvidenceField(name=name, text=text) for name, text in changes.items()]
    request = pb.DraftChargebackEvidenceRequest(case_id=case_id, changes=fields)
    return (await flow.support.DraftChargebackEvidence(request, metadata=as_agent())).chargeback


async def submitted(flow: Flow, case_id: str, draft_hash: str) -> pb.Chargeback:
    request = pb.SubmitChargebackEvidenceRequest(case_id=case_id, draft_hash=draft_hash)
    return (await flow.support.SubmitChargebackEvidence(request, metadata=as_agent())).chargeback


async def said(flow: Flow, case_id: str) -> list[str]:
    request = cases_pb2.ListMessagesRequest(case_id=case_id, page_size=200)
    return [message.body_md for message in (await flow.support.ListMessages(request, metadata=as_agent())).messages]


async def events(flow: Flow, case_id: str) -> list[str]:
    request = cases_pb2.ListCaseEventsRequest(case_id=case_id, page_size=200)
    return [event.event for event in (await flow.support.ListCaseEvents(request, metadata=as_agent())).events]


async def test_a_chargeback_is_drafted_read_and_submitted_once(flow: Flow) -> None:
    order_id = await flow.completed()
    complaint = await filed(flow, order_id)
    case = await case_of(flow, complaint)
    draft = await drafted(flow, case.case_id)
    await flow.work()
    kept = await read(flow, case.case_id)
    answered = await submitted(flow, case.case_id, draft.draft_hash)
    again = await refusal(submitted(flow, case.case_id, draft.draft_hash))
    await flow.work()
    told = {field.name: field.text for field in draft.draft}

    assert (case.type, case.leg_id, case.handling.severity) == (
        case_pb2.CASE_TYPE_CHARGEBACK,
        order_id,
        case_pb2.CASE_SEVERITY_URGENT,
    )
    assert kept.draft_hash == draft.draft_hash
    assert "check_in by provider" in told["access_activity_log"]
    assert (again.code, again.reason) == (StatusCode.FAILED_PRECONDITION, "CHARGEBACK_ANSWERED")
    assert answered.HasField("submitted_at")
    assert (await read(flow, case.case_id)).status == "under_review"
    steps = await events(flow, case.case_id)
    assert [step for step in steps if step.startswith("chargeback")] == [
        "chargeback_drafted",
        "chargeback_represented",
        "chargeback_told",
    ]


@pytest.mark.parametrize(("word", "status"), [("won", "CASE_STATUS_DENIED"), ("lost", "CASE_STATUS_REFUNDED")])
async def test_the_banks_last_word_ends_the_case(flow: Flow, word: str, status: str) -> None:
    complaint = await filed(flow, await flow.completed())
    await decided(flow, complaint, word)
    case = await case_of(flow, complaint)
    assert case_pb2.CaseStatus.Name(case.status) == status
    assert (await read(flow, case.case_id)).status == word


async def test_only_the_draft_that_was_read_is_sent(flow: Flow) -> None:
    complaint = await filed(flow, await flow.completed())
    case = await case_of(flow, complaint)
    read_before = await drafted(flow, case.case_id)
    changed = await drafted(flow, case.case_id, refund_refusal_explanation="They came, and the pictures are there.")
    refused = await refusal(submitted(flow, case.case_id, read_before.draft_hash))
    assert (refused.code, refused.reason) == (StatusCode.ABORTED, "DRAFT_OUTDATED")
    assert refused.metadata["draft_hash"] == changed.draft_hash
    assert (await submitted(flow, case.case_id, changed.draft_hash)).HasField("submitted_at")


async def test_a_field_that_the_processor_does_not_take_is_refused(flow: Flow) -> None:
    complaint = await filed(flow, await flow.completed())
    case = await case_of(flow, complaint)
    refused = await refusal(drafted(flow, case.case_id, customer_communication="x"))
    assert refused.violations == {"changes[0].name": "is not taken by the processor as text"}


async def test_finance_gives_a_chargeback_up_and_it_is_lost(flow: Flow) -> None:
    complaint = await filed(flow, await flow.completed())
    case = await case_of(flow, complaint)
    request = pb.AcceptChargebackRequest(case_id=case.case_id, reason="They are right.")
    refused = await refusal(flow.support.AcceptChargeback(request, metadata=as_agent()))
    accepted = await flow.support.AcceptChargeback(request, metadata=as_finance())
    await flow.work()
    assert refused.reason == "ROLE_REQUIRED"
    assert accepted.chargeback.HasField("accepted_at")
    assert (await read(flow, case.case_id)).status == "lost"
    assert (await case_of(flow, complaint)).status == case_pb2.CASE_STATUS_REFUNDED


async def test_an_inquiry_takes_no_money_and_is_answered_not_given_up(flow: Flow) -> None:
    order_id = await flow.completed()
    complaint = await filed(flow, order_id, status="warning_needs_response")
    case = await case_of(flow, complaint)
    inquiry = await read(flow, case.case_id)
    request = pb.AcceptChargebackRequest(case_id=case.case_id, reason="They are right.")
    refused = await refusal(flow.support.AcceptChargeback(request, metadata=as_finance()))
    draft = await drafted(flow, case.case_id)
    await submitted(flow, case.case_id, draft.draft_hash)
    await flow.work()

    assert (inquiry.inquiry, inquiry.withdrawn_cents) == (True, 0)
    assert refused.reason == "CHARGEBACK_ANSWERED"
    assert (await read(flow, case.case_id)).status == "warning_under_review"
    assert await flow.status(order_id) == "completed"


async def test_a_word_that_nobody_knows_is_kept_and_calls_a_person(flow: Flow) -> None:
    complaint = await filed(flow, await flow.completed())
    case = await case_of(flow, complaint)
    await flow.sandbox.switches.post(f"disputes/{complaint}/status", status="pondering")
    await flow.work()
    assert (await read(flow, case.case_id)).status == "pondering"
    assert [text for text in await said(flow, case.case_id) if "pondering" in text] != []


async def test_staff_are_told_three_days_before_and_the_case_escalates_a_day_before(flow: Flow) -> None:
    complaint = await filed(flow, await flow.completed())
    case = await case_of(flow, complaint)
    due = (await read(flow, case.case_id)).due_by.ToDatetime(tzinfo=UTC)
    await flow.until(due - timedelta(hours=71))
    warned = [text for text in await said(flow, case.case_id) if "takes an answer until" in text]
    await flow.until(due - timedelta(hours=23))
    assert len(warned) == 1
    assert "escalate" in await events(flow, case.case_id) or "deadline_missed" in await events(flow, case.case_id)
    assert datetime.now(UTC) < due


async def test_a_fraud_warning_opens_a_payment_case_once(flow: Flow) -> None:
    order_id = await flow.completed()
    charge = await charge_of(flow, order_id)
    await flow.sandbox.switches.post(f"charges/{charge}/early_fraud_warnings")
    await flow.sandbox.switches.post(f"charges/{charge}/early_fraud_warnings")
    await flow.work()
    cases = await flow.rows(
        "select case_id, subtype from support_case where leg_id = $1 and type = 'payment'", order_id
    )
    assert [case["subtype"] for case in cases] == ["early_fraud_warning"]
    assert len([text for text in await said(flow, cases[0]["case_id"]) if "fraudulent" in text]) == 2


async def test_parties_neither_read_nor_answer_it(flow: Flow) -> None:
    complaint = await filed(flow, await flow.completed())
    case = await case_of(flow, complaint)
    refused = await refusal(
        flow.support.GetChargeback(pb.GetChargebackRequest(case_id=case.case_id), metadata=as_buyer())
    )
    assert refused.code is StatusCode.PERMISSION_DENIED
    assert AGENT not in case.customer_user_id
