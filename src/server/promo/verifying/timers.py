"""The kind of the minute's proof, apart from its handler."""

from datetime import timedelta

from server.core.jobs import CronKind, JobKind

VERIFY_SPEND = JobKind(
    "promo.verify_spend",
    "compares ledger, decisions, rollups and live budgets of campaigns that were charged lately",
    attempts=3,
    lease=timedelta(minutes=5),
)

CRONS = (CronKind(VERIFY_SPEND, timedelta(minutes=1)),)
