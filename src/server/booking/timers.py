"""The kinds of Booking's jobs, apart from their handlers, so that use cases can enqueue what handlers run."""

from server.core.jobs import JobKind

DRAFT_EXPIRY = JobKind("booking.draft_expiry", "ends a draft that nobody submitted within a day")
