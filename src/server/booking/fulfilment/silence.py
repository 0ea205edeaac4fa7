"""The silence that approves a delivered milestone."""

from collections.abc import Sequence

from server.booking.fulfilment.milestones import Milestone, MilestoneStatus
from server.booking.fulfilment.timers import MILESTONE_SILENCE
from server.core.db import Tx
from server.core.jobs import Jobs


class Silences:
    """Waits for buyers, on the caller's transaction."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    async def begin(self, tx: Tx, milestones: Sequence[Milestone]) -> None:
        """Has the silence about those that are delivered approve them in time."""
        for milestone in milestones:
            if milestone.status is MilestoneStatus.DELIVERED:
                await self._jobs.enqueue(
                    tx, MILESTONE_SILENCE, key=milestone.milestone_id, run_at=milestone.review_until
                )

    async def end(self, tx: Tx, milestone: Milestone) -> None:
        """The milestone goes back to the provider; nobody's silence means anything."""
        await self._jobs.cancel(tx, MILESTONE_SILENCE, key=milestone.milestone_id)
