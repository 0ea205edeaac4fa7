"""The kinds of evidence's jobs, apart from their handlers."""

from server.core.jobs import JobKind

ABANDONMENT = JobKind("support.evidence_abandonment", "gives up a file that was not uploaded in time")
QUARANTINE_CLEARANCE = JobKind("support.quarantine_clearance", "deletes an upload that was copied or refused")
LEGAL_HOLD = JobKind("support.legal_hold", "holds the files of an open legal case, and lifts the hold when it ends")
