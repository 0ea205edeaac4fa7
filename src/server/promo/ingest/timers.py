"""The kinds of ingest's jobs, apart from their handlers."""

from datetime import timedelta

from server.core.jobs import CronKind, JobKind

FORGET_DEVICES = JobKind("promo.forget_devices", "forgets devices that advertisers were not seen on for ninety days")

CRONS = (CronKind(FORGET_DEVICES, timedelta(days=1)),)
