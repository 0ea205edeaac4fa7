"""A payment into a campaign's budget: what may become of it, and what the processor's view of it means."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from server.core.errors import IllegalTransition
from server.promo.domain.advertiser import AdvertiserStatus
from server.promo.domain.campaign import Campaign, CampaignStatus
from server.promo.errors import AdvertiserInactive


class TopUpStatus(StrEnum):
    """Where a payment into a budget stands."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    PAID = "paid"
    FAILED = "failed"
    CANCELED = "canceled"
    CHARGED_BACK = "charged_back"


class TopUpEvent(StrEnum):
    """What happens to a payment. A failed one may still be paid: the payer's device tries another card."""

    BEGIN = "begin"
    REQUIRE_ACTION = "require_action"
    PAY = "pay"
    FAIL = "fail"
    CANCEL = "cancel"
    CHARGE_BACK = "charge_back"
    REINSTATE = "reinstate"


class TopUpCause(StrEnum):
    """Who decided to pay."""

    ADVERTISER = "advertiser"
    AUTOMATIC = "automatic"


TOPUP_TRANSITIONS: Mapping[tuple[TopUpStatus, TopUpEvent], TopUpStatus] = MappingProxyType(
    {
        (TopUpStatus.PENDING, TopUpEvent.REQUIRE_ACTION): TopUpStatus.REQUIRES_ACTION,
        (TopUpStatus.PENDING, TopUpEvent.PAY): TopUpStatus.PAID,
        (TopUpStatus.PENDING, TopUpEvent.FAIL): TopUpStatus.FAILED,
        (TopUpStatus.PENDING, TopUpEvent.CANCEL): TopUpStatus.CANCELED,
        (TopUpStatus.REQUIRES_ACTION, TopUpEvent.PAY): TopUpStatus.PAID,
        (TopUpStatus.REQUIRES_ACTION, TopUpEvent.FAIL): TopUpStatus.FAILED,
        (TopUpStatus.REQUIRES_ACTION, TopUpEvent.CANCEL): TopUpStatus.CANCELED,
        (TopUpStatus.FAILED, TopUpEvent.REQUIRE_ACTION): TopUpStatus.REQUIRES_ACTION,
        (TopUpStatus.FAILED, TopUpEvent.PAY): TopUpStatus.PAID,
        (TopUpStatus.FAILED, TopUpEvent.CANCEL): TopUpStatus.CANCELED,
        (TopUpStatus.PAID, TopUpEvent.CHARGE_BACK): TopUpStatus.CHARGED_BACK,
        (TopUpStatus.CHARGED_BACK, TopUpEvent.REINSTATE): TopUpStatus.PAID,
    }
)

OPEN = frozenset({TopUpStatus.PENDING, TopUpStatus.REQUIRES_ACTION, TopUpStatus.FAILED})
"""Where money may still come."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a payment did not come about, in the processor's words."""

    code: str
    decline_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUp:
    """One payment into a campaign's budget."""

    topup_id: str
    campaign_id: str
    payer_user_id: str
    amount_cents: int
    cause: TopUpCause
    status: TopUpStatus
    version: int
    created_at: datetime
    updated_at: datetime
    payment_intent_id: str | None = None
    charge_id: str | None = None
    entry_id: str | None = None
    refusal: Refusal | None = None

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


@dataclass(frozen=True, slots=True)
class PaymentSeen:
    """The processor's view of a payment, as far as it decides anything."""

    event: TopUpEvent | None
    payment_intent_id: str | None
    charge_id: str | None = None
    refusal: Refusal | None = None


def check_payable(campaign: Campaign, advertiser: AdvertiserStatus) -> None:
    """Money is taken only for what may still spend it, and from nobody who was suspended: not into a draft either."""
    if advertiser is AdvertiserStatus.SUSPENDED:
        raise AdvertiserInactive(campaign.advertiser_id, advertiser)
    if campaign.status in (CampaignStatus.ENDED, CampaignStatus.SUSPENDED):
        raise IllegalTransition(campaign.campaign_id, campaign.status, "top_up")


def moved(topup: TopUp, event: TopUpEvent, *, now: datetime) -> TopUp | None:
    """The payment after an event; None where it says nothing new, since events repeat and overtake each other."""
    target = TOPUP_TRANSITIONS.get((topup.status, event))
    return None if target is None else replace(topup, status=target, version=topup.version + 1, updated_at=now)


def seen(topup: TopUp, payment: PaymentSeen, *, now: datetime) -> TopUp | None:
    """The payment after a look at the processor; None where nothing is new."""
    after = moved(topup, payment.event, now=now) if payment.event else None
    if after is None:
        return None
    return replace(
        after,
        payment_intent_id=payment.payment_intent_id or topup.payment_intent_id,
        charge_id=payment.charge_id if after.status is TopUpStatus.PAID else None,
        refusal=payment.refusal if after.status is TopUpStatus.FAILED else topup.refusal,
    )
