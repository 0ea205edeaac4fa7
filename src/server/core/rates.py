"""How often somebody may call: a rate with a burst of one second, kept as one number per caller."""

import time
from collections.abc import Callable

REMEMBERED = 50_000


class Rates:
    """Counts in this process's memory, which costs a microsecond; asking a shared store on every call would cost half a
    call. With several processes each has its own count, so the limit is per process.

    For each caller there is the instant at which they will have used up what they took (the generic cell rate
    algorithm): it needs no timer, no window and no thread.
    """

    def __init__(self, per_second: int, now: Callable[[], float] = time.monotonic) -> None:
        self._interval = 1.0 / per_second
        self._now = now
        self._used_until: dict[str, float] = {}

    def take(self, who: str) -> float:
        """Takes one call and returns 0; or takes none and tells the seconds until there is one."""
        now = self._now()
        until = max(self._used_until.get(who, now), now) + self._interval
        if until - now > 1.0:
            return until - now - 1.0
        self._used_until[who] = until
        if len(self._used_until) > REMEMBERED:
            self._forget(now)
        return 0.0

    def _forget(self, now: float) -> None:
        """Drops callers who have nothing used up any more: to know them is the same as not to."""
        self._used_until = {who: until for who, until in self._used_until.items() if until > now}
