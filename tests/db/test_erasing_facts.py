"""Whoever is forgotten is forgotten in what rules asked about as well, and still counts as one person."""

import json

import asyncpg
import pytest

from devstack.roles import DatabaseUrls

EVENT = """
    insert into promo_event (event_id, campaign_id, impression_id, type, city, query_hash, user_id, anon_fp_hash,
      ip_hash, ua_hash, log_partition, log_offset, log_index, rule_ts)
    values (promo_event_bound(current_date) || $1, 'pcmp_1', 'pimp_1', 'click', 'BER', 'q', $2, $3, 'i', 'a', 0, $4, 0,
      now())
    returning event_id
"""
DECISION = """
    insert into promo_click_decision (campaign_id, event_id, verdict, facts, log_partition, log_offset, log_index)
    values ('pcmp_1', $1, 'billed', $2, 0, $3, 0)
"""


async def clicked(stream: asyncpg.Connection, number: int, user: str | None, viewer: str, device: str) -> None:
    event = await stream.fetchval(EVENT, str(number), user, None if user else device, number)
    facts = {"token": "valid", "viewer": viewer, "device": device, "price_cents": 5}
    await stream.execute(DECISION, event, json.dumps(facts), number)


async def facts(stream: asyncpg.Connection) -> list[dict[str, str | int]]:
    rows = await stream.fetch("select facts::text as facts from promo_click_decision order by log_offset")
    return [json.loads(row["facts"]) for row in rows]


@pytest.mark.breaks_invariants
async def test_a_forgotten_viewer_is_one_person_whom_nobody_knows(database: DatabaseUrls) -> None:
    stream, app = await asyncpg.connect(database.stream_url), await asyncpg.connect(database.app_url)
    try:
        await clicked(stream, 1, "usr_gone", "hash-of-gone", "phone")
        await clicked(stream, 2, "usr_gone", "hash-of-gone", "laptop")
        await clicked(stream, 3, "usr_stays", "hash-of-stays", "phone")
        before = await facts(stream)
        found = await app.fetchrow(
            "select * from promo_erase_viewer('usr_gone', sha256('usr_gone'), 'usr_nobody', 'usr_admin', 'asked')"
        )
        first, second, third = await facts(stream)
    finally:
        await stream.close()
        await app.close()
    assert found is not None
    assert found["events"] == 2
    assert first["viewer"] == second["viewer"] != "hash-of-gone"
    assert len({first["device"], second["device"], "phone", "laptop"}) == 4
    assert (first["token"], first["price_cents"]) == ("valid", 5)
    assert third == before[2]
