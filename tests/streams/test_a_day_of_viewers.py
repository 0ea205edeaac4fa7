"""Days of viewers who click, a fiftieth of those that `python -m bench stream_day` plays."""

import re
import subprocess
import sys

import pytest

from devstack.codegen.layout import ROOT

FIGURES = re.compile(r"^RESULT name=stream_day_(\w+) value=(\S+)", re.MULTILINE)


@pytest.mark.soak
def test_a_stream_needs_no_more_from_day_to_day_and_starts_again_behind_it() -> None:
    """Whoever commits nothing for a minute, or does not come back, ends the measurement with an error."""
    measured = subprocess.run(
        [sys.executable, "-m", "bench.stream_day", "--share", "0.02", "--live-seconds", "10"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert measured.returncode == 0, measured.stderr
    figures = {name: float(value) for name, value in FIGURES.findall(measured.stdout)}
    assert {"restart", "restart_catching_up", "snapshot_stall_p99", "record_p99"} <= figures.keys()
    assert figures["memory_last_to_before"] < 1.25
    assert figures["recovery_store_last_to_before"] < 2
