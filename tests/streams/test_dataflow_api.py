"""Bytewax's own API shows a dataflow to whoever can reach the machine: it is never opened."""

import pytest
from typer.testing import CliRunner

from server.cli import app


def test_a_stream_that_would_open_it_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYTEWAX_DATAFLOW_API_ENABLED", "1")
    told = CliRunner().invoke(app, ["stream"])
    assert told.exit_code == 2
    assert "unset BYTEWAX_DATAFLOW_API_ENABLED" in told.output
