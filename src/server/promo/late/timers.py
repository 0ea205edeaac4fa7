"""The kind of the hourly pass, apart from its handler."""

from datetime import timedelta

from server.core.jobs import CronKind, JobKind

LATE_PASS = JobKind(
    "promo.late_pass",
    "gives back charged clicks that turn out to be invalid once more is known",
    lease=timedelta(minutes=30),
)

CRONS = (CronKind(LATE_PASS, timedelta(hours=1)),)
