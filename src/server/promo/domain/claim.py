"""An advertiser's claim that a charged click was none."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from server.core.errors import IllegalTransition
from server.promo.domain.crediting import ChargedClick
from server.promo.errors import ClaimTooLate, ClickCredited, ClickNotCharged

WINDOW = timedelta(days=60)
"""For how long a charged click may be claimed."""


class ClickClaimStatus(StrEnum):
    """Where a claim stands."""

    OPEN = "open"
    GRANTED = "granted"
    DENIED = "denied"


class ClickClaimEvent(StrEnum):
    """What happens to a claim."""

    CLAIM = "claim"
    GRANT = "grant"
    DENY = "deny"


CLICK_CLAIM_TRANSITIONS: Mapping[tuple[ClickClaimStatus, ClickClaimEvent], ClickClaimStatus] = MappingProxyType(
    {
        (ClickClaimStatus.OPEN, ClickClaimEvent.GRANT): ClickClaimStatus.GRANTED,
        (ClickClaimStatus.OPEN, ClickClaimEvent.DENY): ClickClaimStatus.DENIED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickClaim:
    """A claim about one charged click."""

    claim_id: str
    campaign_id: str
    event_id: str
    spend_entry_id: str
    claimed_by: str
    reason: str
    status: ClickClaimStatus
    version: int
    created_at: datetime
    updated_at: datetime
    decided_by: str | None = None
    decision_reason: str | None = None


def check_claimable(event_id: str, charged: ChargedClick | None, *, now: datetime) -> ChargedClick:
    """The charged click, where it may still be claimed."""
    if charged is None:
        raise ClickNotCharged(event_id)
    if charged.credited:
        raise ClickCredited(event_id)
    if now - charged.spent_at > WINDOW:
        raise ClaimTooLate(event_id, charged.spent_at + WINDOW)
    return charged


def decided(
    claim: ClickClaim, *, granted: bool, by: str, reason: str, now: datetime
) -> tuple[ClickClaim, ClickClaimEvent]:
    """The claim as somebody of the marketplace decides it, once."""
    event = ClickClaimEvent.GRANT if granted else ClickClaimEvent.DENY
    target = CLICK_CLAIM_TRANSITIONS.get((claim.status, event))
    if target is None:
        raise IllegalTransition(claim.claim_id, claim.status, event)
    after = replace(
        claim,
        status=target,
        decided_by=by,
        decision_reason=reason,
        version=claim.version + 1,
        updated_at=now,
    )
    return after, event
