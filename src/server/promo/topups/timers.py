"""The kinds of jobs about payments into budgets, apart from their handlers so that use cases can name them."""

from datetime import timedelta

from server.core.jobs import CronKind, JobKind

TOPUP_ANSWERED = JobKind("promo.topup_answered", "books what the payment processor answered to a payment", attempts=20)
GIVE_UP_TOPUP = JobKind("promo.give_up_topup", "cancels a payment that its payer has not completed within a day")
TOPUP_GIVEN_UP = JobKind("promo.topup_given_up", "settles a payment that was to be canceled", attempts=20)
WATCH_BUDGETS = JobKind(
    "promo.watch_budgets",
    "pays into budgets that ask for it, and tells advertisers which run low or are spent",
    lease=timedelta(minutes=5),
)

PATIENCE = timedelta(days=1)
"""How long a payer has to prove who they are, or to try another card."""

ASKED_AGAIN = timedelta(hours=1)
"""How long a payment waits that nobody knows the fate of."""

CRONS = (CronKind(WATCH_BUDGETS, timedelta(minutes=1)),)
