"""Promo's RPCs: parse, call, render."""

from callsheet.promo.v1 import adjustment_pb2, budget_pb2, policy_pb2
from callsheet.promo.v1 import campaign_calls_pb2 as pb
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceServicer
from server.core.call import current_actor
from server.core.grpc.once import IdempotentCalls
from server.promo import convert
from server.promo.advertisers.usecases import AdvertiserUseCases
from server.promo.campaigns.usecases import CampaignUseCases
from server.promo.money import convert as money
from server.promo.money.adjustments import AdjustmentUseCases
from server.promo.money.usecases import MoneyUseCases
from server.promo.policies.usecases import PolicyUseCases


class PromoServicer(PromoServiceServicer):
    """Answers `callsheet.promo.v1.PromoService`."""

    def __init__(
        self,
        advertisers: AdvertiserUseCases,
        campaigns: CampaignUseCases,
        policies: PolicyUseCases,
        ledger: MoneyUseCases,
        adjustments: AdjustmentUseCases,
        calls: IdempotentCalls,
    ) -> None:
        self._advertisers = advertisers
        self._campaigns = campaigns
        self._policies = policies
        self._money = ledger
        self._adjustments = adjustments
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

    async def UpdateCampaign(self, request: pb.UpdateCampaignRequest, context: object) -> pb.UpdateCampaignResponse:
        command = convert.update_campaign(request, current_actor())
        campaign = await self._campaigns.update(command, self._once(request, convert.update_campaign_response))
        return convert.update_campaign_response(campaign)

    async def ActivateCampaign(
        self, request: pb.ActivateCampaignRequest, context: object
    ) -> pb.ActivateCampaignResponse:
        command = convert.move_campaign(request, current_actor())
        campaign = await self._campaigns.activate(command, self._once(request, convert.activate_campaign_response))
        return convert.activate_campaign_response(campaign)

    async def PauseCampaign(self, request: pb.PauseCampaignRequest, context: object) -> pb.PauseCampaignResponse:
        command = convert.move_campaign(request, current_actor())
        campaign = await self._campaigns.pause(command, self._once(request, convert.pause_campaign_response))
        return convert.pause_campaign_response(campaign)

    async def EndCampaign(self, request: pb.EndCampaignRequest, context: object) -> pb.EndCampaignResponse:
        command = convert.move_campaign(request, current_actor())
        campaign = await self._campaigns.end(command, self._once(request, convert.end_campaign_response))
        return convert.end_campaign_response(campaign)

    async def SuspendCampaign(self, request: pb.SuspendCampaignRequest, context: object) -> pb.SuspendCampaignResponse:
        command = convert.move_campaign(request, current_actor(), request.reason)
        campaign = await self._campaigns.suspend(command, self._once(request, convert.suspend_campaign_response))
        return convert.suspend_campaign_response(campaign)

    async def LiftSuspension(self, request: pb.LiftSuspensionRequest, context: object) -> pb.LiftSuspensionResponse:
        command = convert.move_campaign(request, current_actor(), request.reason)
        campaign = await self._campaigns.lift_suspension(command, self._once(request, convert.lift_suspension_response))
        return convert.lift_suspension_response(campaign)

    async def PutPolicy(self, request: policy_pb2.PutPolicyRequest, context: object) -> policy_pb2.PutPolicyResponse:
        command = convert.put_policy(request)
        policy = await self._policies.put(command, self._once(request, convert.put_policy_response))
        return convert.put_policy_response(policy)

    async def ListPolicies(
        self, request: policy_pb2.ListPoliciesRequest, context: object
    ) -> policy_pb2.ListPoliciesResponse:
        command = convert.list_policies(request, current_actor())
        page = await self._policies.list(command)
        return convert.list_policies_response(page)

    async def DeletePolicy(
        self, request: policy_pb2.DeletePolicyRequest, context: object
    ) -> policy_pb2.DeletePolicyResponse:
        once = self._once(request, convert.delete_policy_response)
        await self._policies.delete(request.policy_id, once)
        return convert.delete_policy_response(None)

    async def GrantCredit(
        self, request: budget_pb2.GrantCreditRequest, context: object
    ) -> budget_pb2.GrantCreditResponse:
        command = money.grant_credit(request)
        entry = await self._money.grant_credit(command, self._once(request, money.grant_credit_response))
        return money.grant_credit_response(entry)

    async def GetBudget(self, request: budget_pb2.GetBudgetRequest, context: object) -> budget_pb2.GetBudgetResponse:
        budget = await self._money.budget(request.campaign_id, current_actor())
        return money.get_budget_response(budget)

    async def ListBudgetEntries(
        self, request: budget_pb2.ListBudgetEntriesRequest, context: object
    ) -> budget_pb2.ListBudgetEntriesResponse:
        command = money.list_entries(request, current_actor())
        page = await self._money.entries(command)
        return money.list_entries_response(page)

    async def GetStatement(
        self, request: budget_pb2.GetStatementRequest, context: object
    ) -> budget_pb2.GetStatementResponse:
        month = money.month(request)
        statement = await self._money.statement(request.campaign_id, month, current_actor())
        return money.get_statement_response(statement)

    async def ProposeAdjustment(
        self, request: adjustment_pb2.ProposeAdjustmentRequest, context: object
    ) -> adjustment_pb2.ProposeAdjustmentResponse:
        command = money.propose_adjustment(request, current_actor())
        adjustment = await self._adjustments.propose(command, self._once(request, money.propose_adjustment_response))
        return money.propose_adjustment_response(adjustment)

    async def ApproveAdjustment(
        self, request: adjustment_pb2.ApproveAdjustmentRequest, context: object
    ) -> adjustment_pb2.ApproveAdjustmentResponse:
        once = self._once(request, money.approve_adjustment_response)
        adjustment = await self._adjustments.approve(request.adjustment_id, current_actor(), once)
        return money.approve_adjustment_response(adjustment)
