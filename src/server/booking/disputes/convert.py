"""Protobuf and disputes, in both directions."""

from callsheet.booking.v1 import dispute_pb2, milestone_pb2
from server.booking.disputes.deciding import ApproveDecision, Decided, ProposeDecision
from server.booking.disputes.decisions import ApprovalRole, Decision, DecisionStatus, Result, Terms
from server.booking.disputes.domain import Dispute, DisputeStatus, Opener, Outcome, Statement
from server.booking.disputes.handling import DisputeStep, SubmitStatement
from server.booking.disputes.opening import DisputeMilestone, OpenDispute
from server.booking.disputes.reading import ListDisputes, WholeDispute
from server.core.call import Actor
from server.core.grpc.proto import EnumMap, timestamp
from server.core.pagination import Page

STATUSES = EnumMap(dispute_pb2.DisputeStatus, DisputeStatus, "DISPUTE_STATUS_", dispute_pb2.DisputeStatus.ValueType)
OPENERS = EnumMap(dispute_pb2.DisputeOpener, Opener, "DISPUTE_OPENER_", dispute_pb2.DisputeOpener.ValueType)
OUTCOMES = EnumMap(dispute_pb2.DisputeOutcome, Outcome, "DISPUTE_OUTCOME_", dispute_pb2.DisputeOutcome.ValueType)
RESULTS = EnumMap(dispute_pb2.DisputeResult, Result, "DISPUTE_RESULT_", dispute_pb2.DisputeResult.ValueType)
DECISIONS = EnumMap(
    dispute_pb2.DecisionStatus, DecisionStatus, "DECISION_STATUS_", dispute_pb2.DecisionStatus.ValueType
)
APPROVALS = EnumMap(dispute_pb2.ApprovalRole, ApprovalRole, "APPROVAL_ROLE_", dispute_pb2.ApprovalRole.ValueType)


def open_dispute(request: dispute_pb2.OpenDisputeRequest, actor: Actor) -> OpenDispute:
    return OpenDispute(actor, request.order_id, request.reason, request.description, request.version)


def dispute_milestone(request: milestone_pb2.DisputeMilestoneRequest, actor: Actor) -> DisputeMilestone:
    return DisputeMilestone(actor, request.milestone_id, request.reason, request.description)


def list_disputes(request: dispute_pb2.ListDisputesRequest, actor: Actor) -> ListDisputes:
    return ListDisputes(
        actor=actor,
        order_id=request.order_id,
        statuses=frozenset(STATUSES.member(status) for status in request.statuses),
        page_size=request.page_size,
        page_token=request.page_token,
    )


def submit_statement(request: dispute_pb2.SubmitDisputeStatementRequest, actor: Actor) -> SubmitStatement:
    return SubmitStatement(actor, request.dispute_id, request.body)


def start_review(request: dispute_pb2.StartDisputeReviewRequest, actor: Actor) -> DisputeStep:
    return DisputeStep(actor, request.dispute_id)


def withdraw(request: dispute_pb2.WithdrawDisputeRequest, actor: Actor) -> DisputeStep:
    return DisputeStep(actor, request.dispute_id)


def propose_decision(request: dispute_pb2.ProposeDisputeDecisionRequest, actor: Actor) -> ProposeDecision:
    terms = Terms(
        result=RESULTS.member(request.result),
        refund_subtotal_cents=request.refund_subtotal_cents,
        refund_tip_cents=request.refund_tip_cents,
        fee_refundable=request.fee_refundable,
    )
    return ProposeDecision(actor, request.dispute_id, terms, request.reason)


def approve_decision(request: dispute_pb2.ApproveDisputeDecisionRequest, actor: Actor) -> ApproveDecision:
    return ApproveDecision(actor, request.decision_id)


def open_dispute_response(dispute: Dispute) -> dispute_pb2.OpenDisputeResponse:
    return dispute_pb2.OpenDisputeResponse(dispute=_dispute(dispute))


