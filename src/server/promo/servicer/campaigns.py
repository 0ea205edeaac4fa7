"""Calls on campaigns and their life."""

from callsheet.promo.v1 import campaign_calls_pb2 as pb
from server.core.call import current_actor
from server.promo import convert
from server.promo.servicer.calls import Calls
from server.promo.serving import convert as serving


class CampaignCalls(Calls):
    """Answers the calls on campaigns and their life."""

    async def CreateCampaign(self, request: pb.CreateCampaignRequest, context: object) -> pb.CreateCampaignResponse:
        command = convert.create_campaign(request, current_actor())
        campaign = await self._use.campaigns.create(command, self._once(request, convert.create_campaign_response))
        return convert.create_campaign_response(campaign)

    async def GetCampaign(self, request: pb.GetCampaignRequest, context: object) -> pb.GetCampaignResponse:
        diagnosis = await self._use.diagnosing.diagnose(request.campaign_id, current_actor())
        return serving.get_campaign_response(diagnosis)

    async def ListCampaigns(self, request: pb.ListCampaignsRequest, context: object) -> pb.ListCampaignsResponse:
        command = convert.list_campaigns(request, current_actor())
        page = await self._use.campaigns.list(command)
        return convert.list_campaigns_response(page)

    async def UpdateCampaign(self, request: pb.UpdateCampaignRequest, context: object) -> pb.UpdateCampaignResponse:
        command = convert.update_campaign(request, current_actor())
        campaign = await self._use.campaigns.update(command, self._once(request, convert.update_campaign_response))
        return convert.update_campaign_response(campaign)

    async def ActivateCampaign(
        self, request: pb.ActivateCampaignRequest, context: object
    ) -> pb.ActivateCampaignResponse:
        command = convert.move_campaign(request, current_actor())
        campaign = await self._use.campaigns.activate(command, self._once(request, convert.activate_campaign_response))
        return convert.activate_campaign_response(campaign)

    async def PauseCampaign(self, request: pb.PauseCampaignRequest, context: object) -> pb.PauseCampaignResponse:
        command = convert.move_campaign(request, current_actor())
        campaign = await self._use.campaigns.pause(command, self._once(request, convert.pause_campaign_response))
        return convert.pause_campaign_response(campaign)

    async def EndCampaign(self, request: pb.EndCampaignRequest, context: object) -> pb.EndCampaignResponse:
        command = convert.move_campaign(request, current_actor())
        campaign = await self._use.campaigns.end(command, self._once(request, convert.end_campaign_response))
        return convert.end_campaign_response(campaign)

    async def SuspendCampaign(self, request: pb.SuspendCampaignRequest, context: object) -> pb.SuspendCampaignResponse:
        command = convert.move_campaign(request, current_actor(), request.reason)
        campaign = await self._use.campaigns.suspend(command, self._once(request, convert.suspend_campaign_response))
        return convert.suspend_campaign_response(campaign)

    async def LiftSuspension(self, request: pb.LiftSuspensionRequest, context: object) -> pb.LiftSuspensionResponse:
        command = convert.move_campaign(request, current_actor(), request.reason)
        campaign = await self._use.campaigns.lift_suspension(
            command, self._once(request, convert.lift_suspension_response)
        )
        return convert.lift_suspension_response(campaign)
