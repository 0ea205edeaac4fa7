"""Why a partition, or a process, cannot go on."""

from server.adapters.eventlog.errors import LogBroken


class LogRecreated(LogBroken):
    """The log under a partition is another one than the one that was read: its offsets mean other records."""

    def __init__(self, partition: object, known: str, found: str) -> None:
        super().__init__(f"{partition}: the log was recreated: generation {found or 'none'}, not {known}")


class RecordsMissing(LogBroken):
    """Records would be skipped between what is committed and what comes next."""

    def __init__(self, partition: object, committed: int, first: int) -> None:
        super().__init__(f"{partition}: offset {first} follows {committed}: records between them are missing")


class Fenced(Exception):
    """Another process has taken the partition. What this one had not committed, that one reads again."""

    def __init__(self, partition: object, held: int, found: int) -> None:
        super().__init__(f"{partition}: taken over under fence {found}, ours was {held}")


class Abandoned(Exception):
    """Told to stop while what must be written to is away. Uncommitted batches are read again at the next start."""
