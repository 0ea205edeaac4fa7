"""The kinds of the chargebacks' jobs, apart from their handlers."""

from server.core.jobs import JobKind

DUE_SOON = JobKind("support.chargeback_due_soon", "tells staff three days before a dispute takes no answer any more")
DUE_NOW = JobKind("support.chargeback_due_now", "escalates a dispute that is unanswered a day before its deadline")
ANSWERED = JobKind("support.chargeback_answered", "takes note of whether the processor took the answer to a dispute")
