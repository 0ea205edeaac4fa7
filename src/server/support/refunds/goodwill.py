"""Credit that support gives though nothing is owed."""

from server.core.db import Tx
from server.growth.ports import Award, Credit, CreditScope
from server.support.cases.domain import Case
from server.support.cases.handling import Handle
from server.support.refunds.domain import check_amount
from server.support.refunds.repository import LimitRepository
from server.support.refunds.usecases import approver


class GoodwillCredit:
    """Gives credit on the caller's transaction, within what the giver may let go."""

    def __init__(self, credit: Credit, limits: LimitRepository) -> None:
        self._credit = credit
        self._limits = limits

    async def give(self, tx: Tx, case: Case, command: Handle) -> None:
        """Gives it to the case's customer, once for each time that the case is taken up."""
        limits = await self._limits.in_force(tx, command.currency)
        check_amount(command.credit_cents, approver(command.actor), limits.agent_grants_cents if limits else 0)
        award = Award(
            amount_cents=command.credit_cents,
            currency=command.currency.upper(),  # as the ledger spells it
            scope=CreditScope.BUYER_FEE_ONLY,
            reason="goodwill",
            related_id=f"{case.case_id}:{case.sla_cycle}",
        )
        await self._credit.award(tx, case.customer.user_id, award)
