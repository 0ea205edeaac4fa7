"""Holds, refunds and their limits, chargebacks."""

from callsheet.support.v1 import chargebacks_pb2, holds_pb2, refunds_pb2
from server.core.call import current_actor
from server.support.convert import chargebacks, holds, refunds
from server.support.servicer.parts import Answering


class MoneyCalls(Answering):
    """Holds, refunds and their limits, chargebacks."""

    async def ReleaseHold(
        self, request: holds_pb2.ReleaseHoldRequest, context: object
    ) -> holds_pb2.ReleaseHoldResponse:
        command = holds.release_hold(request, current_actor())
        hold = await self._do.holds.release(command, self._once(request, holds.release_hold_response))
        return holds.release_hold_response(hold)

    async def ListHolds(self, request: holds_pb2.ListHoldsRequest, context: object) -> holds_pb2.ListHoldsResponse:
        command = holds.list_holds(request, current_actor())
        page = await self._do.holds.list(command)
        return holds.list_holds_response(page)

    async def ApplyHold(self, request: holds_pb2.ApplyHoldRequest, context: object) -> holds_pb2.ApplyHoldResponse:
        command = holds.apply_hold(request, current_actor())
        result = await self._do.holds.apply(command, self._once(request, holds.apply_hold_response))
        return holds.apply_hold_response(result)

    async def QuoteRefund(
        self, request: refunds_pb2.QuoteRefundRequest, context: object
    ) -> refunds_pb2.QuoteRefundResponse:
        command = refunds.quote_refund(request, current_actor())
        result = await self._do.refunds.quote(command)
        return refunds.quote_refund_response(result)

    async def ProposeRefund(
        self, request: refunds_pb2.ProposeRefundRequest, context: object
    ) -> refunds_pb2.ProposeRefundResponse:
        command = refunds.propose_refund(request, current_actor())
        result = await self._do.refunds.propose(command, self._once(request, refunds.propose_refund_response))
        return refunds.propose_refund_response(result)

    async def ApproveRefund(
        self, request: refunds_pb2.ApproveRefundRequest, context: object
    ) -> refunds_pb2.ApproveRefundResponse:
        command = refunds.approve_refund(request, current_actor())
        result = await self._do.refunds.approve(command, self._once(request, refunds.approve_refund_response))
        return refunds.approve_refund_response(result)

    async def RejectRefund(
        self, request: refunds_pb2.RejectRefundRequest, context: object
    ) -> refunds_pb2.RejectRefundResponse:
        command = refunds.reject_refund(request, current_actor())
        result = await self._do.refunds.reject(command, self._once(request, refunds.reject_refund_response))
        return refunds.reject_refund_response(result)

    async def ListRefunds(
        self, request: refunds_pb2.ListRefundsRequest, context: object
    ) -> refunds_pb2.ListRefundsResponse:
        command = refunds.list_refunds(request, current_actor())
        result = await self._do.refunds.list(command)
        return refunds.list_refunds_response(result)

    async def PutRefundLimits(
        self, request: refunds_pb2.PutRefundLimitsRequest, context: object
    ) -> refunds_pb2.PutRefundLimitsResponse:
        command = refunds.put_refund_limits(request, current_actor())
        result = await self._do.limits.put(command, self._once(request, refunds.put_refund_limits_response))
        return refunds.put_refund_limits_response(result)

    async def ListRefundLimits(
        self, request: refunds_pb2.ListRefundLimitsRequest, context: object
    ) -> refunds_pb2.ListRefundLimitsResponse:
        command = refunds.list_refund_limits(request, current_actor())
        result = await self._do.limits.list(command)
        return refunds.list_refund_limits_response(result)

    async def DraftChargebackEvidence(
        self, request: chargebacks_pb2.DraftChargebackEvidenceRequest, context: object
    ) -> chargebacks_pb2.DraftChargebackEvidenceResponse:
        command = chargebacks.draft_chargeback_evidence(request, current_actor())
        result = await self._do.chargebacks.draft(
            command, self._once(request, chargebacks.draft_chargeback_evidence_response)
        )
        return chargebacks.draft_chargeback_evidence_response(result)

    async def SubmitChargebackEvidence(
        self, request: chargebacks_pb2.SubmitChargebackEvidenceRequest, context: object
    ) -> chargebacks_pb2.SubmitChargebackEvidenceResponse:
        command = chargebacks.submit_chargeback_evidence(request, current_actor())
        result = await self._do.chargebacks.submit(
            command, self._once(request, chargebacks.submit_chargeback_evidence_response)
        )
        return chargebacks.submit_chargeback_evidence_response(result)

    async def AcceptChargeback(
        self, request: chargebacks_pb2.AcceptChargebackRequest, context: object
    ) -> chargebacks_pb2.AcceptChargebackResponse:
        command = chargebacks.accept_chargeback(request, current_actor())
        result = await self._do.chargebacks.accept(command, self._once(request, chargebacks.accept_chargeback_response))
        return chargebacks.accept_chargeback_response(result)

    async def GetChargeback(
        self, request: chargebacks_pb2.GetChargebackRequest, context: object
    ) -> chargebacks_pb2.GetChargebackResponse:
        dispute = await self._do.chargebacks.get(request.case_id, current_actor())
        return chargebacks.get_chargeback_response(dispute)
