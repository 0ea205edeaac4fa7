"""How an order comes to be agreed on."""

from callsheet.booking.v1 import negotiation_pb2, reschedule_pb2
from server.booking.negotiation import convert
from server.booking.rescheduling import convert as rescheduling
from server.booking.servicer.parts import Answering
from server.core.call import current_actor


class NegotiationCalls(Answering):
    """What is sent, answered and countered, and what is moved later."""

    async def SubmitOrder(
        self, request: negotiation_pb2.SubmitOrderRequest, context: object
    ) -> negotiation_pb2.SubmitOrderResponse:
        command = convert.submit_order(request, current_actor())
        result = await self._do.submitting.submit(command, self._once(request, convert.submit_order_response))
        return convert.submit_order_response(result)

    async def AcceptRequest(
        self, request: negotiation_pb2.AcceptRequestRequest, context: object
    ) -> negotiation_pb2.AcceptRequestResponse:
        command = convert.accept_request(request, current_actor())
        result = await self._do.answering.accept(command, self._once(request, convert.accept_request_response))
        return convert.accept_request_response(result)

    async def DeclineRequest(
        self, request: negotiation_pb2.DeclineRequestRequest, context: object
    ) -> negotiation_pb2.DeclineRequestResponse:
        command = convert.decline_request(request, current_actor())
        result = await self._do.answering.decline(command, self._once(request, convert.decline_request_response))
        return convert.decline_request_response(result)

    async def CounterRequest(
        self, request: negotiation_pb2.CounterRequestRequest, context: object
    ) -> negotiation_pb2.CounterRequestResponse:
        command = convert.counter_request(request, current_actor())
        result = await self._do.answering.counter(command, self._once(request, convert.counter_request_response))
        return convert.counter_request_response(result)

    async def ListRequests(
        self, request: negotiation_pb2.ListRequestsRequest, context: object
    ) -> negotiation_pb2.ListRequestsResponse:
        command = convert.list_requests(request, current_actor())
        page = await self._do.offers.list(command)
        return convert.list_requests_response(page)

    async def ProposeReschedule(
        self, request: reschedule_pb2.ProposeRescheduleRequest, context: object
    ) -> reschedule_pb2.ProposeRescheduleResponse:
        command = rescheduling.propose_reschedule(request, current_actor())
        result = await self._do.rescheduling.propose(
            command, self._once(request, rescheduling.propose_reschedule_response)
        )
        return rescheduling.propose_reschedule_response(result)

    async def RespondToReschedule(
        self, request: reschedule_pb2.RespondToRescheduleRequest, context: object
    ) -> reschedule_pb2.RespondToRescheduleResponse:
        command = rescheduling.respond_to_reschedule(request, current_actor())
        result = await self._do.rescheduling.reply(
            command, self._once(request, rescheduling.respond_to_reschedule_response)
        )
        return rescheduling.respond_to_reschedule_response(result)
