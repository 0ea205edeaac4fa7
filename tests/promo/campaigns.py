"""Campaigns, traffic and spending as rows, for tests that need many days of them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta

import asyncpg

from devstack.roles import DatabaseUrls
from server.core.clock import Clock
from server.core.db import Database, connect
from server.promo.pacing.repository import PacingRepository
from server.promo.pacing.usecases import PacingUseCases
from server.promo.serving.repository import ServingRepository


@asynccontextmanager
async def pacing(urls: DatabaseUrls, clock: Clock) -> AsyncIterator[tuple[Database, PacingUseCases]]:
    """The publisher, on a database."""
    async with connect(urls.app_url, application="test", size=4) as database:
        yield database, PacingUseCases(database, PacingRepository(), ServingRepository(), clock)


async def insert_campaign(
    urls: DatabaseUrls,
    campaign_id: str,
    *,
    zone: str = "Europe/Berlin",
    daily_cents: int = 10_000,
    total_cents: int | None = None,
    balance_cents: int = 1_000_000,
    mode: str = "even",
    hours: Sequence[int] | None = None,
) -> None:
    """An active campaign with money."""
    owner = await asyncpg.connect(urls.owner_url)
    try:
        await owner.execute(
            "insert into promo_advertiser (advertiser_id, user_id, status) values ('padv_1', 'usr_1', 'active')"
            " on conflict do nothing"
        )
        await owner.execute(
            """
            insert into promo_campaign (campaign_id, advertiser_id, target_entity_type, target_entity_id, name, surface,
              format, city_targets, role_targets, status, start_date, cpc_cents, daily_budget_cents, total_budget_mode,
              total_budget_cents, time_zone, pacing_mode, hours_of_week, activated_at)
            values ($1, 'padv_1', 'service_profile', 'srv_1', 'A campaign', 'people_search', 'featured',
              '{berlin,hamburg}', '{photographer}', 'active', '2020-01-01', 50, $2,
              case when $3::int is null then 'unlimited' else 'capped' end, $3, $4, $5, $6, now())
            """,
            campaign_id,
            daily_cents,
            total_cents,
            zone,
            mode,
            hours,
        )
        await owner.execute(
            "insert into promo_funding_head (campaign_id, sequence, cash_cents) values ($1, 1, $2)",
            campaign_id,
            balance_cents,
        )
    finally:
        await owner.close()


async def insert_traffic(urls: DatabaseUrls, days: Sequence[date], searches: Sequence[int]) -> None:
    """So many searches in Berlin in each of its quarters by the clock, on each of these days."""
    app = await asyncpg.connect(urls.app_url)
    try:
        await app.execute(
            """
            insert into promo_traffic_15m (surface, role, city, bucket_start, searches)
            select 'people_search', 'photographer', 'berlin',
              (day + (quarter - 1) * interval '15 minutes') at time zone 'Europe/Berlin', searches
            from unnest($1::date[]) as day, unnest($2::bigint[]) with ordinality as counted (searches, quarter)
            where searches > 0
            """,
            days,
            searches,
        )
    finally:
        await app.close()


async def insert_rollup(
    urls: DatabaseUrls, campaign_id: str, at: datetime, *, impressions: int = 0, clicks: int = 0, cents: int = 0
) -> None:
    """What the stream counts in one quarter of an hour."""
    stream = await asyncpg.connect(urls.stream_url)
    try:
        await stream.execute(
            """
            insert into promo_rollup_15m (campaign_id, bucket_start, impressions, clicks, billed_clicks, spend_cents)
            values ($1, date_bin('15 minutes', $2, 'epoch'), $3, $4, $4, $5)
            on conflict (campaign_id, bucket_start) do update
              set spend_cents = promo_rollup_15m.spend_cents + excluded.spend_cents
            """,
            campaign_id,
            at,
            impressions,
            clicks,
            cents,
        )
    finally:
        await stream.close()


def week_before(day: date) -> list[date]:
    return [day - timedelta(days=back) for back in range(1, 8)]
