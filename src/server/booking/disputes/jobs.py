"""What follows the end of a dispute."""

from server.booking.disputes.following import Following
from server.booking.disputes.timers import DISPUTE_ENDED
from server.core.jobs import Job
from server.core.worker import Registered


def registered(following: Following) -> list[Registered]:
    """Which handler runs which of the disputes' jobs."""

    async def ended(job: Job) -> None:
        await following.ended(job.key)

    return [Registered(DISPUTE_ENDED, ended)]
