"""Rows of counters and of attributed orders, and what they add up to."""

from collections import defaultdict
from datetime import datetime
from zoneinfo import ZoneInfo

from callsheet.sql.promo_reports import Queries
from server.core.db import Tx, load_queries
from server.promo.domain.day import start_of
from server.promo.domain.report import NOTHING, Counts, Report, ReportGranularity, ReportRow, Span, bucket_of, buckets

_queries = load_queries("server.promo.reports", Queries)


class ReportRepository:
    """Reads reports, and keeps which orders followed from clicks, on the caller's transaction."""

    async def report(self, tx: Tx, campaign_id: str, span: Span) -> Report:
        """A row for each hour or day of the span, also for those in which nothing happened."""
        found: dict[datetime, Counts] = defaultdict(lambda: NOTHING)
        for at, counts in [
            *await self._counted(tx, campaign_id, span),
            *await self._given_back(tx, campaign_id, span),
            *await self._ordered(tx, campaign_id, span),
        ]:
            found[at] += counts
        zone = ZoneInfo(span.zone)
        rows = tuple(ReportRow(at.astimezone(zone), found.get(at, NOTHING)) for at in buckets(span))
        return Report(span.zone, rows)

    async def attribute(
        self, tx: Tx, *, order_id: str, campaign_id: str, impression_id: str, ordered_at: datetime
    ) -> None:
        """Keeps that an order followed from a click; the first word about an order stands."""
        await _queries.insert_attributed(
            tx, order_id=order_id, campaign_id=campaign_id, impression_id=impression_id, ordered_at=ordered_at
        )

    async def was_clicked(self, tx: Tx, campaign_id: str, impression_id: str, *, since: str, until: str) -> bool:
        """Whether an impression got a click that was not invalid, by ids of events between the two."""
        key = f"{campaign_id}:{impression_id}"
        found = await _queries.was_clicked(tx, campaign_id=campaign_id, click_key=key, since=since, until=until)
        return bool(found)

    async def _counted(self, tx: Tx, campaign_id: str, span: Span) -> list[tuple[datetime, Counts]]:
        rows = await _queries.rollups(tx, campaign_id=campaign_id, starts_at=span.starts_at, ends_at=span.ends_at)
        return [
            (
                bucket_of(row["bucket_start"], span.granularity, span.zone),
                Counts(
                    impressions=row["impressions"],
                    clicks=row["clicks"],
                    billed_clicks=row["billed_clicks"],
                    invalid_clicks=row["invalid_clicks"],
                    duplicate_clicks=row["duplicate_clicks"],
                    over_delivered_clicks=row["over_delivered_clicks"],
                    spend_cents=row["spend_cents"],
                ),
            )
            for row in rows
        ]

    async def _given_back(self, tx: Tx, campaign_id: str, span: Span) -> list[tuple[datetime, Counts]]:
        rows = await _queries.credited(tx, campaign_id=campaign_id, first_day=span.first_day, last_day=span.last_day)
        by_day = span.granularity is ReportGranularity.DAY
        return [
            (
                start_of(row["budget_day"], span.zone)
                if by_day
                else bucket_of(row["charged_at"], span.granularity, span.zone),
                Counts(credited_cents=row["credited_cents"]),
            )
            for row in rows
        ]

    async def _ordered(self, tx: Tx, campaign_id: str, span: Span) -> list[tuple[datetime, Counts]]:
        rows = await _queries.attributed(tx, campaign_id=campaign_id, starts_at=span.starts_at, ends_at=span.ends_at)
        return [
            (bucket_of(row["ordered_at"], span.granularity, span.zone), Counts(attributed_orders=1)) for row in rows
        ]
