"""Log lines: what is in them, and what never is."""

import json
from collections.abc import Iterator

import pytest
import structlog

from server.core import logs


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.mark.parametrize("as_json", [True, False])
def test_what_looks_like_a_secret_is_left_out(as_json: bool, capfd: pytest.CaptureFixture[str]) -> None:
    logs.configure(as_json=as_json, level="info", process="test")
    structlog.get_logger().info("said", email="ada@example.com", token="eyJ", order_id="ord_1")
    written = capfd.readouterr().err
    assert "ord_1" in written
    assert "ada@example.com" not in written
    assert "eyJ" not in written


@pytest.mark.parametrize("as_json", [True, False])
def test_a_traceback_tells_where_and_no_values(as_json: bool, capfd: pytest.CaptureFixture[str]) -> None:
    logs.configure(as_json=as_json, level="info", process="test")
    address = "Somewhere 1, Berlin"
    try:
        raise RuntimeError("unforeseen" if address else "")
    except RuntimeError:
        structlog.get_logger().exception("failed")
    written = capfd.readouterr().err
    assert "RuntimeError" in written
    assert "Somewhere" not in written.replace('address = "Somewhere 1, Berlin"', "")


def test_a_line_is_one_fact_that_a_machine_reads(capfd: pytest.CaptureFixture[str]) -> None:
    logs.configure(as_json=True, level="warning", process="worker")
    structlog.get_logger().info("too quiet")
    structlog.get_logger().warning("job failed", kind="booking.draft_expiry", attempts=2)
    [line] = capfd.readouterr().err.splitlines()
    fact = json.loads(line)
    assert fact.pop("timestamp").endswith("Z")
    assert fact == {
        "event": "job failed",
        "level": "warning",
        "process": "worker",
        "kind": "booking.draft_expiry",
        "attempts": 2,
    }
