"""From an event in the log to a line in the ledger."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from devstack.program import complete
from server.core.clock import SystemClock
from server.promo.audit.letters import give_back, letters
from tests.streams.events import LISTS, Happening, record
from tests.streams.harness import PARTITIONS, opened, until_measured
from tests.streams.world import World

TIMES = ("received_at", "token_issued_at")
SHOWN = (
    'callsheet_stream_clicks_total{rule="",verdict="billed"} 1.0',
    "callsheet_stream_batch_seconds_count ",
    "callsheet_stream_commit_seconds_count ",
    "callsheet_stream_recovery_store_bytes ",
    *(
        f'callsheet_stream_{name}{{partition="clicks/{number}"}} '
        for name in ("lag_records", "fence_changes_total")
        for number in range(PARTITIONS)
    ),
    'callsheet_stream_snapshot_seconds_count{part="batches"} ',
    'callsheet_stream_snapshot_seconds_count{part="state"} ',
)
"""What a dashboard is made of; a snapshot is taken every seven seconds."""


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


def verdicts(world: World) -> Sequence[object]:
    """The verdicts in the log's order, each with the rule that decided."""
    return world.told("select verdict, rule, billed_cents from promo_click_decision order by log_offset, log_index")


def test_a_click_is_billed_once_and_everybody_can_see_it(world: World, now: datetime) -> None:
    happening = complete(world.campaign(1_000))
    click = happening.click(now)
    with world.stream.running():
        complete(world.happens(happening, record([happening.impression(now), click, click]), record([click])))
        complete(until_measured(world.stream, *SHOWN))
    assert complete(world.balance(happening)) == 900
    assert verdicts(world) == [("billed", None, 100)]
    assert world.told("select type, count(*) from promo_event group by type order by type") == [
        ("click", 1),
        ("impression", 1),
    ]
    assert world.told(
        "select impressions, clicks, billed_clicks, invalid_clicks, duplicate_clicks, spend_cents from promo_rollup_15m"
    ) == [(1, 1, 1, 0, 2, 100)]


def test_a_cap_holds_and_the_rest_is_over_delivered(world: World, now: datetime) -> None:
    happening = complete(world.campaign(10_000, daily_cents=250))
    with world.stream.running():
        complete(world.happens(happening, record([happening.click(now) for _ in range(4)])))
    assert verdicts(world) == [("billed", None, 100), ("billed", None, 100), *[("cap_daily", None, 0)] * 2]
    assert complete(world.balance(happening)) == 9_800
    assert world.told("select clicks, over_delivered_clicks, spend_cents from promo_rollup_15m") == [(4, 2, 200)]


def test_what_a_rule_finds_is_not_billed(world: World, now: datetime) -> None:
    happening = complete(world.campaign(1_000))
    once = happening.click(now)
    again = happening.click(now + timedelta(seconds=10), impression_id=once.impression_id)
    with world.stream.running():
        complete(
            world.happens(
                happening,
                record([once, happening.click(now, robot=True), happening.click(now, token_state="forged")]),
                record([again]),
            )
        )
    assert verdicts(world) == [
        ("billed", None, 100),
        ("invalid", "known_bot", 0),
        ("invalid", "token", 0),
        ("invalid", "second_click", 0),
    ]
    assert world.told("select count(*) from promo_event where type = 'invalid_click'") == [(3,)]


def test_one_event_that_cannot_be_stored_does_not_keep_the_others_away(world: World, now: datetime) -> None:
    """Ids of days that have no partition, and a NUL that slipped through."""
    happening = complete(world.campaign(1_000))
    long_ago = happening.impression(now - timedelta(days=60))._replace(received_at=happening.click(now).received_at)
    with world.stream.running():
        complete(
            world.happens(
                happening,
                record([happening.impression(now), long_ago, happening.click(now)]),
                record([happening.click(now, extra_json='{"a": "\\u0000"}'), happening.click(now)]),
            )
        )
    assert verdicts(world) == [("billed", None, 100)] * 2
    assert world.told("select count(*) from promo_event") == [(3,)]
    assert complete(world.balance(happening)) == 800


def test_what_is_given_back_twice_takes_effect_once(world: World, now: datetime) -> None:
    """A click of a day that had no partition, once the day has one."""
    happening = complete(world.campaign(1_000))
    day = now - timedelta(days=60)
    click = happening.click(day)._replace(**{name: getattr(happening.click(now), name) for name in TIMES})
    with world.stream.running():
        complete(world.happens(happening, record([click])))
        assert verdicts(world) == []
        complete(given_back(world, day, happening))
    assert verdicts(world) == [("billed", None, 100)]
    assert world.told("select clicks, billed_clicks, duplicate_clicks from promo_rollup_15m") == [(1, 1, 1)]
    assert world.told("select versions ->> 'networks', versions ->> 'robots' from promo_click_decision") == [
        (LISTS.networks, LISTS.robots)
    ]
    assert complete(world.balance(happening)) == 900


async def given_back(world: World, day: datetime, happening: Happening) -> None:
    owner = await asyncpg.connect(world.database.owner_url)
    await owner.execute("select promo_event_ensure_partitions($1, $1)", day.date())
    await owner.close()
    async with opened(world.log) as log:
        for turn in range(2):
            [letter] = await letters(log, SystemClock().now())
            assert letter.given_back == turn
            await give_back(log, [letter], SystemClock().now())
    await world.happens(happening, record([happening.impression(SystemClock().now())]))
