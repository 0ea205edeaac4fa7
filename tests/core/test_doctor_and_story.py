"""What an operator is told: what is wrong, what to do about it, and everything that happened to a thing."""

import io
import sys

import pytest
from rich.console import Console

from callsheet.booking.v1 import ordering_pb2 as pb
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from server import cli, doctor, explain, held
from tests.core.test_jobs import GREET, bench
from tests.rpc.booking import BUYER, created
from tests.rpc.harness import as_user, running_server, settings_for


def paper() -> tuple[Console, io.StringIO]:
    """A console, and what was written on it."""
    text = io.StringIO()
    return Console(file=text, width=160, no_color=True), text


async def test_the_doctor_finds_a_healthy_stack_healthy(
    database: DatabaseUrls, valkey_log: Valkey, valkey_budget: Valkey
) -> None:
    settings = settings_for(
        database,
        stream_database_url=database.stream_url,
        log_url=valkey_log.url,
        budget_url=valkey_budget.url,
        viewings_url=valkey_budget.url,
    )
    examinations = (
        doctor.configuration,
        doctor.postgresql,
        doctor.event_log,
        doctor.budgets,
        doctor.viewings,
        doctor.jobs,
        doctor.invariants,
    )
    findings = await doctor.examine(settings, examinations)
    console, text = paper()
    assert doctor.show(findings, console), text.getvalue()
    assert "migrated to" in text.getvalue()


async def test_the_doctor_says_what_is_wrong_and_what_to_do(database: DatabaseUrls, valkey_budget: Valkey) -> None:
    settings = settings_for(
        database,
        pepper="",
        log_url=valkey_budget.url,
        budget_url="redis://127.0.0.1:1",
        viewings_url="redis://127.0.0.1:1",
        database_url="postgresql://callsheet_app:x@127.0.0.1:1/callsheet",
        smtp_url="smtp://127.0.0.1:1",
        s3_endpoint="http://127.0.0.1:1",
    )
    findings = {finding.name: finding for finding in await doctor.examine(settings)}
    assert not any(finding.well for finding in findings.values())
    assert all(finding.remedy for finding in findings.values())
    assert "CALLSHEET_PEPPER" in findings["configuration"].words
    assert "appendfsync" in findings["event log"].words
    assert findings["postgresql"].words == "postgresql does not answer"
    console, text = paper()
    assert not doctor.show(list(findings.values()), console)
    assert "→" in text.getvalue()


async def test_the_doctor_finds_held_jobs_and_a_person_starts_them_again(database: DatabaseUrls) -> None:
    settings = settings_for(database)
    async with bench(database) as jobs:
        await jobs.enqueue("order-1")
        await jobs.database.run(
            lambda tx: tx.execute(
                "update core.job set status = 'held', finished_at = now(), last_error = 'TimeoutError'"
            )
        )
    [finding] = await doctor.examine(settings, [doctor.jobs])
    assert (finding.well, finding.words) == (False, f"held: 1 × {GREET.name}")

    console, text = paper()
    await held.show(settings, console)
    await held.retry(settings, GREET.name, console)
    await held.show(settings, console)
    assert "order-1" in text.getvalue()
    assert "1 queued again" in text.getvalue()
    assert text.getvalue().endswith("no job is held\n")


async def test_the_story_of_an_order_has_every_step_and_its_sums(database: DatabaseUrls) -> None:
    async with running_server(database) as server:
        booking = BookingServiceStub(server.channel)
        order_id = await created(booking)
        await booking.CancelOrder(pb.CancelOrderRequest(order_id=order_id, reason="rain"), metadata=as_user(BUYER))
    console, text = paper()
    assert await explain.explain(settings_for(database), order_id, console)
    lines = text.getvalue().splitlines()
    assert lines[0] == f"order {order_id}: cancelled_buyer"
    steps = [line for line in lines if "→" in line]
    assert ["create: – → initiated" in steps[0], "cancel_by_buyer: initiated → cancelled_buyer" in steps[1]] == [
        True,
        True,
    ]
    assert "rain" in steps[1]
    assert any("job booking.draft_expiry queued" in line for line in lines)
    assert any("289.03 ✓" in line for line in lines)


async def test_what_does_not_exist_has_no_story(database: DatabaseUrls) -> None:
    console, text = paper()
    assert not await explain.explain(settings_for(database), "ord_nothing", console)
    assert not await explain.explain(settings_for(database), "xyz_1", console)
    assert "ord_nothing does not exist" in text.getvalue()
    assert "nothing is known of xyz_…" in text.getvalue()


def test_a_command_says_in_a_sentence_what_it_could_not_reach(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["callsheet", "verify-ledger"])
    monkeypatch.setenv("CALLSHEET_DATABASE_URL", "postgresql://callsheet_app:word@127.0.0.1:1/callsheet")
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert (ended.value.code, capsys.readouterr().err) == (1, "postgresql does not answer\n")