def dispute_milestone_response(dispute: Dispute) -> milestone_pb2.DisputeMilestoneResponse:
    return milestone_pb2.DisputeMilestoneResponse(dispute=_dispute(dispute))


def get_dispute_response(whole: WholeDispute, actor: Actor) -> dispute_pb2.GetDisputeResponse:
    return dispute_pb2.GetDisputeResponse(
        dispute=_dispute(whole.dispute),
        statements=map(_statement, whole.statements),
        decisions=[_decision(decision, for_staff=actor.sees_everybody) for decision in whole.decisions],
    )


def list_disputes_response(page: Page[Dispute]) -> dispute_pb2.ListDisputesResponse:
    return dispute_pb2.ListDisputesResponse(disputes=map(_dispute, page.items), next_page_token=page.next_token)


def submit_statement_response(dispute: Dispute) -> dispute_pb2.SubmitDisputeStatementResponse:
    return dispute_pb2.SubmitDisputeStatementResponse(dispute=_dispute(dispute))


def start_review_response(dispute: Dispute) -> dispute_pb2.StartDisputeReviewResponse:
    return dispute_pb2.StartDisputeReviewResponse(dispute=_dispute(dispute))


def withdraw_response(dispute: Dispute) -> dispute_pb2.WithdrawDisputeResponse:
    return dispute_pb2.WithdrawDisputeResponse(dispute=_dispute(dispute))


def propose_decision_response(decision: Decision) -> dispute_pb2.ProposeDisputeDecisionResponse:
    return dispute_pb2.ProposeDisputeDecisionResponse(decision=_decision(decision, for_staff=True))


def approve_decision_response(decided: Decided) -> dispute_pb2.ApproveDisputeDecisionResponse:
    return dispute_pb2.ApproveDisputeDecisionResponse(
        decision=_decision(decided.decision, for_staff=True), dispute=_dispute(decided.dispute)
    )


def _dispute(dispute: Dispute) -> dispute_pb2.Dispute:
    message = dispute_pb2.Dispute(
        dispute_id=dispute.dispute_id,
        order_id=dispute.order_id,
        milestone_id=dispute.milestone_id or "",
        opened_by=OPENERS.number(dispute.opened_by),
        reason=dispute.reason,
        description=dispute.description,
        status=STATUSES.number(dispute.status),
        outcome=OUTCOMES.number(dispute.outcome) if dispute.outcome else dispute_pb2.DISPUTE_OUTCOME_UNSPECIFIED,
        case_id=dispute.case_id or "",
        version=dispute.version,
        created_at=timestamp(dispute.created_at),
        updated_at=timestamp(dispute.updated_at),
    )
    if dispute.resolved_at is not None:
        message.resolved_at.CopyFrom(timestamp(dispute.resolved_at))
    return message


def _statement(statement: Statement) -> dispute_pb2.DisputeStatement:
    return dispute_pb2.DisputeStatement(
        statement_id=statement.statement_id,
        author=OPENERS.number(statement.author),
        body=statement.body,
        created_at=timestamp(statement.created_at),
    )


def _decision(decision: Decision, *, for_staff: bool) -> dispute_pb2.DisputeDecision:
    """Which of the staff decided is told to staff alone."""
    terms = decision.terms
    message = dispute_pb2.DisputeDecision(
        decision_id=decision.decision_id,
        dispute_id=decision.dispute_id,
        status=DECISIONS.number(decision.status),
        result=RESULTS.number(terms.result),
        refund_subtotal_cents=terms.refund_subtotal_cents,
        refund_tip_cents=terms.refund_tip_cents,
        fee_refundable=terms.fee_refundable,
        reason=decision.reason,
        approval_role=APPROVALS.number(decision.approval_role),
        proposed_by=decision.proposed_by if for_staff else "",
        decided_by=(decision.decided_by or "") if for_staff else "",
        created_at=timestamp(decision.created_at),
    )
    if decision.decided_at is not None:
        message.decided_at.CopyFrom(timestamp(decision.decided_at))
    return message
