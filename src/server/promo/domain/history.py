"""Who did what to a campaign."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.promo.domain.campaign import Campaign, CampaignEvent, CampaignStatus


class ActorKind(StrEnum):
    """In which capacity somebody changed a campaign."""

    ADVERTISER = "advertiser"
    STAFF = "staff"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class By:
    """Who changed a campaign: a person, or the system on nobody's behalf."""

    kind: ActorKind
    user_id: str | None = None


SYSTEM = By(ActorKind.SYSTEM)


@dataclass(frozen=True, slots=True)
class CampaignStep:
    """One step in a campaign's life; its sequence is the version that it made."""

    campaign_id: str
    sequence: int
    event: CampaignEvent
    from_status: CampaignStatus | None
    to_status: CampaignStatus
    by: By
    reason: str
    created_at: datetime


def step(before: Campaign | None, after: Campaign, event: CampaignEvent, by: By, reason: str = "") -> CampaignStep:
    """The history's entry for a change."""
    return CampaignStep(
        campaign_id=after.campaign_id,
        sequence=after.version,
        event=event,
        from_status=before.status if before else None,
        to_status=after.status,
        by=by,
        reason=reason,
        created_at=after.updated_at,
    )
