"""Calls on money and its ledger."""

from callsheet.promo.v1 import adjustment_pb2
from callsheet.promo.v1 import budget_pb2 as pb
from server.core.call import current_actor
from server.promo.money import convert
from server.promo.servicer.calls import Calls


class MoneyCalls(Calls):
    """Answers the calls on money and its ledger."""

    async def GrantCredit(self, request: pb.GrantCreditRequest, context: object) -> pb.GrantCreditResponse:
        command = convert.grant_credit(request)
        entry = await self._use.ledger.grant_credit(command, self._once(request, convert.grant_credit_response))
        return convert.grant_credit_response(entry)

    async def GetBudget(self, request: pb.GetBudgetRequest, context: object) -> pb.GetBudgetResponse:
        budget = await self._use.ledger.budget(request.campaign_id, current_actor())
        return convert.get_budget_response(budget)

    async def ListBudgetEntries(
        self, request: pb.ListBudgetEntriesRequest, context: object
    ) -> pb.ListBudgetEntriesResponse:
        command = convert.list_entries(request, current_actor())
        page = await self._use.ledger.entries(command)
        return convert.list_entries_response(page)

    async def GetStatement(self, request: pb.GetStatementRequest, context: object) -> pb.GetStatementResponse:
        month = convert.month(request)
        statement = await self._use.ledger.statement(request.campaign_id, month, current_actor())
        return convert.get_statement_response(statement)

    async def ProposeAdjustment(
        self, request: adjustment_pb2.ProposeAdjustmentRequest, context: object
    ) -> adjustment_pb2.ProposeAdjustmentResponse:
        command = convert.propose_adjustment(request, current_actor())
        adjustment = await self._use.adjustments.propose(
            command, self._once(request, convert.propose_adjustment_response)
        )
        return convert.propose_adjustment_response(adjustment)

    async def ApproveAdjustment(
        self, request: adjustment_pb2.ApproveAdjustmentRequest, context: object
    ) -> adjustment_pb2.ApproveAdjustmentResponse:
        once = self._once(request, convert.approve_adjustment_response)
        adjustment = await self._use.adjustments.approve(request.adjustment_id, current_actor(), once)
        return convert.approve_adjustment_response(adjustment)
