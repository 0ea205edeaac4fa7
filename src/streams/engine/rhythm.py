"""When partitions are read where records trickle in.

A batch of two records costs little more than a batch of one, so records gather for a while. All partitions of a process
are read at the same moments, since each one's batch waits for the clocks of all.
"""

from datetime import UTC, datetime, timedelta

from streams.engine.backlog import Backlog

GATHERING = timedelta(milliseconds=150)
"""Twice that is a little more than what the clocks of partitions may run back by, so that the next moment but one knows
all about what was read at this one.
"""

FARTHEST = GATHERING * 3 / 2
"""How far away the next moment may be."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Rhythm:
    """Every second moment is for reading. The one between is left out while a batch has been in writing for as long as
    from one moment to the next: who cannot keep pace with short batches is better off with longer ones.
    """

    def __init__(self, backlog: Backlog) -> None:
        self._backlog = backlog
        self._decided = _EPOCH
        self._is_left_out = False

    def next(self, asked: datetime, now: datetime) -> datetime:
        """The next moment for whoever asked the log then. It is not the very next one where the last was answered late:
        there would be little to read, and it is about to be late again.
        """
        earliest = max(now, asked + GATHERING / 2)
        return earliest + GATHERING - (earliest - _EPOCH) % GATHERING

    def is_left_out(self, moment: datetime) -> bool:
        """Whether nobody reads at a moment that has come. Whoever asks first decides it for all partitions."""
        if moment != self._decided:
            self._decided = moment
            between = bool((moment - _EPOCH) // GATHERING % 2)
            self._is_left_out = between and self._backlog.has_been_writing_since(moment - GATHERING)
        return self._is_left_out
