"""The kind of the job that keeps the days of events, apart from its handler."""

from datetime import timedelta

from server.core.jobs import CronKind, JobKind

KEEP_PARTITIONS = JobKind(
    "promo.keep_partitions", "makes the days of events that are to come, and drops those past their keeping"
)

CRONS = (CronKind(KEEP_PARTITIONS, timedelta(hours=6)),)
