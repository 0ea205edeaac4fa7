"""A story for a log: clicks and impressions that come twice, late and forged, while caps and funds move under them.

It is told around the midnight at which Berlin's clocks go back, whose day has twenty-five hours. Everybody in it clicks
once, but for those who click an impression that was clicked before: so no rule finds more than the story knows.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

from callsheet.promo.v1 import campaign_pb2, log_pb2
from server.adapters.eventlog.codec import Lists, encode_events
from server.adapters.eventlog.columns import EventRow
from server.core.grpc.proto import timestamp
from server.core.ids import encode, uuid7
from server.promo.domain.partitions import partition_of
from tests.streams.events import microseconds

BEGINS = datetime(2037, 10, 24, 20, 30, tzinfo=UTC)
"""An hour and a half before the long day begins in Berlin; in a year that no heartbeat of this machine comes near."""

ENDS = datetime(2037, 10, 25, 23, 40, tzinfo=UTC)
ZONES = ("Europe/Berlin", "Asia/Kolkata", "America/New_York")
EVENTS_IN_A_RECORD = 40
PRICES = (35, 50, 120)
STATUSES = (
    campaign_pb2.CAMPAIGN_STATUS_ACTIVE,
    campaign_pb2.CAMPAIGN_STATUS_PAUSED,
    campaign_pb2.CAMPAIGN_STATUS_SUSPENDED,
)
LATEST = timedelta(minutes=5)
SENT_AGAIN_WITHIN = timedelta(hours=1)
"""A click that comes once more after the rules' two hours is, to them, a click of its own."""


class Appended(NamedTuple):
    """A record, the partition it goes to, and when."""

    partition: int
    at: datetime
    record: bytes


@dataclass(slots=True)
class _Campaign:
    """A campaign as its last control record has it."""

    name: str
    zone: str
    version: int = 1
    daily: int = 3_000
    total: int | None = 60_000
    promo: int = 2_000
    cash: int = 20_000
    status: campaign_pb2.CampaignStatus.ValueType = campaign_pb2.CAMPAIGN_STATUS_ACTIVE


@dataclass(slots=True)
class Story:
    """The records, in the order in which they are appended; the same for one seed and the same campaigns."""

    campaigns: Sequence[str]
    partitions: int
    records: int
    seed: int
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    """When events' ids were made: their days are those that have partitions."""

    def __iter__(self) -> Iterator[Appended]:
        chance = random.Random(self.seed)  # noqa: S311  a fixed seed, no secret
        teller = _Teller(
            chance,
            self.partitions,
            self.now,
            [_Campaign(name, ZONES[place % len(ZONES)]) for place, name in enumerate(self.campaigns)],
        )
        yield from teller.opening()
        step = (ENDS - BEGINS) / self.records
        for number in range(self.records):
            yield from teller.step(BEGINS + number * step)


