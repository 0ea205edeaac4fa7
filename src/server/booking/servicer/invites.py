"""Calls for bookings that go to several providers, and orders that are made together."""

from callsheet.booking.v1 import invite_pb2
from server.booking.invites import convert
from server.booking.servicer.parts import Answering
from server.core.call import current_actor


class InviteCalls(Answering):
    """Calls for bookings that go to several providers, and orders that are made together."""

    async def CreateInvite(
        self, request: invite_pb2.CreateInviteRequest, context: object
    ) -> invite_pb2.CreateInviteResponse:
        command = convert.create_invite(request, current_actor())
        result = await self._do.inviting.create(command, self._once(request, convert.create_invite_response))
        return convert.create_invite_response(result)

    async def GetInvite(self, request: invite_pb2.GetInviteRequest, context: object) -> invite_pb2.GetInviteResponse:
        actor = current_actor()
        sent = await self._do.inviting.get(request.invite_id, actor)
        return convert.get_invite_response(sent)

    async def RespondToInvite(
        self, request: invite_pb2.RespondToInviteRequest, context: object
    ) -> invite_pb2.RespondToInviteResponse:
        command = convert.respond_to_invite(request, current_actor())
        result = await self._do.awarding.respond(command, self._once(request, convert.respond_to_invite_response))
        return convert.respond_to_invite_response(result)

    async def AwardInvite(
        self, request: invite_pb2.AwardInviteRequest, context: object
    ) -> invite_pb2.AwardInviteResponse:
        command = convert.award_invite(request, current_actor())
        result = await self._do.awarding.award(command, self._once(request, convert.award_invite_response))
        return convert.award_invite_response(result)

    async def CloseInvite(
        self, request: invite_pb2.CloseInviteRequest, context: object
    ) -> invite_pb2.CloseInviteResponse:
        command = convert.close_invite(request, current_actor())
        result = await self._do.awarding.close(command, self._once(request, convert.close_invite_response))
        return convert.close_invite_response(result)

    async def CreateBookingGroup(
        self, request: invite_pb2.CreateBookingGroupRequest, context: object
    ) -> invite_pb2.CreateBookingGroupResponse:
        command = convert.create_group(request, current_actor())
        result = await self._do.groups.create(command, self._once(request, convert.create_group_response))
        return convert.create_group_response(result)
