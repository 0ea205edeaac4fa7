"""Fulfilment's timers, and what other slices are told after it."""

from server.booking.fulfilment.milestone_steps import MilestoneSteps
from server.booking.fulfilment.telling import Telling
from server.booking.fulfilment.timers import MILESTONE_SILENCE, ORDER_COMPLETED, ORDER_REVERSED
from server.booking.fulfilment.usecases import Fulfilment
from server.booking.timers import END, REVIEW
from server.core.jobs import Job
from server.core.worker import Registered


def registered(fulfilment: Fulfilment, milestones: MilestoneSteps, telling: Telling) -> list[Registered]:
    """Which handler runs which of fulfilment's jobs."""

    async def end(job: Job) -> None:
        await fulfilment.end_reached(job.key)

    async def review(job: Job) -> None:
        await fulfilment.review_silent(job.key)

    async def silence(job: Job) -> None:
        await milestones.silent(job.key)

    async def completed(job: Job) -> None:
        await telling.completed(job.key)

    async def reversed_(job: Job) -> None:
        await telling.reversed(job.key)

    return [
        Registered(END, end),
        Registered(REVIEW, review),
        Registered(MILESTONE_SILENCE, silence),
        Registered(ORDER_COMPLETED, completed),
        Registered(ORDER_REVERSED, reversed_),
    ]
