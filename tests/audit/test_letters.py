"""Dead letters: found wherever the log begins, and given back to where they came from."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from callsheet.promo.v1 import log_pb2
from devstack.valkey import Valkey
from server.adapters.eventlog.port import EventLog, Partition
from server.adapters.eventlog.valkey import valkey_log as opened
from server.cli import app
from server.core.clock import SystemClock
from server.core.grpc.proto import timestamp
from server.promo.audit.letters import LETTERS, letters
from server.promo.domain.partitions import CLICK_LOG

HOME = Partition(CLICK_LOG, 1)


def letter(number: int) -> bytes:
    return log_pb2.DeadLetter(
        log=HOME.log,
        partition=HOME.number,
        offset=number,
        generation="g",
        reason="malformed",
        set_aside_at=timestamp(SystemClock().now()),
        record=b"record %d" % number,
    ).SerializeToString()


@pytest.fixture
def server(valkey_log: Valkey, monkeypatch: pytest.MonkeyPatch) -> Valkey:
    monkeypatch.setenv("CALLSHEET_LOG_URL", valkey_log.url)
    return valkey_log


def within(server: Valkey, work: Callable[[EventLog], Awaitable[object]]) -> object:
    async def run() -> object:
        async with opened(server.url, SystemClock(), partition_bytes=1 << 20) as log:
            return await work(log)

    return asyncio.run(run())


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["dead-letters", *arguments])
    return result.exit_code, " ".join(result.output.split())


def test_where_nothing_was_set_aside_nothing_is_listed(server: Valkey) -> None:
    assert run("list") == (0, "✓ nothing is set aside")
    code, said = run("replay", "--all")
    assert code == 0
    assert "nothing waits to be given back" in said


@pytest.mark.parametrize("trimmed", [0, 1, 4, 6])
def test_letters_are_found_wherever_the_log_begins(server: Valkey, trimmed: int) -> None:
    async def work(log: EventLog) -> list[int]:
        await log.append(LETTERS, [letter(number) for number in range(1, 8)])
        await log.trim(LETTERS, upto=trimmed)
        return [one.offset for one in await letters(log, datetime.now(UTC))]

    assert within(server, work) == list(range(trimmed + 1, 8))


def test_letters_go_back_to_where_they_came_from(server: Valkey) -> None:
    async def aside(log: EventLog) -> None:
        await log.append(LETTERS, [letter(number) for number in range(1, 4)])

    async def there(log: EventLog) -> list[bytes]:
        return [entry.record for entry in (await log.read(HOME, after=0, limit=10)).entries]

    within(server, aside)
    assert "3 clicks/1 3 malformed" in run("list")[1]
    assert run("replay", "2")[0] == 0
    assert within(server, there) == [b"record 2"]
    assert run("replay", "--all")[0] == 0
    assert within(server, there) == [b"record 2", b"record 1", b"record 3"]


def test_a_letter_that_was_given_back_says_so(server: Valkey) -> None:
    """All means all that were not; one that is named is given back again, which is seen."""

    async def aside(log: EventLog) -> None:
        await log.append(LETTERS, [letter(number) for number in range(1, 3)])

    within(server, aside)
    assert "1 given back" in run("replay", "1")[1]
    assert run("list")[1].count("once, last") == 1
    assert "letter 1 had been given back before (once" in run("replay", "1")[1]
    assert "2 times, last" in run("list")[1]
    assert "1 given back" in run("replay", "--all")[1]
    assert "nothing waits" in run("replay", "--all")[1]
    # A letter that comes behind the notes is one like any other.
    within(server, aside)
    assert "2 given back" in run("replay", "--all")[1]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [((), 2, "name letters, or say --all"), (("1", "--all"), 2, "name letters"), (("9",), 1, "no letter is called 9")],
)
def test_letters_that_are_not_there_are_refused(
    server: Valkey, arguments: tuple[str, ...], code: int, says: str
) -> None:
    found, said = run("replay", *arguments)
    assert found == code
    assert says in said
