"""What the parties of an order disagree about."""

from callsheet.booking.v1 import dispute_pb2, milestone_pb2
from server.booking.disputes import convert as disputes
from server.booking.servicer.parts import Answering
from server.core.call import current_actor


class DisputeCalls(Answering):
    """What the parties of an order disagree about."""

    async def DisputeMilestone(
        self, request: milestone_pb2.DisputeMilestoneRequest, context: object
    ) -> milestone_pb2.DisputeMilestoneResponse:
        command = disputes.dispute_milestone(request, current_actor())
        result = await self._do.dispute_opening.open_about_milestone(
            command, self._once(request, disputes.dispute_milestone_response)
        )
        return disputes.dispute_milestone_response(result)

    async def OpenDispute(
        self, request: dispute_pb2.OpenDisputeRequest, context: object
    ) -> dispute_pb2.OpenDisputeResponse:
        command = disputes.open_dispute(request, current_actor())
        result = await self._do.dispute_opening.open(command, self._once(request, disputes.open_dispute_response))
        return disputes.open_dispute_response(result)

    async def GetDispute(
        self, request: dispute_pb2.GetDisputeRequest, context: object
    ) -> dispute_pb2.GetDisputeResponse:
        actor = current_actor()
        whole = await self._do.dispute_reading.get(request.dispute_id, actor)
        return disputes.get_dispute_response(whole, actor)

    async def ListDisputes(
        self, request: dispute_pb2.ListDisputesRequest, context: object
    ) -> dispute_pb2.ListDisputesResponse:
        command = disputes.list_disputes(request, current_actor())
        page = await self._do.dispute_reading.list(command)
        return disputes.list_disputes_response(page)

    async def SubmitDisputeStatement(
        self, request: dispute_pb2.SubmitDisputeStatementRequest, context: object
    ) -> dispute_pb2.SubmitDisputeStatementResponse:
        command = disputes.submit_statement(request, current_actor())
        result = await self._do.dispute_handling.state(command, self._once(request, disputes.submit_statement_response))
        return disputes.submit_statement_response(result)

    async def StartDisputeReview(
        self, request: dispute_pb2.StartDisputeReviewRequest, context: object
    ) -> dispute_pb2.StartDisputeReviewResponse:
        command = disputes.start_review(request, current_actor())
        result = await self._do.dispute_handling.start_review(
            command, self._once(request, disputes.start_review_response)
        )
        return disputes.start_review_response(result)

    async def ProposeDisputeDecision(
        self, request: dispute_pb2.ProposeDisputeDecisionRequest, context: object
    ) -> dispute_pb2.ProposeDisputeDecisionResponse:
        command = disputes.propose_decision(request, current_actor())
        result = await self._do.dispute_deciding.propose(
            command, self._once(request, disputes.propose_decision_response)
        )
        return disputes.propose_decision_response(result)

    async def ApproveDisputeDecision(
        self, request: dispute_pb2.ApproveDisputeDecisionRequest, context: object
    ) -> dispute_pb2.ApproveDisputeDecisionResponse:
        command = disputes.approve_decision(request, current_actor())
        result = await self._do.dispute_deciding.approve(
            command, self._once(request, disputes.approve_decision_response)
        )
        return disputes.approve_decision_response(result)

    async def WithdrawDispute(
        self, request: dispute_pb2.WithdrawDisputeRequest, context: object
    ) -> dispute_pb2.WithdrawDisputeResponse:
        command = disputes.withdraw(request, current_actor())
        result = await self._do.dispute_handling.withdraw(command, self._once(request, disputes.withdraw_response))
        return disputes.withdraw_response(result)
