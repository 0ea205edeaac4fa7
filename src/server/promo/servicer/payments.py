"""Calls on money that comes in, and on what is left."""

from callsheet.promo.v1 import topup_pb2, withdrawal_pb2
from server.core.call import current_actor
from server.promo.servicer.calls import Calls
from server.promo.topups import convert as topups
from server.promo.withdrawals import convert as withdrawals


class PaymentCalls(Calls):
    """Answers the calls on money that comes in, and on what is left."""

    async def TopUpCampaign(
        self, request: topup_pb2.TopUpCampaignRequest, context: object
    ) -> topup_pb2.TopUpCampaignResponse:
        command = topups.top_up_campaign(request, current_actor())
        payable = await self._use.topups.top_up(command, self._once(request, topups.top_up_campaign_response))
        return topups.top_up_campaign_response(payable)

    async def GetTopUp(self, request: topup_pb2.GetTopUpRequest, context: object) -> topup_pb2.GetTopUpResponse:
        payable = await self._use.topups.get(request.topup_id, current_actor())
        return topups.get_topup_response(payable)

    async def ListTopUps(self, request: topup_pb2.ListTopUpsRequest, context: object) -> topup_pb2.ListTopUpsResponse:
        command = topups.list_topups(request, current_actor())
        page = await self._use.topups.list(command)
        return topups.list_topups_response(page)

    async def WithdrawBalance(
        self, request: withdrawal_pb2.WithdrawBalanceRequest, context: object
    ) -> withdrawal_pb2.WithdrawBalanceResponse:
        command = withdrawals.withdraw_balance(request, current_actor())
        once = self._once(request, withdrawals.withdraw_balance_response)
        return withdrawals.withdraw_balance_response(await self._use.withdrawals.withdraw(command, once))

    async def GetWithdrawal(
        self, request: withdrawal_pb2.GetWithdrawalRequest, context: object
    ) -> withdrawal_pb2.GetWithdrawalResponse:
        withdrawal = await self._use.withdrawals.get(request.withdrawal_id, current_actor())
        return withdrawals.get_withdrawal_response(withdrawal)
