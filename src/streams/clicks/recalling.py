"""What the database remembers of a partition: what its log has said, and which clicks are there."""

import json
from collections.abc import Sequence

from callsheet.sql.clicks import Queries
from server.core.db import Tx, load_queries
from streams.clicks.arrived import Clicked
from streams.clicks.deciding import Known, click_key
from streams.clicks.in_force import InForce
from streams.clicks.records import Control, ControlKind

_queries = load_queries("streams.clicks", Queries)


async def in_force(tx: Tx, partition: int) -> InForce:
    """What is in force behind everything that is committed."""
    found = InForce()
    for row in await _queries.newest_controls(tx, partition=partition):
        found.apply(
            Control(
                offset=row["log_offset"],
                kind=ControlKind(row["kind"]),
                key=row["key"],
                version=row["version"],
                payload=json.loads(row["payload"]),
                received_at=row["received_at"],
            )
        )
    for row in await _queries.taken_by_debits(tx, partition=partition):
        found.take(row["campaign_id"], row["cents"])
    return found


async def known(tx: Tx, clicks: Sequence[Clicked], shadowed: frozenset[int]) -> Known:
    """Which of the clicks are there already, and whose impressions were billed."""
    found = await _queries.known_clicks(
        tx,
        event_ids=[clicked.click.event_id for clicked in clicks],
        campaign_ids=[clicked.click.campaign_id for clicked in clicks],
        click_keys=[click_key(clicked.click) for clicked in clicks],
    )
    there = {clicks[row["number"] - 1].row for row in found if row["is_there"]}
    billed = {clicks[row["number"] - 1].row for row in found if row["is_billed"]}
    return Known(shadowed | there, frozenset(billed))
