"""Calls on advertisers."""

from callsheet.promo.v1 import campaign_calls_pb2 as pb
from server.core.call import current_actor
from server.promo import convert
from server.promo.servicer.calls import Calls


class AdvertiserCalls(Calls):
    """Answers the calls on advertisers."""

    async def CreateAdvertiser(
        self, request: pb.CreateAdvertiserRequest, context: object
    ) -> pb.CreateAdvertiserResponse:
        once = self._once(request, convert.create_advertiser_response)
        advertiser = await self._use.advertisers.create(current_actor(), once)
        return convert.create_advertiser_response(advertiser)

    async def UpdateAdvertiser(
        self, request: pb.UpdateAdvertiserRequest, context: object
    ) -> pb.UpdateAdvertiserResponse:
        command = convert.update_advertiser(request, current_actor())
        advertiser = await self._use.advertisers.update(
            command, self._once(request, convert.update_advertiser_response)
        )
        return convert.update_advertiser_response(advertiser)

    async def GetAdvertiser(self, request: pb.GetAdvertiserRequest, context: object) -> pb.GetAdvertiserResponse:
        advertiser = await self._use.advertisers.get(request.advertiser_id, current_actor())
        return convert.get_advertiser_response(advertiser)

    async def SuspendAdvertiser(
        self, request: pb.SuspendAdvertiserRequest, context: object
    ) -> pb.SuspendAdvertiserResponse:
        command = convert.suspend_advertiser(request, current_actor())
        advertiser = await self._use.advertisers.move(command, self._once(request, convert.suspend_advertiser_response))
        return convert.suspend_advertiser_response(advertiser)

    async def LiftAdvertiserSuspension(
        self, request: pb.LiftAdvertiserSuspensionRequest, context: object
    ) -> pb.LiftAdvertiserSuspensionResponse:
        command = convert.lift_advertiser_suspension(request, current_actor())
        once = self._once(request, convert.lift_advertiser_suspension_response)
        return convert.lift_advertiser_suspension_response(await self._use.advertisers.move(command, once))