class _Teller:
    def __init__(self, chance: random.Random, partitions: int, now: datetime, campaigns: list[_Campaign]) -> None:
        self._chance = chance
        self._partitions = partitions
        self._now = now
        self._campaigns = campaigns
        self._clicked: list[EventRow] = []

    def opening(self) -> Iterator[Appended]:
        for campaign in self._campaigns:
            yield Appended(self._place(campaign), BEGINS, self._limits(campaign, BEGINS))

    def step(self, at: datetime) -> Iterator[Appended]:
        campaign = self._chance.choice(self._campaigns)
        if self._chance.random() < 0.08:
            yield from self._changed(campaign, at)
        if self._chance.random() < 0.01:
            yield Appended(self._place(campaign), at, self._debit(campaign, at))
        late = at - LATEST * self._chance.random() if self._chance.random() < 0.2 else at
        there = [other for other in self._campaigns if self._place(other) == self._place(campaign)]
        events = [self._event(self._chance.choice(there), late) for _ in range(EVENTS_IN_A_RECORD)]
        yield Appended(self._place(campaign), at, encode_events(events, late, Lists()))

    def _changed(self, campaign: _Campaign, at: datetime) -> Iterator[Appended]:
        """Something about the campaign changes; now and then what was said before arrives once more behind it."""
        before = self._limits(campaign, at)
        campaign.version += 1
        match self._chance.randrange(5):
            case 0:
                campaign.daily = self._chance.choice((200, 1_000, 20_000, 100_000))
            case 1:
                campaign.total = self._chance.choice((None, 5_000, 60_000, 400_000))
            case 2:
                campaign.cash += self._chance.choice((500, 5_000, 50_000))
            case 3:
                campaign.promo += self._chance.choice((700, 7_000))
            case _:
                campaign.status = self._chance.choice(STATUSES)
        yield Appended(self._place(campaign), at, self._limits(campaign, at))
        if self._chance.random() < 0.2:
            yield Appended(self._place(campaign), at, before)

    def _event(self, campaign: _Campaign, at: datetime) -> EventRow:
        told = self._chance.random()
        if told > 0.12:
            return self._fresh("impression", campaign, at)
        mine = [row for row in self._clicked[-50:] if row.campaign_id == campaign.name]
        fresh_enough = [row for row in mine if row.received_at >= microseconds(at - SENT_AGAIN_WITHIN)]
        if told < 0.01 and fresh_enough:
            return self._chance.choice(fresh_enough)
        if told < 0.015 and mine:
            return self._again(self._chance.choice(mine), campaign, at)
        fresh = self._fresh("click", campaign, at)
        if told < 0.02 and self._clicked:
            fresh = fresh._replace(event_id=self._clicked[-1].event_id)
        elif told < 0.025:
            fresh = fresh._replace(token_state="forged")
        elif told < 0.03:
            fresh = fresh._replace(robot=True)
        self._clicked.append(fresh)
        return fresh

    def _again(self, first: EventRow, campaign: _Campaign, at: datetime) -> EventRow:
        """Another click on that impression, by somebody else."""
        fresh = self._fresh("click", campaign, at)
        return fresh._replace(impression_id=first.impression_id)

    def _fresh(self, kind: str, campaign: _Campaign, at: datetime) -> EventRow:
        somebody = f"{self._chance.getrandbits(64):016x}"
        received = at + timedelta(milliseconds=self._chance.randrange(1_000))
        return EventRow(
            event_id=self._id("pevt"),
            campaign_id=campaign.name,
            impression_id=self._id("pimp"),
            type=kind,
            role="photographer",
            city="berlin",
            query_hash="q" * 16,
            user_id=None,
            anon_fp_hash=somebody,
            device_hash=somebody,
            viewer_hash=somebody,
            ip_hash=somebody,
            network_hash=somebody,
            network_class="residential",
            ua_hash="u" * 16,
            robot=False,
            prefetch=False,
            advertiser_link=None,
            received_at=microseconds(received),
            token_state="valid",
            token_campaign_id=campaign.name,
            token_issued_at=microseconds(received - timedelta(seconds=20)),
            token_price_cents=self._chance.choice(PRICES),
            token_surface="people_search",
            token_listing_id="srv_listing",
            token_slot=1,
            token_city="berlin",
            token_viewer_hash=somebody,
            token_served_today=1,
            extra_json="{}",
        )

    def _id(self, prefix: str) -> str:
        at = self._now - timedelta(milliseconds=self._chance.randrange(60_000))
        return f"{prefix}_{encode(uuid7(at, self._chance.getrandbits(74)))}"

    def _place(self, campaign: _Campaign) -> int:
        return partition_of(campaign.name, self._partitions)

    def _limits(self, campaign: _Campaign, at: datetime) -> bytes:
        limits = partial(
            log_pb2.CampaignLimits,
            status=campaign.status,
            advertiser_id="padv_1",
            time_zone=campaign.zone,
            daily_budget_cents=campaign.daily,
            funded_promo_cents=campaign.promo,
            funded_cash_cents=campaign.cash,
        )
        said = limits() if campaign.total is None else limits(total_budget_cents=campaign.total)
        control = log_pb2.ControlRecord(key=campaign.name, version=campaign.version, campaign=said)
        return _control(control, at)

    def _debit(self, campaign: _Campaign, at: datetime) -> bytes:
        asked = log_pb2.DebitRequest(
            campaign_id=campaign.name,
            promo_cents=self._chance.choice((0, 50)),
            cash_cents=self._chance.choice((100, 9_000)),
        )
        return _control(log_pb2.ControlRecord(key=self._id("padj"), version=1, debit=asked), at)


def _control(control: log_pb2.ControlRecord, at: datetime) -> bytes:
    return log_pb2.LogRecord(schema_version=1, received_at=timestamp(at), control=control).SerializeToString()
