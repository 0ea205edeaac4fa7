"""How a stream process keeps its memory.

A stream takes and gives back buffers of megabytes for every batch. Allocators hand such buffers to the system at once,
which then has to find, clear and map the same pages for the next batch: a tenth of what the process costs. So what one
batch gives back is kept for the next, up to a limit.

A batch also leaves thousands of tuples behind that wait for a while and are in no cycle. Looking for cycles among them
as often as Python does by itself costs another tenth.
"""

import ctypes
import gc

import pyarrow as pa

KEPT_BYTES = 256 << 20
"""Free memory at the heap's end above which it is given back."""

AHEAD_BYTES = 64 << 20
"""How much is taken at once when more is needed."""

LARGEST_KEPT_BYTES = 32 << 20
"""Buffers above that size are always given back; the C library takes no higher limit."""

COLLECTIONS = (50_000, 20, 100)
"""How seldom cycles are looked for: after so many new objects, and among the old ones more seldom still."""

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3


def keep_pages() -> None:
    """Has buffers come from the C library's heap, and the heap keep what it has. Where the C library is not GNU's, it
    does as it sees fit.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(_MMAP_THRESHOLD, LARGEST_KEPT_BYTES)
        library.mallopt(_TRIM_THRESHOLD, KEPT_BYTES)
        library.mallopt(_TOP_PAD, AHEAD_BYTES)


def look_seldom_for_cycles() -> None:
    """Leaves out what is there already, which stays as long as the process does."""
    gc.freeze()
    gc.set_threshold(*COLLECTIONS)
