"""A request for what is left of a budget, and the charges that it goes back to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from server.core.errors import IllegalTransition
from server.promo.domain.campaign import Campaign, CampaignStatus
from server.promo.errors import MoneyOwed, NotWithdrawable


class WithdrawalStatus(StrEnum):
    """Where a request stands."""

    REQUESTED = "requested"
    REFUNDING = "refunding"
    REFUSED = "refused"
    COMPLETED = "completed"


class WithdrawalEvent(StrEnum):
    """What happens to a request: the stream takes the money or refuses to, then each part of it ends."""

    REQUEST = "request"
    TAKE = "take"
    REFUSE = "refuse"
    END_PART = "end_part"
    COMPLETE = "complete"


WITHDRAWAL_TRANSITIONS: Mapping[tuple[WithdrawalStatus, WithdrawalEvent], WithdrawalStatus] = MappingProxyType(
    {
        (WithdrawalStatus.REQUESTED, WithdrawalEvent.TAKE): WithdrawalStatus.REFUNDING,
        (WithdrawalStatus.REQUESTED, WithdrawalEvent.REFUSE): WithdrawalStatus.REFUSED,
        (WithdrawalStatus.REFUNDING, WithdrawalEvent.END_PART): WithdrawalStatus.REFUNDING,
        (WithdrawalStatus.REFUNDING, WithdrawalEvent.COMPLETE): WithdrawalStatus.COMPLETED,
        # A refund that arrived may still come back.
        (WithdrawalStatus.COMPLETED, WithdrawalEvent.COMPLETE): WithdrawalStatus.COMPLETED,
    }
)


class PartStatus(StrEnum):
    """Where the part of one charge stands."""

    RESERVED = "reserved"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    RELEASED = "released"


class PartEvent(StrEnum):
    """What happens to a part."""

    SEND = "send"
    RELEASE = "release"
    ARRIVE = "arrive"
    FAIL = "fail"


PART_TRANSITIONS: Mapping[tuple[PartStatus, PartEvent], PartStatus] = MappingProxyType(
    {
        (PartStatus.RESERVED, PartEvent.SEND): PartStatus.PENDING,
        (PartStatus.RESERVED, PartEvent.RELEASE): PartStatus.RELEASED,
        (PartStatus.PENDING, PartEvent.ARRIVE): PartStatus.SUCCEEDED,
        (PartStatus.PENDING, PartEvent.FAIL): PartStatus.FAILED,
        (PartStatus.SUCCEEDED, PartEvent.FAIL): PartStatus.FAILED,
    }
)

_UNDER_WAY = frozenset({PartStatus.RESERVED, PartStatus.PENDING})


@dataclass(frozen=True, slots=True)
class Refundable:
    """A charge and how much of it has not gone back yet."""

    topup_id: str
    charge_id: str
    left_cents: int


@dataclass(frozen=True, slots=True)
class WithdrawalPart:
    """What goes back to the card of one charge."""

    topup_id: str
    charge_id: str
    amount_cents: int
    status: PartStatus
    refund_id: str | None = None
    failure_code: str | None = None
    restored_entry_id: str | None = None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A request for cash of a campaign's budget."""

    withdrawal_id: str
    campaign_id: str
    requested_by: str
    amount_cents: int
    status: WithdrawalStatus
    parts: tuple[WithdrawalPart, ...]
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def debit_id(self) -> str:
        """What the stream calls the request."""
        return f"padj_{self.withdrawal_id.partition('_')[2]}"

    @property
    def debit_entry_id(self) -> str:
        """The entry by which the stream takes the money."""
        return f"pble_{self.withdrawal_id.partition('_')[2]}"

    def part_of(self, charge_id: str) -> WithdrawalPart | None:
        return next((part for part in self.parts if part.charge_id == charge_id), None)


def asked(campaign: Campaign, charges: Sequence[Refundable], wanted_cents: int, owed_cents: int) -> int:
    """How much is asked back: what is wanted, or everything that can be refunded where that is 0."""
    if campaign.status is CampaignStatus.SUSPENDED:
        raise IllegalTransition(campaign.campaign_id, campaign.status, "withdraw")
    if owed_cents > 0:
        raise MoneyOwed(campaign.campaign_id, owed_cents)
    cash = campaign.funded.cash_cents + campaign.spent.cash_cents
    most = min(cash, sum(charge.left_cents for charge in charges))
    amount = wanted_cents or most
    if not 0 < amount <= most:
        raise NotWithdrawable(campaign.campaign_id, max(most, 0))
    return amount


def parts(charges: Sequence[Refundable], amount_cents: int) -> Iterator[WithdrawalPart]:
    """The charges that an amount goes back to, in their order, each at most what is left of it."""
    for charge in charges:
        share = min(charge.left_cents, amount_cents)
        if share > 0:
            yield WithdrawalPart(charge.topup_id, charge.charge_id, share, PartStatus.RESERVED)
            amount_cents -= share


def moved(withdrawal: Withdrawal, event: WithdrawalEvent, *, now: datetime) -> Withdrawal | None:
    """The request after an event; None where it says nothing new."""
    target = WITHDRAWAL_TRANSITIONS.get((withdrawal.status, event))
    return (
        None if target is None else replace(withdrawal, status=target, version=withdrawal.version + 1, updated_at=now)
    )


def all_moved(withdrawal: Withdrawal, event: PartEvent) -> Withdrawal:
    """The request with every part moved alike."""
    return replace(
        withdrawal,
        parts=tuple(replace(part, status=PART_TRANSITIONS[part.status, event]) for part in withdrawal.parts),
    )


def part_moved(part: WithdrawalPart, event: PartEvent) -> WithdrawalPart | None:
    """The part after an event; None where it says nothing new: refunds are told of late, twice and out of order."""
    target = PART_TRANSITIONS.get((part.status, event))
    return None if target is None else replace(part, status=target)


def with_part(withdrawal: Withdrawal, after: WithdrawalPart, *, now: datetime) -> tuple[Withdrawal, WithdrawalEvent]:
    """The request with one part changed, which completes it once nothing is under way any more."""
    changed = tuple(after if part.charge_id == after.charge_id else part for part in withdrawal.parts)
    ended = all(part.status not in _UNDER_WAY for part in changed)
    event = WithdrawalEvent.COMPLETE if ended else WithdrawalEvent.END_PART
    target = WITHDRAWAL_TRANSITIONS.get((withdrawal.status, event))
    if target is None:
        raise IllegalTransition(withdrawal.withdrawal_id, withdrawal.status, event)
    moved_on = replace(withdrawal, status=target, parts=changed, version=withdrawal.version + 1, updated_at=now)
    return moved_on, event
