"""The kinds of disputes' jobs, apart from their handlers."""

from server.core.jobs import JobKind

DISPUTE_ENDED = JobKind(
    "booking.dispute_ended", "lets the payout of a dispute that is over go, and brings its case to where it belongs"
)
