"""What Prometheus reads. One object holds the registry, so that a process has exactly one and tests have their own."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_LATENCY = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class CallMetrics:
    """Calls by method: how many, how they ended, how long they took, how many are under way."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._ended = Counter("callsheet_calls_total", "Calls answered", ["method", "code"], registry=registry)
        self._seconds = Histogram(
            "callsheet_call_seconds", "Time to answer", ["method"], buckets=_LATENCY, registry=registry
        )
        self._running = Gauge(
            "callsheet_calls_running", "Calls under way", ["method"], registry=registry, multiprocess_mode="livesum"
        )

    def of(self, method: str) -> "MethodMetrics":
        """The series of one method, looked up once."""
        return MethodMetrics(method, self._ended, {}, self._seconds.labels(method), self._running.labels(method))


@dataclass(frozen=True, slots=True)
class MethodMetrics:
    """The series of one method."""

    method: str
    _ended: Counter
    _ended_by_code: dict[str, Counter]
    _seconds: Histogram
    _running: Gauge

    def began(self) -> None:
        self._running.inc()

    def ended(self, code: str, seconds: float) -> None:
        self._running.dec()
        self._seconds.observe(seconds)
        counter = self._ended_by_code.get(code)
        if counter is None:
            counter = self._ended_by_code[code] = self._ended.labels(self.method, code)
        counter.inc()


class JobMetrics:
    """Jobs by kind: what waits, what runs, what is held, how runs ended, and how long the oldest has been due."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.waiting = Gauge("callsheet_jobs", "Jobs by state", ["kind", "status"], registry=registry)
        self.oldest = Gauge("callsheet_jobs_oldest_seconds", "Age of the oldest due job", ["kind"], registry=registry)
        self.runs = Counter("callsheet_job_runs_total", "Runs of jobs", ["kind", "outcome"], registry=registry)
        self.seconds = Histogram(
            "callsheet_job_seconds", "Time of a run", ["kind"], buckets=_LATENCY, registry=registry
        )
        self.outbox = Gauge("callsheet_outbox_events", "Events not yet in the log", ["topic"], registry=registry)
        self.outbox_lag = Gauge(
            "callsheet_outbox_lag_seconds", "Age of the oldest of them", ["topic"], registry=registry
        )


class PoolMetrics:
    """The database pool: its size and how much of it is idle."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.size = Gauge(
            "callsheet_pool_connections", "Open connections", registry=registry, multiprocess_mode="livesum"
        )
        self.idle = Gauge("callsheet_pool_idle", "Idle connections", registry=registry, multiprocess_mode="livesum")
