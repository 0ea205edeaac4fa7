"""Calls on what is owed for payments that were taken back."""

from callsheet.promo.v1 import debt_pb2 as pb
from server.core.call import current_actor
from server.promo.debts import convert
from server.promo.servicer.calls import Calls


class DebtCalls(Calls):
    """Answers the calls on debts."""

    async def ListDebts(self, request: pb.ListDebtsRequest, context: object) -> pb.ListDebtsResponse:
        command = convert.list_debts(request, current_actor())
        page = await self._use.debts.list(command)
        return convert.list_debts_response(page)

    async def ProposeDebtSettlement(
        self, request: pb.ProposeDebtSettlementRequest, context: object
    ) -> pb.ProposeDebtSettlementResponse:
        command = convert.propose_settlement(request, current_actor())
        settlement = await self._use.debts.propose(command, self._once(request, convert.propose_settlement_response))
        return convert.propose_settlement_response(settlement)

    async def ApproveDebtSettlement(
        self, request: pb.ApproveDebtSettlementRequest, context: object
    ) -> pb.ApproveDebtSettlementResponse:
        once = self._once(request, convert.approve_settlement_response)
        settlement = await self._use.debts.approve(request.settlement_id, current_actor(), once)
        return convert.approve_settlement_response(settlement)
