"""What is owed for a payment that was taken back, and how it ends where no bank brings it again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from server.core.errors import FieldInvalid, IllegalTransition, Violation
from server.promo.errors import NothingCollected, SecondPersonNeeded, SettlementExceedsDebt


class SettlementMethod(StrEnum):
    """How a debt ends."""

    WRITTEN_OFF = "written_off"
    PAID_OTHERWISE = "paid_otherwise"
    COLLECTED = "collected"


class SettlementStatus(StrEnum):
    """Where a settlement stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"


class SettlementEvent(StrEnum):
    """What moves a settlement."""

    PROPOSE = "propose"
    APPROVE = "approve"


SETTLEMENT_TRANSITIONS: Mapping[tuple[SettlementStatus, SettlementEvent], SettlementStatus] = MappingProxyType(
    {(SettlementStatus.PROPOSED, SettlementEvent.APPROVE): SettlementStatus.APPROVED}
)


@dataclass(frozen=True, slots=True)
class Settlement:
    """So much of a debt that is to end, and how."""

    settlement_id: str
    topup_id: str
    method: SettlementMethod
    amount_cents: int
    reason: str
    status: SettlementStatus
    version: int
    proposed_by: str
    proposed_at: datetime
    adjustment_id: str | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Debt:
    """What was taken back of one payment, what came again, and what of the rest was settled."""

    topup_id: str
    campaign_id: str
    taken_cents: int
    returned_cents: int
    settled_cents: int
    settlements: tuple[Settlement, ...] = ()

    @property
    def owed_cents(self) -> int:
        """What is owed still. A bank may bring back what was settled; then nothing is."""
        return max(0, self.taken_cents - self.returned_cents - self.settled_cents)


@dataclass(frozen=True, slots=True)
class Collected:
    """What the click stream took out of a budget for an adjustment."""

    adjustment_id: str
    campaign_id: str
    cash_cents: int
    settles: bool
    """Whether it settles a debt already."""


def check_method(method: SettlementMethod, adjustment_id: str) -> None:
    """What collects is named, exactly where something was collected."""
    if (method is SettlementMethod.COLLECTED) != bool(adjustment_id):
        raise FieldInvalid(Violation("adjustment_id", "must be given exactly where method is collected"))


def check_amount(debt: Debt, amount_cents: int) -> None:
    """Nobody settles more than is owed."""
    if amount_cents > debt.owed_cents:
        raise SettlementExceedsDebt(debt.topup_id, debt.owed_cents)


def check_collected(found: Collected | None, adjustment_id: str, debt: Debt, amount_cents: int) -> None:
    """The adjustment took as much cash out of the same budget, and settles nothing else."""
    fits = found is not None and found.campaign_id == debt.campaign_id and found.cash_cents >= amount_cents
    if found is None or not fits or found.settles:
        raise NothingCollected(adjustment_id)


def approve(settlement: Settlement, debt: Debt, approver: str, *, now: datetime) -> Settlement:
    """The settlement, approved by somebody else than who proposed it; the debt may have shrunk since."""
    target = SETTLEMENT_TRANSITIONS.get((settlement.status, SettlementEvent.APPROVE))
    if target is None:
        raise IllegalTransition(settlement.settlement_id, settlement.status, SettlementEvent.APPROVE)
    if approver == settlement.proposed_by:
        raise SecondPersonNeeded(settlement.settlement_id)
    check_amount(debt, settlement.amount_cents)
    return replace(settlement, status=target, version=settlement.version + 1, approved_by=approver, approved_at=now)
