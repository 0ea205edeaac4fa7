"""What ingest tells of itself."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_EVENTS = (1, 5, 10, 25, 50, 100, 250, 500)


class IngestMetrics:
    """Events by outcome and token, how they were put together, and what waits."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.events = Counter("callsheet_ingest_events_total", "Events by outcome", ["result"], registry=registry)
        self.tokens = Counter(
            "callsheet_ingest_tokens_total", "Tokens of accepted events by what they were", ["state"], registry=registry
        )
        self.refused = Counter(
            "callsheet_ingest_refused_total", "Calls refused as a whole, by reason", ["reason"], registry=registry
        )
        self.waiting = Gauge(
            "callsheet_ingest_waiting_events",
            "Events that wait for the log",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.record_events = Histogram(
            "callsheet_ingest_record_events", "Events of a log record", buckets=_EVENTS, registry=registry
        )
        self.append_seconds = Histogram(
            "callsheet_ingest_append_seconds", "Time of an append", buckets=_SECONDS, registry=registry
        )
        self.lag = Gauge(
            "callsheet_ingest_lag_records",
            "Records of a partition that its reader has not committed",
            ["partition"],
            registry=registry,
            multiprocess_mode="mostrecent",
        )
