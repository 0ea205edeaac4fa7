"""Chargebacks on the wire."""

from callsheet.support.v1 import chargebacks_pb2
from server.core.call import Actor
from server.core.grpc.proto import timestamp
from server.support.chargebacks.answering import AcceptChargeback, Answered, DraftEvidence, SubmitEvidence
from server.support.chargebacks.domain import Dispute
from server.support.convert import case as wire


def draft_chargeback_evidence(request: chargebacks_pb2.DraftChargebackEvidenceRequest, actor: Actor) -> DraftEvidence:
    return DraftEvidence(actor, request.case_id, tuple((field.name, field.text) for field in request.changes))


def submit_chargeback_evidence(
    request: chargebacks_pb2.SubmitChargebackEvidenceRequest, actor: Actor
) -> SubmitEvidence:
    return SubmitEvidence(actor, request.case_id, request.draft_hash)


def accept_chargeback(request: chargebacks_pb2.AcceptChargebackRequest, actor: Actor) -> AcceptChargeback:
    return AcceptChargeback(actor, request.case_id, request.reason)


def get_chargeback_response(dispute: Dispute) -> chargebacks_pb2.GetChargebackResponse:
    return chargebacks_pb2.GetChargebackResponse(chargeback=_chargeback(dispute))


def draft_chargeback_evidence_response(dispute: Dispute) -> chargebacks_pb2.DraftChargebackEvidenceResponse:
    return chargebacks_pb2.DraftChargebackEvidenceResponse(chargeback=_chargeback(dispute))


def submit_chargeback_evidence_response(dispute: Dispute) -> chargebacks_pb2.SubmitChargebackEvidenceResponse:
    return chargebacks_pb2.SubmitChargebackEvidenceResponse(chargeback=_chargeback(dispute))


def accept_chargeback_response(answered: Answered) -> chargebacks_pb2.AcceptChargebackResponse:
    return chargebacks_pb2.AcceptChargebackResponse(
        chargeback=_chargeback(answered.dispute), case=wire.case(answered.case)
    )


def _chargeback(dispute: Dispute) -> chargebacks_pb2.Chargeback:
    return chargebacks_pb2.Chargeback(
        case_id=dispute.case_id,
        processor_dispute_id=dispute.processor_dispute_id,
        leg_id=dispute.leg_id or "",
        amount_cents=dispute.amount_cents,
        currency=dispute.currency,
        reason=dispute.reason,
        status=dispute.status,
        inquiry=dispute.inquiry,
        charge_refundable=dispute.charge_refundable,
        withdrawn_cents=dispute.withdrawn_cents,
        reinstated_cents=dispute.reinstated_cents,
        due_by=timestamp(dispute.due_by) if dispute.due_by else None,
        draft=(chargebacks_pb2.EvidenceField(name=name, text=dispute.draft[name]) for name in sorted(dispute.draft)),
        draft_hash=dispute.draft_hash,
        submitted_at=timestamp(dispute.submitted_at) if dispute.submitted_at else None,
        accepted_at=timestamp(dispute.accepted_at) if dispute.accepted_at else None,
    )
