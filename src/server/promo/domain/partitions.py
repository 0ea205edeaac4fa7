"""Where a campaign lives in the click log. Everything about a campaign is in one partition, so it has one order."""

from zlib import crc32

CLICK_LOG = "clicks"
DEAD_LETTERS = "clicks-dead"


def partition_of(campaign_id: str, partitions: int) -> int:
    """A campaign's partition. It never changes, since the number of partitions is fixed for a log's life."""
    return crc32(campaign_id.encode()) % partitions
