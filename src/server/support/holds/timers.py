"""The kinds of the holds' jobs, apart from their handlers."""

from server.core.jobs import JobKind

WARNING = JobKind("support.hold_warning", "tells staff three days before a hold expires and its money is paid out")
EXPIRY = JobKind("support.hold_expiry", "ends a hold whose time is over")
