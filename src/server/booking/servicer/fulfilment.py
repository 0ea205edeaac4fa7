"""From the confirmation to the payout, and calling it off."""

from callsheet.booking.v1 import cancelling_pb2, fulfilment_pb2, milestone_pb2, ordering_pb2
from server.booking.cancelling import convert as cancelling
from server.booking.fulfilment import convert as fulfilment
from server.booking.servicer.parts import Answering
from server.core.call import current_actor


class FulfilmentCalls(Answering):
    """From the confirmation to the payout, and calling it off."""

    async def CancelOrder(
        self, request: ordering_pb2.CancelOrderRequest, context: object
    ) -> ordering_pb2.CancelOrderResponse:
        command = cancelling.cancel_order(request, current_actor())
        result = await self._do.cancelling.cancel(command, self._once(request, cancelling.cancel_order_response))
        return cancelling.cancel_order_response(result)

    async def PreviewCancellation(
        self, request: cancelling_pb2.PreviewCancellationRequest, context: object
    ) -> cancelling_pb2.PreviewCancellationResponse:
        actor = current_actor()
        preview = await self._do.cancelling.preview(request.order_id, actor)
        return cancelling.preview_cancellation_response(preview)

    async def StartOrder(
        self, request: fulfilment_pb2.StartOrderRequest, context: object
    ) -> fulfilment_pb2.StartOrderResponse:
        command = fulfilment.start_order(request, current_actor())
        result = await self._do.fulfilment.start(command, self._once(request, fulfilment.start_order_response))
        return fulfilment.start_order_response(result)

    async def DeliverOrder(
        self, request: fulfilment_pb2.DeliverOrderRequest, context: object
    ) -> fulfilment_pb2.DeliverOrderResponse:
        command = fulfilment.deliver_order(request, current_actor())
        result = await self._do.fulfilment.deliver(command, self._once(request, fulfilment.deliver_order_response))
        return fulfilment.deliver_order_response(result)

    async def RequestChanges(
        self, request: fulfilment_pb2.RequestChangesRequest, context: object
    ) -> fulfilment_pb2.RequestChangesResponse:
        command = fulfilment.request_changes(request, current_actor())
        result = await self._do.fulfilment.request_changes(
            command, self._once(request, fulfilment.request_changes_response)
        )
        return fulfilment.request_changes_response(result)

    async def CompleteOrder(
        self, request: fulfilment_pb2.CompleteOrderRequest, context: object
    ) -> fulfilment_pb2.CompleteOrderResponse:
        command = fulfilment.complete_order(request, current_actor())
        result = await self._do.fulfilment.complete(command, self._once(request, fulfilment.complete_order_response))
        return fulfilment.complete_order_response(result)

    async def AddTip(self, request: fulfilment_pb2.AddTipRequest, context: object) -> fulfilment_pb2.AddTipResponse:
        command = fulfilment.add_tip(request, current_actor())
        result = await self._do.agreeing.tip(command, self._once(request, fulfilment.add_tip_response))
        return fulfilment.add_tip_response(result)

    async def AddAdjustment(
        self, request: fulfilment_pb2.AddAdjustmentRequest, context: object
    ) -> fulfilment_pb2.AddAdjustmentResponse:
        command = fulfilment.add_adjustment(request, current_actor())
        result = await self._do.agreeing.adjust(command, self._once(request, fulfilment.add_adjustment_response))
        return fulfilment.add_adjustment_response(result)

    async def SetMilestones(
        self, request: milestone_pb2.SetMilestonesRequest, context: object
    ) -> milestone_pb2.SetMilestonesResponse:
        command = fulfilment.set_milestones(request, current_actor())
        result = await self._do.milestones.set(command, self._once(request, fulfilment.set_milestones_response))
        return fulfilment.set_milestones_response(result)

    async def ListMilestones(
        self, request: milestone_pb2.ListMilestonesRequest, context: object
    ) -> milestone_pb2.ListMilestonesResponse:
        actor = current_actor()
        found = await self._do.milestones.read(request.order_id, actor)
        return fulfilment.list_milestones_response(found)

    async def DeliverMilestone(
        self, request: milestone_pb2.DeliverMilestoneRequest, context: object
    ) -> milestone_pb2.DeliverMilestoneResponse:
        command = fulfilment.deliver_milestone(request, current_actor())
        result = await self._do.milestones.deliver(command, self._once(request, fulfilment.deliver_milestone_response))
        return fulfilment.deliver_milestone_response(result)

    async def ReopenMilestone(
        self, request: milestone_pb2.ReopenMilestoneRequest, context: object
    ) -> milestone_pb2.ReopenMilestoneResponse:
        command = fulfilment.reopen_milestone(request, current_actor())
        result = await self._do.milestones.reopen(command, self._once(request, fulfilment.reopen_milestone_response))
        return fulfilment.reopen_milestone_response(result)

    async def ApproveMilestone(
        self, request: milestone_pb2.ApproveMilestoneRequest, context: object
    ) -> milestone_pb2.ApproveMilestoneResponse:
        command = fulfilment.approve_milestone(request, current_actor())
        result = await self._do.milestones.approve(command, self._once(request, fulfilment.approve_milestone_response))
        return fulfilment.approve_milestone_response(result)
