"""The kinds of the cases' jobs and when they run, apart from their handlers, so that use cases can enqueue them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from server.core.jobs import JobKind
from server.support.cases.domain import DECIDED, LEGAL_TYPES, Case, Status

CUSTOMER_REMINDED_AFTER = timedelta(days=3)
CUSTOMER_GIVEN_UP_AFTER = timedelta(days=7)
SELLER_GIVEN_UP_AFTER = timedelta(days=3)
SETTLED_AFTER = timedelta(hours=72)

DEADLINE = JobKind("support.deadline", "records a deadline that passes unmet, and escalates its case")
CUSTOMER_REMINDER = JobKind(
    "support.customer_reminder", "reminds a customer whose answer a case has waited for, for three days"
)
AUTO_CLOSE = JobKind("support.auto_close", "closes a case whose customer has not answered for a week")
SELLER_SILENCE = JobKind("support.seller_silence", "goes on without a seller who has not answered for three days")
SETTLEMENT = JobKind("support.settlement", "closes a decided case that nobody objected to for 72 hours")


@dataclass(frozen=True, slots=True)
class Timer:
    """A job that runs unless the case moves on before."""

    kind: JobKind
    after: timedelta


def timers_of(case: Case) -> Iterator[Timer]:
    """What the clock does to a case that stays where it is."""
    if case.status is Status.AWAITING_CUSTOMER:
        yield Timer(CUSTOMER_REMINDER, CUSTOMER_REMINDED_AFTER)
        if case.type not in LEGAL_TYPES:
            yield Timer(AUTO_CLOSE, CUSTOMER_GIVEN_UP_AFTER)
    elif case.status is Status.AWAITING_SELLER:
        yield Timer(SELLER_SILENCE, SELLER_GIVEN_UP_AFTER)
    elif case.status in DECIDED:
        yield Timer(SETTLEMENT, SETTLED_AFTER)
