"""Which charged clicks turn out to be invalid once more is known than at their moment."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.promo.domain.crediting import FoundInvalid
from server.promo.domain.verdicts import Rule

GRACE = timedelta(hours=2)
"""For how long an impression may come later than its click: tokens live no longer."""

CLOCKS_APART = timedelta(minutes=5)
SPIKE_Z = 6.0
SPIKE_CLICKS = 30
BASELINE = timedelta(days=7)
BASELINE_IMPRESSIONS = 1_000
"""Below this a campaign has no past to be compared with."""


@dataclass(frozen=True, slots=True)
class LateClick:
    """A charged click, and which impression it was charged for."""

    campaign_id: str
    event_id: str
    impression_id: str
    at: datetime
    """What its id says, which its device made."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Clicks whose ids are of one hour, and between which ids their impressions must be: one device makes both ids, so
    that its clock may be as wrong as it likes.
    """

    clicks: tuple[LateClick, ...]
    since: datetime
    until: datetime


def neighbourhoods(clicks: Iterable[LateClick]) -> Iterator[Neighbourhood]:
    """The clicks by the hour that their ids say."""
    by_hour: dict[datetime, list[LateClick]] = defaultdict(list)
    for click in clicks:
        by_hour[click.at.replace(minute=0, second=0, microsecond=0)].append(click)
    for hour, together in sorted(by_hour.items()):
        since, until = hour - GRACE - CLOCKS_APART, hour + timedelta(hours=1) + CLOCKS_APART
        yield Neighbourhood(tuple(together), since, until)


def without_impression(clicks: Iterable[LateClick], recorded: Collection[str]) -> dict[str, list[FoundInvalid]]:
    """Those that were charged for an impression that nobody recorded, by campaign."""
    found: dict[str, list[FoundInvalid]] = defaultdict(list)
    for click in clicks:
        if click.impression_id not in recorded:
            evidence: Mapping[str, str | int | float] = {"impression_id": click.impression_id}
            found[click.campaign_id].append(FoundInvalid(click.event_id, Rule.NO_IMPRESSION, evidence))
    return found


@dataclass(frozen=True, slots=True)
class HourOfCampaign:
    """How often a campaign was shown and clicked in an hour, and in the week before it."""

    campaign_id: str
    hour: datetime
    impressions: int
    clicks: int
    baseline_impressions: int
    baseline_clicks: int

    @property
    def z(self) -> float | None:
        """By how many standard deviations the hour has more clicks than the week explains; None without a past. A week
        without a click is taken for one that might have had one.
        """
        if self.baseline_impressions < BASELINE_IMPRESSIONS:
            return None
        rate = (self.baseline_clicks + 1) / (self.baseline_impressions + 2)
        shown = max(self.impressions, self.clicks)
        return (self.clicks - shown * rate) / math.sqrt(shown * rate * (1 - rate))

    @property
    def is_spike(self) -> bool:
        z = self.z
        return self.clicks >= SPIKE_CLICKS and z is not None and z > SPIKE_Z

    def found(self, event_ids: Iterable[str]) -> list[FoundInvalid]:
        """The hour's charged clicks, with what made it suspicious."""
        evidence: Mapping[str, str | int | float] = {
            "hour": self.hour.isoformat(),
            "impressions": self.impressions,
            "clicks": self.clicks,
            "baseline_impressions": self.baseline_impressions,
            "baseline_clicks": self.baseline_clicks,
            "z": round(self.z or 0.0, 2),
        }
        return [FoundInvalid(event_id, Rule.CTR_SPIKE, evidence) for event_id in event_ids]
