"""Why events are refused as a whole: always for a while only, and never after half of them were lost."""

from datetime import timedelta

from server.core.errors import Failure, FailureKind

SOON = timedelta(seconds=1)


class IngestBusy(Failure):
    """More events wait for the log than this process holds. Nothing of the call was appended."""

    kind = FailureKind.EXHAUSTED
    reason = "INGEST_BUSY"

    def __init__(self) -> None:
        super().__init__("more events are waiting for the log than may; send these again", retry_after=SOON)


class LogBehind(Failure):
    """The log's reader is so far behind that more would only wait. Nothing of the call was appended."""

    kind = FailureKind.EXHAUSTED
    reason = "LOG_BEHIND"

    def __init__(self, partition: int) -> None:
        super().__init__(
            f"the reader of partition {partition} is too far behind; send these events again",
            metadata={"partition": str(partition)},
            retry_after=SOON,
        )
