"""Where a campaign lives in the click log. Everything about a campaign is in one partition, so it has one order."""

from collections.abc import Sequence
from zlib import crc32

CLICK_LOG = "clicks"
DEAD_LETTERS = "clicks-dead"
RULES_KEY = "rules"
SWITCHES_KEY = "switches"
_EVERYWHERE = frozenset({RULES_KEY, SWITCHES_KEY})


def partition_of(campaign_id: str, partitions: int) -> int:
    """A campaign's partition. It never changes, since the number of partitions is fixed for a log's life."""
    return crc32(campaign_id.encode()) % partitions


def partitions_of(key: str, partitions: int) -> Sequence[int]:
    """Where a control record belongs: with its campaign, or everywhere where it is about all of them."""
    return range(partitions) if key in _EVERYWHERE else (partition_of(key, partitions),)
