"""Promo's RPCs: parse, call, render."""

from callsheet.promo.v1 import promo_pb2 as pb
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceServicer
from server.core.call import current_actor
from server.core.grpc.once import IdempotentCalls
from server.promo import convert
from server.promo.advertisers.usecases import AdvertiserUseCases
from server.promo.campaigns.usecases import CampaignUseCases


class PromoServicer(PromoServiceServicer):
    """Answers `callsheet.promo.v1.PromoService`."""

    def __init__(self, advertisers: AdvertiserUseCases, campaigns: CampaignUseCases, calls: IdempotentCalls) -> None:
        self._advertisers = advertisers
        self._campaigns = campaigns
        self._once = calls.once

    async def CreateAdvertiser(
        self, request: pb.CreateAdvertiserRequest, context: object
    ) -> pb.CreateAdvertiserResponse:
        once = self._once(request, convert.create_advertiser_response)
        advertiser = await self._advertisers.create(current_actor(), once)
        return convert.create_advertiser_response(advertiser)

    async def GetAdvertiser(self, request: pb.GetAdvertiserRequest, context: object) -> pb.GetAdvertiserResponse:
        advertiser = await self._advertisers.get(request.advertiser_id, current_actor())
        return convert.get_advertiser_response(advertiser)

    async def CreateCampaign(self, request: pb.CreateCampaignRequest, context: object) -> pb.CreateCampaignResponse:
        command = convert.create_campaign(request, current_actor())
        campaign = await self._campaigns.create(command, self._once(request, convert.create_campaign_response))
        return convert.create_campaign_response(campaign)

    async def GetCampaign(self, request: pb.GetCampaignRequest, context: object) -> pb.GetCampaignResponse:
        campaign = await self._campaigns.get(request.campaign_id, current_actor())
        return convert.get_campaign_response(campaign)

    async def ListCampaigns(self, request: pb.ListCampaignsRequest, context: object) -> pb.ListCampaignsResponse:
        command = convert.list_campaigns(request, current_actor())
        page = await self._campaigns.list(command)
        return convert.list_campaigns_response(page)
