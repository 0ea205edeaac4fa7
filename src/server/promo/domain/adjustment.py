"""What staff puts right in a campaign's budget: asked for by one, approved by another."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from server.core.errors import FieldInvalid, IllegalTransition, Violation
from server.promo.domain.funds import Funds
from server.promo.errors import SecondPersonNeeded


class AdjustmentStatus(StrEnum):
    """Where an adjustment stands. Whether an approved one that takes money was applied is the stream's to say."""

    PROPOSED = "proposed"
    APPROVED = "approved"


class AdjustmentEvent(StrEnum):
    """What moves an adjustment."""

    APPROVE = "approve"


ADJUSTMENT_TRANSITIONS: Mapping[tuple[AdjustmentStatus, AdjustmentEvent], AdjustmentStatus] = MappingProxyType(
    {(AdjustmentStatus.PROPOSED, AdjustmentEvent.APPROVE): AdjustmentStatus.APPROVED}
)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Money that is put into a budget, or taken out of it where it is negative, because something was wrong."""

    adjustment_id: str
    campaign_id: str
    funds: Funds
    reason: str
    status: AdjustmentStatus
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None

    @property
    def takes(self) -> bool:
        return self.funds.total_cents < 0


def check_funds(funds: Funds) -> None:
    """An adjustment goes one way."""
    if funds.total_cents == 0 or funds.promo_cents * funds.cash_cents < 0:
        raise FieldInvalid(Violation("cash_cents", "must, with promo_cents, put money in or take it out, not both"))


def approve(adjustment: Adjustment, approver: str, *, now: datetime) -> Adjustment:
    """The adjustment, approved by somebody else than who proposed it."""
    target = ADJUSTMENT_TRANSITIONS.get((adjustment.status, AdjustmentEvent.APPROVE))
    if target is None:
        raise IllegalTransition(adjustment.adjustment_id, adjustment.status, AdjustmentEvent.APPROVE)
    if approver == adjustment.proposed_by:
        raise SecondPersonNeeded(adjustment.adjustment_id)
    return replace(adjustment, status=target, approved_by=approver, approved_at=now)
