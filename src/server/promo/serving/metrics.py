"""What serving tells of itself."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class ServingMetrics:
    """How many campaigns may be shown, how long a look takes, what was shown."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._campaigns = Gauge(
            "callsheet_serving_campaigns",
            "Active campaigns in memory",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._look_seconds = Gauge(
            "callsheet_serving_look_seconds",
            "Time of the last look at what has changed",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._searches = Counter("callsheet_serving_searches_total", "Searches answered", registry=registry)
        self._placements = Counter("callsheet_serving_placements_total", "Placements shown", registry=registry)

    def looked(self, campaigns: int, seconds: float) -> None:
        self._campaigns.set(campaigns)
        self._look_seconds.set(seconds)

    def served(self, placements: int) -> None:
        self._searches.inc()
        self._placements.inc(placements)
