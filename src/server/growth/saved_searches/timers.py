"""The kinds of the alerts' jobs, apart from their handlers, so that use cases can enqueue what handlers run."""

from datetime import timedelta

from server.core.jobs import CronKind, JobKind

FIND_DUE = JobKind("growth.find_due_searches", "looks in which zones the day's alerts are due, city by city")
RUN_CITY = JobKind(
    "growth.run_searches", "runs a city's saved searches for one day of a zone", lease=timedelta(minutes=15)
)
SEND_ALERT = JobKind("growth.send_alert_mail", "hands the mail of an alert to the mail server, at most once")

CRONS = (CronKind(FIND_DUE, timedelta(minutes=15)),)
