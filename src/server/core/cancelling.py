"""What the database's driver makes of a cancellation: at times an error of its own, like a lost connection."""

import asyncio


def end_if_told(because: BaseException | None = None) -> None:
    """Ends a task that was told to end, though the driver swallowed it; a loop that tries again would never end."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError from because
