"""The kinds of credit's jobs."""

from datetime import timedelta

from server.core.jobs import CronKind, JobKind

EXPIRE = JobKind("growth.expire_credit", "writes off credit that is past its time", lease=timedelta(minutes=15))
VERIFY = JobKind(
    "growth.verify_credit", "recomputes every ledger's chain of hashes and its balance", lease=timedelta(hours=1)
)

CRONS = (CronKind(EXPIRE, timedelta(hours=1)), CronKind(VERIFY, timedelta(hours=24)))
