"""A day that the stream decided, decided again from what the database kept of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis
from typer.testing import CliRunner

from callsheet.promo.v1 import campaign_pb2, log_pb2
from devstack.program import complete
from server.adapters.budgets.port import Claim, ClickClaim, Limits, Outcome
from server.adapters.budgets.valkey import valkey_budgets
from server.cli import app
from server.core import db
from server.core.clock import SystemClock
from server.core.grpc.proto import timestamp
from server.promo.domain.verdicts import Rule
from streams.clicks.replay.deciding import Rules, promoted
from streams.clicks.replay.running import Compared, replay, spans
from streams.clicks.rules.book import DEFAULT_BOOK, Book, Mode, Setting, WindowLimits
from streams.clicks.rules.book_text import book_text
from tests.streams.events import Happening, record
from tests.streams.harness import IDS, PARTITIONS
from tests.streams.world import World

NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10)
ROBOTS_WELCOME = Book(
    1,
    (
        *(
            replace(setting, mode=Mode.OFF) if setting.rule is Rule.KNOWN_BOT else setting
            for setting in DEFAULT_BOOK.settings
        ),
        Setting(Rule.DOUBLE_CLICK, 2, Mode.SHADOW, WindowLimits(60_000)),
    ),
)


def said(control: log_pb2.ControlRecord) -> bytes:
    at = timestamp(SystemClock().now())
    return log_pb2.LogRecord(schema_version=1, received_at=at, control=control).SerializeToString()


def limits(happening: Happening, version: int, daily_cents: int, promo_cents: int) -> bytes:
    return said(
        log_pb2.ControlRecord(
            key=happening.campaign_id,
            version=version,
            campaign=log_pb2.CampaignLimits(
                status=campaign_pb2.CAMPAIGN_STATUS_ACTIVE,
                advertiser_id="padv_1",
                time_zone="Europe/Berlin",
                daily_budget_cents=daily_cents,
                funded_promo_cents=promo_cents,
                funded_cash_cents=200,
            ),
        )
    )


def debit(happening: Happening, promo_cents: int) -> bytes:
    asked = log_pb2.DebitRequest(campaign_id=happening.campaign_id, promo_cents=promo_cents)
    return said(log_pb2.ControlRecord(key=IDS.new("padj"), version=1, debit=asked))


def rules(book: Book) -> bytes:
    return said(log_pb2.ControlRecord(key="rules", version=book.version, rules=log_pb2.RuleBook(book=book_text(book))))


def clicks(happening: Happening, first_second: int, count: int, *, robot: bool = False) -> bytes:
    at = [NOW + timedelta(seconds=first_second + second) for second in range(count)]
    return record([happening.click(one)._replace(robot=robot) for one in at])


async def a_day(world: World, happening: Happening) -> None:
    """Caps reached and raised, money taken out, rules changed, impressions clicked on twice."""
    one = happening.click(NOW + timedelta(seconds=90))
    twice = happening.click(NOW + timedelta(seconds=110))._replace(
        impression_id=one.impression_id, token_viewer_hash=one.token_viewer_hash, device_hash=one.device_hash
    )
    await world.happens(
        happening,
        clicks(happening, 0, 4),
        limits(happening, 50, 2_000, 1_000),
        clicks(happening, 10, 3),
        debit(happening, 250),
        clicks(happening, 20, 2, robot=True),
        rules(ROBOTS_WELCOME),
        clicks(happening, 30, 2, robot=True),
        debit(happening, 900),
        record([one, twice]),
        limits(happening, 51, 2_000, 1_100),
        clicks(happening, 120, 6),
    )


@pytest.fixture
def played(world: World) -> World:
    happening = complete(world.campaign(800, daily_cents=350))
    with world.stream.running():
        complete(a_day(world, happening))
    return world


async def again(world: World, rules: Rules, first: int = -3_600, last: int = 3_600) -> Compared:
    since, until = NOW + timedelta(seconds=first), NOW + timedelta(seconds=last)
    async with db.connect(world.database.stream_url, application="tests") as database:
        parts = await spans(database, since, until)
        return await replay(database, parts, rules, since, until, lambda _: None)


def decided(world: World) -> Sequence[tuple[object, ...]]:
    return world.told("select verdict, rule from promo_click_decision order by log_offset, log_index")


@pytest.mark.breaks_invariants
def test_a_day_is_decided_again(played: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts = decided(played)
    assert set(verdicts) >= {("billed", None), ("cap_daily", None), ("no_balance", None), ("invalid", "known_bot")}
    same = asyncio.run(again(played, Rules()))
    assert (same.clicks, same.changes, same.broken) == (len(verdicts), {}, {})
    assert same.billed_then == same.billed_now > 0
    assert same.chains == 1

    for first, last in ((-3_600, 15), (5, 25), (25, 3_600)):
        part = asyncio.run(again(played, Rules(), first, last))
        assert part.clicks > 0
        assert (part.changes, part.broken) == ({}, {})

    by_others = asyncio.run(again(played, Rules(DEFAULT_BOOK)))
    assert by_others.changes[("billed", "invalid by known_bot 1")] == 2
    assert list(by_others.broken.values()) != []

    by_shadows = asyncio.run(again(played, Rules(promoted=True)))
    assert all(now.endswith("double_click 2") or now == "billed" for _, now in by_shadows.changes)

    monkeypatch.setenv("CALLSHEET_STREAM_DATABASE_URL", played.database.stream_url)
    told = CliRunner().invoke(app, ["replay", "--from", str((NOW - timedelta(hours=1)).isoformat())])
    assert told.exit_code == 0, told.output
    assert "every spend chain (1) is the same to the last bit" in told.output
    told = CliRunner().invoke(app, ["replay", "--from", "yesterday"])
    assert told.exit_code == 2
    assert "'yesterday' is neither a day" in told.output
    file = tmp_path / "rules.toml"
    file.write_text('[[settings]]\nrule = "prefetch"\nversion = 1\nmode = "on"\n')
    told = CliRunner().invoke(
        app, ["replay", "--from", (NOW - timedelta(hours=1)).isoformat(), "--rules", str(file), "--shadow"]
    )
    assert told.exit_code == 0, told.output
    assert "invalid by known_bot 1" in told.output

    audit(played, monkeypatch)


def audit(played: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same world, as those see it who look whether money is what was written down."""
    monkeypatch.setenv("CALLSHEET_DATABASE_URL", played.database.app_url)
    monkeypatch.setenv("CALLSHEET_LOG_URL", played.log.url)
    monkeypatch.setenv("CALLSHEET_BUDGET_URL", played.stream.budgets.url)
    monkeypatch.setenv("CALLSHEET_LOG_PARTITIONS", str(PARTITIONS))
    told = CliRunner().invoke(app, ["verify-ledger"])
    assert told.exit_code == 0, told.output
    told = CliRunner().invoke(app, ["reconcile"])
    assert told.exit_code == 0, told.output
    assert "campaigns 1, of which the budgets have not loaded 0" in told.output
    with redis.Redis(port=played.stream.budgets.port) as client:
        (view,) = client.keys("budget:*:view")
        client.hincrby(view, "total", 50)
    told = CliRunner().invoke(app, ["reconcile"])
    assert told.exit_code == 1
    assert "the budgets know of" in told.output
    with redis.Redis(port=played.stream.budgets.port) as client:
        client.hincrby(view, "total", -50)
    complete(claimed_in_vain(played))
    told = CliRunner().invoke(app, ["reconcile"])
    assert told.exit_code == 1
    assert "claim of 70 at offset 1 never reached the ledger" in " ".join(told.output.split())
    assert "the budgets know of" not in told.output


async def claimed_in_vain(played: World) -> None:
    """A claim of a batch that is committed, of which nothing is in the ledger."""
    [(name,)] = await played.rows("select campaign_id from promo_spend_head")
    async with valkey_budgets(played.stream.budgets.url, cluster=False) as budgets:
        at = (await budgets.views([str(name)]))[str(name)].at
        lost = ClickClaim(f"{name}:pimp_lost", 70, NOW.date(), 1, 0)
        limits = Limits(99, 1_000_000, None, 1_000_000)
        (answer,) = await budgets.claim([(Claim(str(name), limits, (lost,)), at)], settled=0)
        assert answer.outcomes == (Outcome.CHARGED,)


def test_a_version_in_shadow_takes_the_place_of_the_one_that_decides() -> None:
    book = promoted(ROBOTS_WELCOME)
    assert book.mode(Rule.DOUBLE_CLICK, 2) is Mode.ON
    assert book.mode(Rule.DOUBLE_CLICK, 1) is Mode.OFF
    assert book.mode(Rule.KNOWN_BOT, 1) is Mode.OFF
    assert book.mode(Rule.TOO_FAST, 1) is Mode.ON
