"""Finding where a log begins, which nobody keeps: what was trimmed is gone."""

from server.adapters.eventlog.errors import RecordsTrimmed
from server.adapters.eventlog.port import EventLog, Partition


async def before_the_oldest(log: EventLog, partition: Partition, newest: int) -> int:
    """The offset in front of the oldest record that is still there, by bisection."""
    low, high = 0, newest
    while low < high:
        middle = (low + high) // 2
        try:
            await log.read(partition, after=middle, limit=1)
        except RecordsTrimmed:
            low = middle + 1
        else:
            high = middle
    return low
