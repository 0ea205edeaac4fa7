"""Whether a campaign's valid clicks are charged now."""

from datetime import datetime, timedelta
from enum import StrEnum

from server.promo.domain.campaign import Campaign, CampaignStatus
from server.promo.domain.switches import Switchboard


class Charging(StrEnum):
    """Whether valid clicks are charged, and why not."""

    ON = "on"
    SUSPENDED = "suspended"
    STOPPED = "stopped"
    PAUSED = "paused"


SILENT_FOR = timedelta(seconds=15)
"""An idle partition still hears heartbeats, several a second: one that has not moved for longer stands still."""


def charging(campaign: Campaign, board: Switchboard, moved_at: datetime | None, *, now: datetime) -> Charging:
    """What happens to a valid click of the campaign now; `moved_at` is when its partition last moved on, None where the
    stream has never been there.
    """
    if campaign.status is CampaignStatus.SUSPENDED:
        return Charging.SUSPENDED
    if board.stops(campaign.campaign_id):
        return Charging.STOPPED
    if moved_at is not None and now - moved_at > SILENT_FOR:
        return Charging.PAUSED
    return Charging.ON
