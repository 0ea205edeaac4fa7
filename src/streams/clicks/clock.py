"""The time that rules are asked at.

A partition's clock goes by when its events were received, and never runs back by more than a moment: servers append
side by side, so a record may be a little older than the one before it. Once the clock stands at a time, no later event
of the partition has a rule time more than that moment before it, which is what lets others count in one order.
"""

import numpy as np
from numpy.typing import NDArray

Microseconds = NDArray[np.int64]

SLACK_US = 250_000


class RuleClock:
    """One partition's clock, in microseconds since 1970."""

    def __init__(self, at_us: int = 0) -> None:
        self._at_us = at_us

    @property
    def at_us(self) -> int:
        """The newest time that was seen."""
        return self._at_us

    @property
    def settled_ms(self) -> int:
        """No later event has a rule time before this millisecond."""
        return (self._at_us - SLACK_US) // 1000

    def pulse(self, at_us: int) -> None:
        """Moves the clock on where it stands before that time."""
        self._at_us = max(self._at_us, at_us)

    def times(self, received_us: Microseconds, floors_us: Microseconds) -> Microseconds:
        """The rule times of events in the log's order, each with the newest pulse before it; moves the clock on."""
        seen = np.maximum(received_us, floors_us)
        seen[0] = max(int(seen[0]), self._at_us)
        highest: Microseconds = np.maximum.accumulate(seen)
        self._at_us = int(highest[-1])
        times: Microseconds = np.maximum(received_us, highest - SLACK_US)
        return times
