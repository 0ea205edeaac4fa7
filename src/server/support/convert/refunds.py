"""Refunds and their limits on the wire."""

from callsheet.support.v1 import refunds_pb2
from server.core.call import Actor
from server.core.grpc.proto import EnumMap, timestamp
from server.core.pagination import Page
from server.support.cases.reading import ListOfCase
from server.support.refunds import domain
from server.support.refunds.limiting import ListLimits, PutLimits
from server.support.refunds.usecases import AskRefund, DecideRefund, Quoted

STATUSES = EnumMap(refunds_pb2.RefundStatus, domain.RefundStatus, "REFUND_STATUS_", refunds_pb2.RefundStatus.ValueType)
ROLES = EnumMap(refunds_pb2.ApprovalRole, domain.ApprovalRole, "APPROVAL_ROLE_", refunds_pb2.ApprovalRole.ValueType)


def quote_refund(request: refunds_pb2.QuoteRefundRequest, actor: Actor) -> AskRefund:
    return AskRefund(actor, request.case_id, _share(request.share), request.fee_refundable, request.currency)


def propose_refund(request: refunds_pb2.ProposeRefundRequest, actor: Actor) -> AskRefund:
    return AskRefund(
        actor,
        request.case_id,
        _share(request.share),
        request.fee_refundable,
        request.currency,
        request.reason,
        request.version,
    )


def approve_refund(request: refunds_pb2.ApproveRefundRequest, actor: Actor) -> DecideRefund:
    return DecideRefund(actor, request.refund_id)


def reject_refund(request: refunds_pb2.RejectRefundRequest, actor: Actor) -> DecideRefund:
    return DecideRefund(actor, request.refund_id, request.reason)


def list_refunds(request: refunds_pb2.ListRefundsRequest, actor: Actor) -> ListOfCase:
    return ListOfCase(actor, request.case_id, request.page_size, request.page_token)


def put_refund_limits(request: refunds_pb2.PutRefundLimitsRequest, actor: Actor) -> PutLimits:
    return PutLimits(actor, request.currency, request.agent_approves_cents, request.agent_grants_cents)


def list_refund_limits(request: refunds_pb2.ListRefundLimitsRequest, actor: Actor) -> ListLimits:
    return ListLimits(actor, request.page_size, request.page_token)


def quote_refund_response(quoted: Quoted) -> refunds_pb2.QuoteRefundResponse:
    quote = quoted.quote
    lines = (refunds_pb2.RefundLine(line_item_id=line, amount_cents=cents) for line, cents in quote.lines.items())
    return refunds_pb2.QuoteRefundResponse(
        quote=refunds_pb2.RefundQuote(
            amount_cents=quote.cash_cents,
            subtotal_cents=quote.subtotal_cents,
            platform_fee_cents=quote.platform_fee_cents,
            platform_fee_tax_cents=quote.platform_fee_tax_cents,
            credit_cents=quote.credit_cents,
            commission_cents=quote.commission_cents,
            currency=quote.currency,
            lines=lines,
            approval_role=ROLES.number(quoted.approval_role),
        )
    )


def propose_refund_response(refund: domain.Refund) -> refunds_pb2.ProposeRefundResponse:
    return refunds_pb2.ProposeRefundResponse(refund=_refund(refund))


def approve_refund_response(refund: domain.Refund) -> refunds_pb2.ApproveRefundResponse:
    return refunds_pb2.ApproveRefundResponse(refund=_refund(refund))


def reject_refund_response(refund: domain.Refund) -> refunds_pb2.RejectRefundResponse:
    return refunds_pb2.RejectRefundResponse(refund=_refund(refund))


def list_refunds_response(page: Page[domain.Refund]) -> refunds_pb2.ListRefundsResponse:
    return refunds_pb2.ListRefundsResponse(refunds=map(_refund, page.items), next_page_token=page.next_token)


def put_refund_limits_response(limits: domain.Limits) -> refunds_pb2.PutRefundLimitsResponse:
    return refunds_pb2.PutRefundLimitsResponse(limits=_limits(limits))


def list_refund_limits_response(page: Page[domain.Limits]) -> refunds_pb2.ListRefundLimitsResponse:
    return refunds_pb2.ListRefundLimitsResponse(limits=map(_limits, page.items), next_page_token=page.next_token)


def _share(share: refunds_pb2.RefundShare) -> domain.Share:
    """The rules have seen to it that one of the three is given."""
    if share.HasField("subtotal_cents"):
        return domain.Share(subtotal_cents=share.subtotal_cents)
    if share.HasField("bips"):
        return domain.Share(bips=share.bips)
    return domain.Share(lines={line.line_item_id: line.amount_cents for line in share.lines.lines})


def _refund(refund: domain.Refund) -> refunds_pb2.Refund:
    amounts = refund.amounts
    return refunds_pb2.Refund(
        refund_id=refund.refund_id,
        case_id=refund.case_id,
        leg_id=refund.order_id,
        status=STATUSES.number(refund.status),
        amount_cents=amounts.cash_cents,
        platform_fee_cents=amounts.platform_fee_cents,
        platform_fee_tax_cents=amounts.platform_fee_tax_cents,
        credit_cents=amounts.credit_cents,
        subtotal_cents=amounts.subtotal_cents,
        currency=amounts.currency,
        fee_refundable=refund.fee_refundable,
        reason=refund.reason,
        proposed_by=refund.proposed_by,
        approved_by=refund.approved_by or "",
        failure_reason=refund.failure_reason or "",
        processor_ref=refund.processor_ref or "",
        attempts=refund.attempts,
        created_at=timestamp(refund.created_at),
        updated_at=timestamp(refund.updated_at),
    )


def _limits(limits: domain.Limits) -> refunds_pb2.RefundLimits:
    return refunds_pb2.RefundLimits(
        currency=limits.currency,
        agent_approves_cents=limits.agent_approves_cents,
        agent_grants_cents=limits.agent_grants_cents,
        created_at=timestamp(limits.created_at),
    )
