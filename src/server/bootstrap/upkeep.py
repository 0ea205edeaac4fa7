"""What keeps the core's tables and the event log small, built."""

from server.adapters.eventlog import delivery
from server.booking.outgoing import ORDERS
from server.bootstrap.parts import Core, Slice
from server.core import housekeeping
from server.promo.outgoing import SET_ASIDE


def build(core: Core) -> Slice:
    core_jobs = housekeeping.registered(core.database, core.clock, core.settings.invariants)
    log_jobs = delivery.retention(core.log, core.clock, [ORDERS, SET_ASIDE])
    return Slice(jobs=[*core_jobs, *log_jobs], crons=[*housekeeping.CRONS, *delivery.CRONS])
