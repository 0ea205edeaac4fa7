"""What can go wrong with the event log."""

from datetime import timedelta

from server.core.errors import DependencyDown, Failure, FailureKind


class LogFull(Failure):
    """The log holds as much as it may; its readers have to catch up first. Nothing was appended."""

    kind = FailureKind.EXHAUSTED
    reason = "LOG_FULL"

    def __init__(self) -> None:
        super().__init__("the event log is full until its readers catch up", retry_after=timedelta(seconds=1))


class LogDown(DependencyDown):
    """The log does not answer. What was being appended may or may not have been."""

    def __init__(self) -> None:
        super().__init__("event_log")


class LogBroken(Exception):
    """A log is not what its reader or writer knew it to be; nobody can go on before a person has looked."""


class RecordsTrimmed(LogBroken):
    """The records that a reader needs next were trimmed away."""

    def __init__(self, partition: object, after: int) -> None:
        super().__init__(f"{partition}: the record after offset {after} was trimmed")


class LogShorter(LogBroken):
    """The log ends before the offset that its reader has reached: it was recreated, or restored from a copy."""

    def __init__(self, partition: object, after: int, newest: int) -> None:
        super().__init__(f"{partition}: ends at offset {newest}, but was read up to {after}")


class LogGone(LogShorter):
    """Nothing of the log is there any more. It may come back; until then it is not a log that nobody has written to."""

    def __init__(self, partition: object, after: int) -> None:
        super().__init__(partition, after, 0)


class PartitionsDiffer(LogBroken):
    """The number of partitions is fixed for a log's life, and this is another number."""

    def __init__(self, log: str, asked: int, found: int) -> None:
        super().__init__(f"log {log} has {found} partitions, not {asked}: their number is fixed for a log's life")
