"""Counters by campaign and quarter of an hour."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from server.promo.domain.verdicts import Verdict
from streams.clicks.copying import BUCKET_US, Counted
from streams.clicks.deciding import Decision
from streams.clicks.rules.click import Click

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Counters:
    """What happened to a campaign in a quarter of an hour."""

    impressions: int = 0
    clicks: int = 0
    billed: int = 0
    invalid: int = 0
    duplicate: int = 0
    over_delivered: int = 0
    spend_cents: int = 0


class Rollups:
    """Collects what one transaction adds to the counters."""

    def __init__(self) -> None:
        self._counters: dict[tuple[str, int], Counters] = {}

    def impressions(self, counted: Iterable[Counted]) -> None:
        for campaign_id, bucket_us, impressions in counted:
            self._of(campaign_id, bucket_us).impressions += impressions

    def decided(self, decisions: Iterable[Decision]) -> None:
        for decision in decisions:
            counters = self._of_click(decision.click)
            if decision.verdict is Verdict.INVALID:
                counters.invalid += 1
                continue
            counters.clicks += 1
            counters.over_delivered += decision.over_delivered
            if decision.verdict is Verdict.BILLED:
                counters.billed += 1
                counters.spend_cents += decision.billed_cents

    def duplicates(self, clicks: Iterable[Click]) -> None:
        for click in clicks:
            self._of_click(click).duplicate += 1

    def __bool__(self) -> bool:
        return bool(self._counters)

    def columns(self) -> dict[str, list[object]]:
        """The columns of the counters' table, in the order in which its rows are locked."""
        ordered = sorted(self._counters.items())
        return {
            "campaign_ids": [campaign for (campaign, _), _ in ordered],
            "buckets": [_EPOCH + timedelta(microseconds=bucket) for (_, bucket), _ in ordered],
            "impressions": [counters.impressions for _, counters in ordered],
            "clicks": [counters.clicks for _, counters in ordered],
            "billed": [counters.billed for _, counters in ordered],
            "invalid": [counters.invalid for _, counters in ordered],
            "duplicate": [counters.duplicate for _, counters in ordered],
            "over_delivered": [counters.over_delivered for _, counters in ordered],
            "spend": [counters.spend_cents for _, counters in ordered],
        }

    def _of_click(self, click: Click) -> Counters:
        return self._of(click.campaign_id, click.received_ms * 1000 // BUCKET_US * BUCKET_US)

    def _of(self, campaign_id: str, bucket_us: int) -> Counters:
        key = (campaign_id, bucket_us)
        counters = self._counters.get(key)
        if counters is None:
            counters = self._counters[key] = Counters()
        return counters
