"""Rows of provider profiles and what they mean."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from callsheet.sql.booking_providers import Queries
from server.booking.cancellation import CancellationPolicy
from server.booking.providers.domain import Availability, CalendarEntry, ProviderProfile
from server.booking.providers.hours import Interval, Weekday, Window, WorkingHours, clock_text, minutes_of
from server.core.db import Record, Tx, load_queries

_queries = load_queries("server.booking.providers", Queries)


class ProviderRepository:
    """Reads and writes provider profiles on the caller's transaction."""

    async def save(
        self,
        tx: Tx,
        provider_user_id: str,
        *,
        time_zone: str,
        travel_buffer: timedelta,
        cancellation_policy: CancellationPolicy,
        now: datetime,
    ) -> None:
        """Creates a profile or replaces what is not availability."""
        await _queries.upsert_provider(
            tx,
            provider_user_id=provider_user_id,
            time_zone=time_zone,
            travel_buffer_minutes=travel_buffer // timedelta(minutes=1),
            cancellation_policy=cancellation_policy,
            now=now,
        )

    async def get(self, tx: Tx, provider_user_id: str) -> ProviderProfile | None:
        row = await _queries.get_provider(tx, provider_user_id=provider_user_id)
        return None if row is None else _profile(row)

    async def set_availability(
        self, tx: Tx, provider_user_id: str, hours: WorkingHours, blackouts: Sequence[Window], now: datetime
    ) -> bool:
        """Whether there was a profile whose availability it could be."""
        found = await _queries.set_availability(
            tx,
            provider_user_id=provider_user_id,
            working_hours=json.dumps(
                {
                    day: [[clock_text(part.opens), clock_text(part.closes)] for part in parts]
                    for day, parts in hours.items()
                }
            ),
            starts=[blackout.start for blackout in blackouts],
            ends=[blackout.end for blackout in blackouts],
            now=now,
        )
        return found is not None

    async def offers_something(self, tx: Tx, provider_user_id: str) -> bool:
        return bool(await _queries.offers_something(tx, provider_user_id=provider_user_id))

    async def busy(self, tx: Tx, provider_user_id: str, during: Window) -> list[Window]:
        """For when bookings hold their slots, as far as that touches the given time."""
        rows = await _queries.busy_windows(tx, provider_user_id=provider_user_id, since=during.start, until=during.end)
        return [Window(row["busy_from"], row["busy_to"]) for row in rows]

    async def set_calendar_link(self, tx: Tx, provider_user_id: str, secret_hash: bytes | None, now: datetime) -> bool:
        """Whether there was a profile to keep it with."""
        found = await _queries.set_calendar_link(
            tx, provider_user_id=provider_user_id, secret_hash=secret_hash, now=now
        )
        return found is not None

    async def of_link(self, tx: Tx, secret_hash: bytes) -> str | None:
        """Whose calendar the link leads to."""
        return cast("str | None", await _queries.provider_of_link(tx, secret_hash=secret_hash))

    async def entries(self, tx: Tx, provider_user_id: str, during: Window, limit: int) -> list[CalendarEntry]:
        """The bookings of a provider's calendar, earliest first."""
        rows = await _queries.calendar_entries(
            tx, provider_user_id=provider_user_id, since=during.start, until=during.end, limit=limit
        )
        return [
            CalendarEntry(row["order_id"], row["title"], Window(row["start_ts"], row["end_ts"]), row["updated_at"])
            for row in rows
        ]


def _profile(row: Record) -> ProviderProfile:
    return ProviderProfile(
        provider_user_id=row["provider_user_id"],
        cancellation_policy=CancellationPolicy(row["cancellation_policy"]),
        availability=Availability(
            time_zone=row["time_zone"],
            travel_buffer=timedelta(minutes=row["travel_buffer_minutes"]),
            hours={
                Weekday(day): tuple(Interval(minutes_of(opens), minutes_of(closes)) for opens, closes in parts)
                for day, parts in json.loads(row["working_hours"]).items()
            },
            blackouts=tuple(map(Window, row["blackout_starts"], row["blackout_ends"])),
        ),
        payouts_enabled=row["payouts_enabled"],
        strikes=row["strikes"],
        has_calendar_link=row["has_calendar_link"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
