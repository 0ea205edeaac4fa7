"""Rules on their way from a file to every partition of the log."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from callsheet.promo.v1 import log_pb2
from devstack.roles import DatabaseUrls
from server.cli import app
from server.promo.domain.verdicts import Rule
from streams.clicks.rules.book import DEFAULT_BOOK, Mode, WindowLimits
from streams.clicks.rules.book_text import read_book

STRICTER = """
[[settings]]
rule = "double_click"
version = 2
mode = "shadow"
limits.window_ms = 3000
"""


@pytest.fixture
def environment(database: DatabaseUrls, monkeypatch: pytest.MonkeyPatch) -> DatabaseUrls:
    monkeypatch.setenv("CALLSHEET_DATABASE_URL", database.app_url)
    return database


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["rules", *arguments])
    return f"{result.exit_code} {result.output}"


def publish(file: Path, after: int, *more: str) -> str:
    return run("publish", str(file), "--after", str(after), "--note", "a trial", "--by", "svc_operator", *more)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rules.toml"
    path.write_text(STRICTER)
    return path


def outgoing(urls: DatabaseUrls) -> list[asyncpg.Record]:
    async def read() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(urls.owner_url)
        try:
            return await connection.fetch("select key, version, payload from core.outbox order by seq")
        finally:
            await connection.close()

    return asyncio.run(read())


def test_the_rules_of_the_program_stand_until_something_is_published(environment: DatabaseUrls) -> None:
    shown = run("show")
    assert "version 0" in shown
    for setting in DEFAULT_BOOK.settings:
        assert setting.rule in shown


def test_a_published_book_is_stored_and_sent(environment: DatabaseUrls, file: Path) -> None:
    assert publish(file, 0).startswith("0 ✓ version 1")
    assert "version 1, published by svc_operator" in run("show")
    (sent,) = outgoing(environment)
    control = log_pb2.LogRecord.FromString(sent["payload"]).control
    assert (sent["key"], sent["version"], control.key, control.version) == ("rules", 1, "rules", 1)
    book = read_book(control.rules.book)
    assert book.version == 1
    (setting,) = book.settings
    assert (setting.rule, setting.version, setting.mode) == (Rule.DOUBLE_CLICK, 2, Mode.SHADOW)
    assert setting.limits == WindowLimits(3_000)


def test_whoever_has_not_seen_what_stands_publishes_nothing(environment: DatabaseUrls, file: Path) -> None:
    publish(file, 0)
    assert publish(file, 0).startswith("1 not published: version 1 stands, not 0")
    assert publish(file, 1).startswith("0 ✓ version 2")
    assert [row["version"] for row in outgoing(environment)] == [1, 2]


def test_a_file_may_be_checked_alone(file: Path) -> None:
    assert publish(file, 0, "--check").startswith("0 ✓ 1 settings")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("settings = 3", "rules.toml: settings: must be a list"),
        ("version = 3\nsettings = []", "rules.toml: version: must not stand in the file"),
        ("[[settings", "rules.toml: book: must be TOML"),
        (STRICTER.replace("3000", "0"), "rules.toml: settings[0].limits.window_ms: must be a whole number from 1"),
    ],
)
def test_a_file_that_is_no_book_is_refused_by_its_place(file: Path, text: str, says: str) -> None:
    file.write_text(text)
    refused = publish(file, 0)
    assert refused.startswith("1 ")
    assert says in " ".join(refused.split())


def test_a_published_book_stays_as_it_is(environment: DatabaseUrls, file: Path) -> None:
    publish(file, 0)

    async def change() -> None:
        connection = await asyncpg.connect(environment.app_url)
        try:
            await connection.execute("update promo_rule_book set note = 'another'")
        finally:
            await connection.close()

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        asyncio.run(change())
    assert "a trial" in run("show")
