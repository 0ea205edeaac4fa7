"""Booking's timers and what follows from its steps."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from server.booking import timers
from server.booking.deadlines import Deadlines
from server.booking.invites.settling import InviteSettling
from server.booking.negotiation.answering import OfferAnswers
from server.booking.rescheduling.usecases import Rescheduling
from server.core.jobs import Handler, Job, JobKind, Postpone
from server.core.worker import Registered


def registered(
    deadlines: Deadlines, answering: OfferAnswers, settling: InviteSettling, rescheduling: Rescheduling
) -> list[Registered]:
    """Which handler runs which of this slice's jobs."""

    async def auto_accept(job: Job) -> None:
        await answering.auto_accept(job.key)

    async def give_slot_away(job: Job) -> None:
        await answering.give_slot_away(job.key)

    async def settle_invite(job: Job) -> None:
        await settling.settle(job.key)

    return [
        _timer(timers.DRAFT_EXPIRY, deadlines.draft),
        _timer(timers.PAY_BY, deadlines.pay_by),
        _timer(timers.START, deadlines.start),
        _timer(timers.REQUEST_EXPIRY, answering.expire),
        _timer(timers.INVITE_CLOSE, settling.close),
        _timer(timers.RESCHEDULE_EXPIRY, rescheduling.expire),
        Registered(timers.AUTO_ACCEPT, auto_accept),
        Registered(timers.SLOT_GIVEN_AWAY, give_slot_away),
        Registered(timers.INVITE_SETTLE, settle_invite),
    ]


def _timer(kind: JobKind, passed: Callable[[str], Awaitable[datetime | None]]) -> Registered:
    """A timer keyed by what it is about, which tells until when to wait where it is too early."""

    async def handle(job: Job) -> None:
        later = await passed(job.key)
        if later is not None:
            raise Postpone(later)

    handler: Handler = handle
    return Registered(kind, handler)
