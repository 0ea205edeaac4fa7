"""Campaigns that have something to spend, in the database and in the log."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from callsheet.promo.v1 import campaign_pb2, log_pb2
from server.adapters.eventlog.codec import encode_heartbeat
from server.core.clock import ManualClock
from server.core.grpc.proto import timestamp
from server.core.ids import SystemIds
from server.promo.domain.partitions import partition_of

ADVERTISER = "padv_bench"
ADVERTISER_USER = "usr_bench"
PLENTY_CENTS = 1_000_000_000

_CAMPAIGN = """
    insert into promo_campaign (campaign_id, advertiser_id, target_entity_type, target_entity_id, name, surface, format,
      city_targets, status, start_date, cpc_cents, daily_budget_cents, role_targets, total_budget_mode, time_zone,
      activated_at)
    values ($1, $2, 'service_profile', 'srv_bench', 'Measured', 'people_search', 'featured', array['berlin'], 'active',
      '2026-01-01', 50, 1000000000, array['photographer'], 'unlimited', 'Europe/Berlin', now())
"""


def campaign_ids(count: int, at: datetime) -> list[str]:
    """So many campaigns."""
    ids = SystemIds(ManualClock(at))
    return [ids.new("pcmp") for _ in range(count)]


async def seed(url: str, campaigns: Sequence[str]) -> None:
    """Rows for the campaigns, which entries of the ledger refer to."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "insert into promo_advertiser (advertiser_id, user_id, status) values ($1, $2, 'active')",
            ADVERTISER,
            ADVERTISER_USER,
        )
        await connection.executemany(_CAMPAIGN, [(campaign, ADVERTISER) for campaign in campaigns])
    finally:
        await connection.close()


def controls(campaigns: Sequence[str], partitions: int, at: datetime) -> list[list[bytes]]:
    """For each partition what its log says first: that its campaigns may spend as much as they like."""
    records: list[list[bytes]] = [[] for _ in range(partitions)]
    for campaign in campaigns:
        records[partition_of(campaign, partitions)].append(_limits(campaign, at))
    return records


def heartbeat(at: datetime) -> bytes:
    """What moves a partition's clock on."""
    return encode_heartbeat(at)


def _limits(campaign_id: str, at: datetime) -> bytes:
    return log_pb2.LogRecord(
        schema_version=1,
        received_at=timestamp(at),
        control=log_pb2.ControlRecord(
            key=campaign_id,
            version=1,
            campaign=log_pb2.CampaignLimits(
                status=campaign_pb2.CAMPAIGN_STATUS_ACTIVE,
                advertiser_id=ADVERTISER,
                time_zone="Europe/Berlin",
                daily_budget_cents=PLENTY_CENTS,
                funded_promo_cents=PLENTY_CENTS // 1000,
                funded_cash_cents=PLENTY_CENTS,
            ),
        ),
    ).SerializeToString()
