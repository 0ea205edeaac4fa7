"""What another decision on a case means for the refunds that were proposed for it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from server.core.clock import Clock
from server.core.db import Tx
from server.support.cases.domain import By, Case
from server.support.errors import RefundUnderWay
from server.support.refunds.domain import REJECTED, Refund, RefundEvent, RefundStatus, apply
from server.support.refunds.repository import RefundRepository

SUPPORT: Final = "svc_support"
"""Who rejects where no person does."""


class Proposals:
    """Ends proposals on the caller's transaction, which has locked their case."""

    def __init__(self, refunds: RefundRepository, clock: Clock) -> None:
        self._refunds = refunds
        self._clock = clock

    async def withdraw(self, tx: Tx, case: Case, by: By) -> None:
        """Rejects what was proposed, because the case is decided otherwise; RefundUnderWay where one is being paid."""
        waiting = await self._refunds.waiting(tx, case.case_id)
        for refund in waiting:
            if refund.status is RefundStatus.PROCESSING:
                raise RefundUnderWay(case.case_id, refund.refund_id)
        await self._reject(tx, waiting, by)

    async def overtake(self, tx: Tx, case: Case, by: By) -> None:
        """Rejects what nobody has approved, because a dispute decided the case; what is being paid has been decided."""
        waiting = await self._refunds.waiting(tx, case.case_id)
        await self._reject(tx, [refund for refund in waiting if refund.status is RefundStatus.PROPOSED], by)

    async def _reject(self, tx: Tx, refunds: Sequence[Refund], by: By) -> None:
        for refund in refunds:
            rejected = replace(
                apply(refund, RefundEvent.REJECT, now=self._clock.now()),
                failure_reason=REJECTED,
                rejected_by=by.user_id or SUPPORT,
            )
            await self._refunds.save(tx, refund, rejected, RefundEvent.REJECT)
