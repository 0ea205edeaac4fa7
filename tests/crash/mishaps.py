"""What goes wrong while a story is told: processes die, budgets vanish or go back in time, a writer stands still."""

import os
import random
import shutil
import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace

import redis

from devstack.ports import free_port
from devstack.program import complete, running
from devstack.valkey import Valkey
from streams.engine.cluster import FENCED_STATUS
from tests.streams.harness import PARTITIONS, Stream, committed, until_committed
from tests.streams.test_stream import children
from tests.streams.world import World

COPIES = 3
"""How many copies of the budgets are kept: the oldest is as old as so many chapters."""

LONGEST_PAUSE_SECONDS = 0.5
READ_ON_SECONDS = 5.0
COMMIT_SECONDS = 600.0
"""How long somebody waits who has killed everything again and again on a machine with other things to do."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How long a story is, and how much goes wrong in it."""

    records: int
    campaigns: int
    stream_kills: int
    server_kills: int
    log_kills: int
    losses: int
    restores: int
    rescales: int
    replays: int


class Machinery:
    """The stream, its log and its budgets, and what happens to them."""

    def __init__(self, world: World, log: Valkey, budgets: Valkey, measure: Measure) -> None:
        self._world = world
        self._log = log
        self.budgets = budgets
        self._chance = random.Random(1)  # noqa: S311  a fixed seed, no secret
        self._copies: deque[dict[bytes, bytes]] = deque(maxlen=COPIES)
        self.stream = world.stream
        self._running = ExitStack()
        self._server = ExitStack()
        kinds: list[tuple[Callable[[], None], int]] = [
            (self._kill_stream, measure.stream_kills - 1),
            (self._kill_log, measure.log_kills),
            (self._lose_budgets, measure.losses),
            (self._restore_budgets, measure.restores),
            (self._rescale, measure.rescales),
        ]
        self._plan = [mishap for mishap, times in kinds for _ in range(times)]
        self._chance.shuffle(self._plan)
        # A copy can only be put back where one was made.
        self._plan.append(self._kill_stream)
        self.mishaps = len(self._plan)

    def __enter__(self) -> "Machinery":
        self._start_log()
        self.goes_on()
        return self

    def __exit__(self, *raised: object) -> None:
        self._running.close()
        self._server.close()

    def goes_on(self) -> None:
        """Starts the stream anew."""
        self._running.close()
        self._running = ExitStack()
        self._child = self._running.enter_context(self.stream.running())

    def stops(self) -> None:
        self._running.close()

    def something_goes_wrong(self, before: int) -> str:
        """The next mishap, at a random moment while what was appended behind that offset is worked on; its name."""
        if not self._plan:
            return "nothing"
        complete(until_committed(self._world.database, 0, before + self._chance.randrange(3), COMMIT_SECONDS))
        self._copies.append(self._copy())
        time.sleep(self._chance.random() * LONGEST_PAUSE_SECONDS)
        mishap = self._plan.pop()
        mishap()
        return mishap.__name__.strip("_").replace("_", " ")

    def _kill_stream(self) -> None:
        """All of it, or one of its processes, which the others do not outlive."""
        members = children(self._child.pid) if self.stream.processes > 1 else []
        if members and self._chance.random() < 0.5:
            os.kill(self._chance.choice(members), signal.SIGKILL)
            return
        self._child.kill()
        self._child.wait()
        self.goes_on()

    def _kill_log(self) -> None:
        self._there.kill()
        self._there.wait()
        self._start_log()

    def _start_log(self) -> None:
        output = self._log.directory.with_suffix(".log")
        self._there = self._server.enter_context(running(self._log.program(), output))

    def _lose_budgets(self) -> None:
        with redis.Redis(port=self.budgets.port) as client:
            client.flushall()

    def _copy(self) -> dict[bytes, bytes]:
        with redis.Redis(port=self.budgets.port) as client:
            keys = list(client.scan_iter())
            with client.pipeline(transaction=True) as at_once:
                for key in keys:
                    at_once.dump(key)
                return {key: found for key, found in zip(keys, at_once.execute(), strict=True) if found}

    def _restore_budgets(self) -> None:
        """Puts the oldest copy back, at one instant, as it is with a server that starts from an old file."""
        copy = self._copies[0]
        assert copy, "a copy is older than the first claim"
        with redis.Redis(port=self.budgets.port) as client, client.pipeline(transaction=True) as at_once:
            at_once.flushdb()
            for key, value in copy.items():
                at_once.restore(key, 0, value)
            at_once.execute()

    def _rescale(self) -> None:
        """The stream stands still, wherever it is, and one process more takes over with a copy of its disk. When it
        goes on, it finds itself replaced.
        """
        stalled, left, old = self._child, self._running, self.stream
        stalled.send_signal(signal.SIGSTOP)
        self.stream = _moved(old)
        self._running = ExitStack()
        self._child = self._running.enter_context(self.stream.running())
        before = complete(committed(self._world.database, 0))
        complete(until_committed(self._world.database, 0, before + 1, COMMIT_SECONDS))
        stalled.send_signal(signal.SIGCONT)
        assert stalled.wait(COMMIT_SECONDS) == FENCED_STATUS, old.output.read_text()[-2000:]
        left.close()


def _moved(stream: Stream) -> Stream:
    """The same data on another disk, for one process more."""
    home = stream.home.with_name(f"{stream.home.name}-moved")
    shutil.copytree(stream.home, home)
    return replace(stream, home=home, port=free_port(), processes=stream.processes + 1)


class Archive:
    """Everything that a log ever held. The stream trims two minutes behind its commits: somebody reads faster."""

    def __init__(self, log: Valkey) -> None:
        self._log = log
        self._reading = threading.Lock()
        self._over = threading.Event()
        self._reader = threading.Thread(target=self._read_on)
        self.partitions: list[list[bytes]] = [[] for _ in range(PARTITIONS)]

    def __enter__(self) -> "Archive":
        self._reader.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._over.set()
        self._reader.join()

    @property
    def newest(self) -> list[int]:
        """The offset that each partition has come to."""
        return [len(records) for records in self.partitions]

    def collect(self) -> None:
        """Reads what is there now."""
        with self._reading, redis.Redis(port=self._log.port) as client:
            for number, records in enumerate(self.partitions):
                for place, fields in client.xrange(f"log:{{clicks:{number}}}", f"(0-{len(records)}"):
                    assert place == f"0-{len(records) + 1}".encode(), "a record was trimmed before it was read"
                    records.append(fields[b"r"])

    def _read_on(self) -> None:
        while not self._over.wait(READ_ON_SECONDS):
            with suppress(redis.RedisError):
                self.collect()
