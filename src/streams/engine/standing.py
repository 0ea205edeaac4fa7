"""What the status page and the metrics know of a stream process."""

import threading

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_LATENCY = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Standing:
    """Which partitions had to stop and whether the process was told to. Written and read by several threads."""

    def __init__(self, metrics: "StreamMetrics") -> None:
        self.metrics = metrics
        self._stop = threading.Event()
        self._halted: dict[str, str] = {}
        self._away: set[str] = set()
        self._failure: Exception | None = None

    def stop(self) -> None:
        self._stop.set()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def halt(self, partition: str, reason: str) -> None:
        """A partition stays where it is until a person has looked; the others go on."""
        self.there(partition)
        self._halted[partition] = reason
        self.metrics.halted.labels(partition).set(1)

    def is_halted(self, partition: str) -> bool:
        return partition in self._halted

    def away(self, partition: str) -> None:
        """The partition cannot be read, and holds everybody's clock back until it is there again."""
        self._away.add(partition)
        self.metrics.away.labels(partition).set(1)

    def there(self, partition: str) -> None:
        """It can be read, as before."""
        if partition in self._away:
            self._away.discard(partition)
            self.metrics.away.labels(partition).set(0)

    def fail(self, error: Exception) -> None:
        """Something could not be ended in order, where it could not be said."""
        self._failure = self._failure or error

    def raise_failure(self) -> None:
        """Raises what could not be said where it happened."""
        if self._failure is not None:
            raise self._failure

    def checks(self) -> dict[str, bool]:
        """False for each partition that had to stop, or cannot be read."""
        return dict.fromkeys([*self._halted, *self._away], False)


class StreamMetrics:
    """What Prometheus reads of a stream. Each partition is moved by one process, so sums over processes are its own."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.lag = Gauge(
            "callsheet_stream_lag_records",
            "Records of the log not yet committed",
            ["partition"],
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.halted = Gauge(
            "callsheet_stream_halted",
            "1 where a partition needs a person",
            ["partition"],
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.away = Gauge(
            "callsheet_stream_away",
            "1 where a partition cannot be read, and the others wait for its clock",
            ["partition"],
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.batches = Counter("callsheet_stream_batches_total", "Batches committed", ["partition"], registry=registry)
        self.records = Counter(
            "callsheet_stream_records_total", "Records committed", ["partition", "kind"], registry=registry
        )
        self.fences = Counter(
            "callsheet_stream_fence_changes_total", "Times a partition was taken", ["partition"], registry=registry
        )
        self.events = Counter(
            "callsheet_stream_events_total",
            "Events committed that nothing had to be decided about",
            ["partition", "kind"],
            registry=registry,
        )
        self.clicks = Counter("callsheet_stream_clicks_total", "Clicks decided", ["verdict", "rule"], registry=registry)
        self.charging_paused = Gauge(
            "callsheet_stream_charging_paused",
            "1 where the budgets are away and the partition waits for them",
            ["partition"],
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.commit_seconds = Histogram(
            "callsheet_stream_commit_seconds", "Time to commit a batch", buckets=_LATENCY, registry=registry
        )
        self.batch_seconds = Histogram(
            "callsheet_stream_batch_seconds",
            "Time from a batch's turn to its commit: known clicks, claim, transaction",
            buckets=_LATENCY,
            registry=registry,
        )
        self.recovery_bytes = Gauge(
            "callsheet_stream_recovery_store_bytes",
            "How large the recovery store is",
            registry=registry,
            multiprocess_mode="max",
        )
        self.snapshot_seconds = Histogram(
            "callsheet_stream_snapshot_seconds",
            "How long a snapshot held the dataflow up: to pack counts, and batches that wait or are being written",
            ["part"],
            buckets=_LATENCY,
            registry=registry,
        )
