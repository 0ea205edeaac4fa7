"""Memory that is there before anything is measured.

A virtual machine's host takes pages that were not used for some seconds, and gives each back when it is touched. That
is counted as the machine's own work: 16 µs a page were measured, seven times of what a page takes that is there. Who
writes a hundred megabytes a second into files, buffers and tables then loses a third of a processor, from the moment
when the pages at hand are used up, which is in the middle of a run.
"""

import mmap
import os

MUCH = 3 << 30
"""About what a run of the stream uses that was not used before: the log, the database's buffers and files, its own."""

AT_ONCE = 1 << 20


def warm() -> None:
    """Uses much memory once and lets it go, for others to find; less where three times as much is not free."""
    there = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    pieces = min(MUCH, there // 3) // AT_ONCE
    if not pieces:
        return
    nothing = bytes(AT_ONCE)
    with mmap.mmap(-1, pieces * AT_ONCE) as memory:
        for _ in range(pieces):
            memory.write(nothing)
