"""What rules remember of a day of a million viewers: memory, snapshots, and whether either grows from day to day.

Half a million clicks a day fall as people are up, for three days. Every simulated half hour all buckets are pickled as
recovery stores them; at the end all of them are restored. The clicks' own cost is measured on the way.
"""

import math
import pickle
import random
import time

from bench.report import console, result
from streams.clicks.rules.book import DAY_MS, DEFAULT_BOOK, HOUR_MS, MINUTE_MS
from streams.clicks.rules.click import Click
from streams.clicks.state.arrivals import all_buckets, arrivals
from streams.clicks.state.buckets import Bucket
from tests.streams.clicks import CLICK, NOON_MS

VIEWERS = 1_000_000
CLICKS_A_DAY = 500_000
DAYS = 3
SLICE_MS = 30 * MINUTE_MS
SEED = 7


def clicks_in(slice_start: int) -> int:
    """Few at night, most in the evening."""
    hour = slice_start % DAY_MS / HOUR_MS
    share = 1 + 0.8 * math.sin((hour - 11) / 24 * 2 * math.pi)
    return int(CLICKS_A_DAY * share * SLICE_MS / DAY_MS)


def main() -> None:
    """Measures and prints."""
    chance = random.Random(SEED)  # noqa: S311  a measurement is repeated with the same clicks
    buckets = {name: Bucket(name) for name in all_buckets()}
    start = NOON_MS // DAY_MS * DAY_MS
    sizes: list[int] = []
    snapshots: list[int] = []
    stalls: list[float] = []
    kept: dict[str, bytes] = {}
    seconds, number = 0.0, 0
    for at in range(start, start + DAYS * DAY_MS, SLICE_MS):
        made = clicks_in(at)
        clicks = []
        for _ in range(made):
            number += 1
            clicks.append(click(chance, number, at + (number % made) * SLICE_MS // made))
        clicks.sort(key=lambda one: one.rule_ms)
        began = time.process_time()
        for one in clicks:
            for name, arrival in arrivals(one, DEFAULT_BOOK):
                buckets[name].count(arrival)
        seconds += time.process_time() - began
        began = time.perf_counter()
        kept = {
            name: pickle.dumps(bucket.snapshot(), protocol=pickle.HIGHEST_PROTOCOL) for name, bucket in buckets.items()
        }
        stalls.append(time.perf_counter() - began)
        snapshots.append(sum(map(len, kept.values())))
        sizes.append(sum(bucket.size_bytes for bucket in buckets.values()))
    began = time.perf_counter()
    restored = [Bucket(name, pickle.loads(snapshot)) for name, snapshot in kept.items()]  # noqa: S301  made above
    restoring = time.perf_counter() - began
    assert len(restored) == len(buckets)
    day = DAY_MS // SLICE_MS
    console.print(f"{number:,} clicks of {VIEWERS:,} viewers in {DAYS} days")
    result("rules_state_cpu", seconds / number * 1e6, "us/click")
    result("rules_state_memory_peak", max(sizes) / 1e6, "MB")
    result("rules_state_third_day_to_second", max(sizes[2 * day :]) / max(sizes[day : 2 * day]), "ratio")
    result("rules_state_snapshot_peak", max(snapshots) / 1e6, "MB")
    result("rules_state_snapshot_slowest", max(stalls) * 1e3, "ms")
    result("rules_state_restore", restoring, "s")


def click(chance: random.Random, number: int, at_ms: int) -> Click:
    viewer = chance.randrange(VIEWERS)
    return CLICK._replace(
        event_id=f"pevt_{number}",
        impression_id=f"pimp_{number}",
        campaign_id=f"pcmp_{viewer % 997}",
        listing_id=f"srv_{chance.randrange(2_000)}",
        rule_ms=at_ms,
        received_ms=at_ms,
        issued_ms=at_ms - 20_000,
        device=f"device-{viewer}",
        address=f"address-{viewer // 3}",
        network=f"network-{viewer // 300}",
        agent=f"agent-{viewer % 200}",
        viewer=f"viewer-{viewer}",
        served_today=chance.randrange(1, 20),
    )


if __name__ == "__main__":
    main()
