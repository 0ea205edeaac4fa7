"""The kinds of money's jobs, apart from their handlers, so that use cases can enqueue what handlers run."""

from datetime import timedelta
from typing import Final

from server.core.jobs import CronKind, JobKind

BEGIN_PAYMENT: Final = JobKind("booking.begin_payment", "begins an order's payment at the processor")
ANSWERED: Final = JobKind(
    "booking.money_answered", "settles what a call to the processor was made for: a payment, a refund, a payout"
)
SETTLE: Final = JobKind(
    "booking.settle_payout", "pays a provider what an order has released for them, and takes back what is too much"
)
COLLECT_DEBT: Final = JobKind("booking.collect_debt", "takes what a provider owes out of what they were just paid")
SWEEP: Final = JobKind("booking.sweep_money", "looks at payments, refunds and payouts of which nothing was heard")
RECONCILE: Final = JobKind(
    "booking.reconcile_money", "adds up every order's money, and names each cent that is not where it should be"
)

CRONS: Final = (CronKind(SWEEP, timedelta(minutes=15)), CronKind(RECONCILE, timedelta(days=1)))
