"""What hostile and careless callers send to support over a socket, and which code and reason they get."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from grpc import StatusCode

from callsheet.support.v1 import case_pb2, cases_pb2, chargebacks_pb2, evidence_pb2, handling_pb2, holds_pb2
from callsheet.support.v1 import refunds_pb2 as pb
from devstack.roles import DatabaseUrls
from devstack.s3 import ObjectStorage
from tests.domain.test_support_evidence import JPEG, PDF, PNG, archive
from tests.rpc.booking_flow import Flow, as_agent, as_buyer, as_finance, booking_flow
from tests.rpc.harness import refusal
from tests.rpc.support_callers import Support
from tests.rpc.test_booking_chargebacks import filed
from tests.rpc.test_support_evidence import uploaded


@pytest.fixture
async def flow(database: DatabaseUrls, s3: ObjectStorage) -> AsyncIterator[Flow]:
    """Whole bookings, with a storage beside them."""
    keys: dict[str, Any] = {"AWS_ACCESS_KEY_ID": s3.access_key, "AWS_SECRET_ACCESS_KEY": s3.secret_key}
    async with booking_flow(database, s3_endpoint=s3.endpoint, s3_bucket=s3.bucket, **keys) as running:
        yield running


async def complaint(flow: Flow, order_id: str, kind: case_pb2.CaseType.ValueType = case_pb2.CASE_TYPE_BOOKING) -> str:
    """A case about the order; its id."""
    request = cases_pb2.OpenCaseRequest(type=kind, subtype="quality", leg_id=order_id, body_md="Blurred.")
    return (await flow.support.OpenCase(request, metadata=as_buyer())).case.case_id


def asking(case_id: str, bips: int = 1_000) -> pb.ProposeRefundRequest:
    return pb.ProposeRefundRequest(
        case_id=case_id, share=pb.RefundShare(bips=bips), fee_refundable=True, reason="Blurred."
    )


async def test_hostile_markdown_is_kept_as_it_was_typed_and_shown_as_text(flow: Flow) -> None:
    case_id = await complaint(flow, await flow.draft())
    hostile = (
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](data:image/svg+xml;base64,PHN2Zz4=)",
        "> " * 9_000 + "deep",
    )
    for text in hostile:
        posting = cases_pb2.PostMessageRequest(case_id=case_id, body_md=text)
        await flow.support.PostMessage(posting, metadata=as_buyer())
    listing = cases_pb2.ListMessagesRequest(case_id=case_id, page_size=200)
    posted = (await flow.support.ListMessages(listing, metadata=as_agent())).messages
    assert {message.body_md for message in posted} == {"Blurred.", *hostile}
    for message in posted:
        assert "<script" not in message.body_html
        assert "<img" not in message.body_html
        assert 'href="javascript:' not in message.body_html
        assert message.body_html.count("<blockquote>") <= 20


@pytest.mark.parametrize("mime", ["image/png", "image/jpeg", "application/pdf"])
async def test_a_file_that_is_an_archive_besides_is_no_evidence(flow: Flow, mime: str) -> None:
    whole, ending = {
        "image/png": (PNG, b"IEND\xaeB`\x82"),
        "image/jpeg": (JPEG, b"\xff\xd9"),
        "application/pdf": (PDF, b"%%EOF"),
    }[mime]
    polyglot = whole[:20] + archive()[:-2] + len(ending).to_bytes(2, "little") + ending
    order_id = await flow.draft()
    case_id = await complaint(flow, order_id)
    evidence_id = await uploaded(Support(flow.support, order_id), case_id, polyglot, mime)
    completing = evidence_pb2.CompleteEvidenceUploadRequest(evidence_id=evidence_id)
    refused = await refusal(flow.support.CompleteEvidenceUpload(completing, metadata=as_buyer()))
    assert (refused.code, refused.reason) == (StatusCode.FAILED_PRECONDITION, "EVIDENCE_REJECTED")
    assert refused.metadata["problem"] == "is an archive too"


async def test_no_money_moves_and_no_file_comes_by_a_merged_case(flow: Flow) -> None:
    """What was held back before the merge stays on its case, and can still be let go."""
    order_id = await flow.confirmed()
    ended = await complaint(flow, order_id)
    holding = holds_pb2.ApplyHoldRequest(case_id=ended, amount_cents=500, reason="Until we know.")
    hold = (await flow.support.ApplyHold(holding, metadata=as_agent())).hold
    lasting = await complaint(flow, order_id, case_pb2.CASE_TYPE_PAYMENT)
    merging = handling_pb2.MergeCasesRequest(case_id=ended, into_case_id=lasting)
    await flow.support.MergeCases(merging, metadata=as_agent())
    promising = evidence_pb2.CreateEvidenceUploadRequest(case_id=ended, mime="image/png", bytes=9, sha256=bytes(32))
    refused = [
        await refusal(flow.support.ProposeRefund(asking(ended), metadata=as_agent())),
        await refusal(flow.support.ApplyHold(holding, metadata=as_agent())),
        await refusal(flow.support.CreateEvidenceUpload(promising, metadata=as_buyer())),
    ]
    releasing = holds_pb2.ReleaseHoldRequest(hold_id=hold.hold_id, reason="They came.")
    released = (await flow.support.ReleaseHold(releasing, metadata=as_agent())).hold
    assert {(answer.code, answer.reason) for answer in refused} == {(StatusCode.FAILED_PRECONDITION, "CASE_MERGED")}
    assert released.status == holds_pb2.HOLD_STATUS_RELEASED


async def test_while_a_bank_has_the_charge_nothing_is_refunded(flow: Flow) -> None:
    order_id = await flow.completed()
    case_id = await complaint(flow, order_id)
    await flow.support.AssignCase(handling_pb2.AssignCaseRequest(case_id=case_id), metadata=as_agent())
    refund = (await flow.support.ProposeRefund(asking(case_id), metadata=as_agent())).refund
    await filed(flow, order_id)
    approving = pb.ApproveRefundRequest(refund_id=refund.refund_id)
    refused = await refusal(flow.support.ApproveRefund(approving, metadata=as_finance()))
    assert (refused.code, refused.reason) == (StatusCode.FAILED_PRECONDITION, "DISPUTE_DECIDES")


async def test_an_inquiry_leaves_the_charge_refundable(flow: Flow) -> None:
    """A refund is how an inquiry is answered before it becomes a chargeback."""
    order_id = await flow.completed()
    case_id = await complaint(flow, order_id)
    await flow.support.AssignCase(handling_pb2.AssignCaseRequest(case_id=case_id), metadata=as_agent())
    await filed(flow, order_id, status="warning_needs_response")
    refund = (await flow.support.ProposeRefund(asking(case_id, 10_000), metadata=as_agent())).refund
    await flow.support.ApproveRefund(pb.ApproveRefundRequest(refund_id=refund.refund_id), metadata=as_finance())
    await flow.work()
    (paid,) = (await flow.support.ListRefunds(pb.ListRefundsRequest(case_id=case_id), metadata=as_agent())).refunds
    assert paid.status == pb.REFUND_STATUS_SUCCEEDED


@pytest.mark.parametrize(
    ("share", "field"),
    [
        (pb.RefundShare(subtotal_cents=0), "share.subtotal_cents"),
        (pb.RefundShare(subtotal_cents=-1), "share.subtotal_cents"),
        (pb.RefundShare(bips=10_001), "share.bips"),
        (pb.RefundShare(), "share.share"),
    ],
)
async def test_a_share_of_nothing_or_of_more_than_everything_names_its_field(
    flow: Flow, share: pb.RefundShare, field: str
) -> None:
    case_id = await complaint(flow, await flow.confirmed())
    asked = asking(case_id)
    asked.share.CopyFrom(share)
    refused = await refusal(flow.support.ProposeRefund(asked, metadata=as_agent()))
    assert (refused.code, refused.reason) == (StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert list(refused.violations) == [field]


async def test_a_case_without_a_chargeback_has_none_to_answer(flow: Flow) -> None:
    case_id = await complaint(flow, await flow.draft())
    request = chargebacks_pb2.DraftChargebackEvidenceRequest(case_id=case_id)
    refused = await refusal(flow.support.DraftChargebackEvidence(request, metadata=as_agent()))
    assert refused.violations == {"case_id": "must be the case of a chargeback or an inquiry"}
