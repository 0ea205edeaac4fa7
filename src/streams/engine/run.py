"""Runs a dataflow in this process: recovery, signals, an orderly end."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import FrameType

from bytewax._bytewax import cli_main
from bytewax.dataflow import Dataflow
from bytewax.errors import BytewaxRuntimeError
from bytewax.recovery import RecoveryConfig, init_db_dir

from streams.engine.standing import Standing

RECOVERY_PARTITIONS = 8
"""Fixed from the first day: resuming is slow where one of them holds many rows, and their number cannot change."""

EPOCH = timedelta(seconds=7)
"""How often a snapshot is taken. It occupies the dataflow's thread for a moment, and what came in that moment is shown
later; what came since the newest one is counted again after a crash.
"""


@dataclass(frozen=True, slots=True)
class Member:
    """Which process of a cluster this is, and where all of them listen."""

    number: int
    addresses: Sequence[str]


def recovery(directory: Path) -> RecoveryConfig:
    """The recovery store in that directory, made where it is missing."""
    directory.mkdir(parents=True, exist_ok=True)
    if not any(directory.glob("part-*.sqlite3")):
        init_db_dir(directory, RECOVERY_PARTITIONS)  # type: ignore[no-untyped-call]  # Bytewax leaves it untyped
    return RecoveryConfig(str(directory))  # type: ignore[no-untyped-call]  # Bytewax leaves it untyped


def run(flow: Dataflow, store: RecoveryConfig, member: Member | None) -> None:
    """Runs until every source has ended, alone or as a member of a cluster. What a source or a sink raised comes out as
    it was raised, however Bytewax has wrapped it.
    """
    cluster = {} if member is None else {"process_id": member.number, "addresses": list(member.addresses)}
    try:
        cli_main(  # type: ignore[no-untyped-call]  # Bytewax leaves it untyped
            flow, epoch_interval=EPOCH, recovery_config=store, **cluster
        )
    except BytewaxRuntimeError as error:
        raise _innermost(error) from error


def _innermost(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error


@contextmanager
def stopping_on_signals(standing: Standing) -> Iterator[None]:
    """SIGTERM and SIGINT let the sources end, which drains what is under way. Left alone, Bytewax dies of them."""

    def stop(number: int, frame: FrameType | None) -> None:
        standing.stop()

    kept = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
