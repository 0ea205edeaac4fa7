"""Booking's timers."""

from server.booking.timers import DRAFT_EXPIRY
from server.booking.usecases import BookingUseCases
from server.core.jobs import Job
from server.core.worker import Registered


def registered(usecases: BookingUseCases) -> list[Registered]:
    """Which handler runs which of this slice's jobs."""

    async def expire_draft(job: Job) -> None:
        await usecases.expire_draft(job.key)

    return [Registered(DRAFT_EXPIRY, expire_draft)]
