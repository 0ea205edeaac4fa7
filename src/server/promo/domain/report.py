"""Hours and days of a campaign's zone, whatever its clocks do."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from server.core.errors import FieldInvalid, Violation
from server.promo.domain.day import QUARTER, end_of, start_of

MOST_DAYS = {"hour": 31, "day": 400}


class ReportGranularity(StrEnum):
    """How long a row of a report is."""

    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Counts:
    """What happened."""

    impressions: int = 0
    clicks: int = 0
    billed_clicks: int = 0
    invalid_clicks: int = 0
    duplicate_clicks: int = 0
    over_delivered_clicks: int = 0
    spend_cents: int = 0
    credited_cents: int = 0
    attributed_orders: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, part.name) + getattr(other, part.name) for part in fields(self)))


NOTHING = Counts()


@dataclass(frozen=True, slots=True)
class ReportRow:
    """What happened in one hour or on one day."""

    starts_at: datetime
    """In the campaign's zone."""
    counts: Counts


@dataclass(frozen=True, slots=True)
class Report:
    """Rows without a gap, and their sum."""

    time_zone: str
    rows: tuple[ReportRow, ...]

    @property
    def total(self) -> Counts:
        return sum((row.counts for row in self.rows), NOTHING)


@dataclass(frozen=True, slots=True)
class Span:
    """The days that a report is about, both included, and how fine it is."""

    first_day: date
    last_day: date
    granularity: ReportGranularity
    zone: str

    def check(self) -> None:
        """Refuses days in the wrong order, and more of them than anybody reads."""
        days = (self.last_day - self.first_day).days + 1
        if days < 1:
            raise FieldInvalid(Violation("last_day", "must not be before first_day"))
        if days > MOST_DAYS[self.granularity]:
            rule = f"must be within {MOST_DAYS[self.granularity]} days from first_day by the {self.granularity}"
            raise FieldInvalid(Violation("last_day", rule))

    @property
    def starts_at(self) -> datetime:
        return start_of(self.first_day, self.zone)

    @property
    def ends_at(self) -> datetime:
        return end_of(self.last_day, self.zone)


def bucket_of(at: datetime, granularity: ReportGranularity, zone: str) -> datetime:
    """Where the hour or the day of an instant begins, as an instant."""
    local = at.astimezone(ZoneInfo(zone))
    if granularity is ReportGranularity.DAY:
        return start_of(local.date(), zone)
    begins = at.astimezone(UTC) - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    # Clocks that moved within the hour began it anew: where they stood differently before, it is no older than that.
    while begins.astimezone(local.tzinfo).utcoffset() != local.utcoffset():
        begins += QUARTER
    return begins


def buckets(span: Span) -> Iterator[datetime]:
    """Every hour or day of a span, in order, as the instants at which they begin."""
    at, end, last = span.starts_at, span.ends_at, None
    step = QUARTER if span.granularity is ReportGranularity.HOUR else timedelta(hours=1)
    while at < end:
        bucket = bucket_of(at, span.granularity, span.zone)
        if bucket != last:
            yield bucket
            last = bucket
        at += step
