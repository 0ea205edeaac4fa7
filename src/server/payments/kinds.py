"""The kinds of jobs that payments enqueues, apart from their handlers so that use cases can name them."""

from datetime import timedelta
from typing import Final

from server.core.jobs import JobKind

PERFORM_CALL: Final = JobKind(
    "payments.perform_call",
    "makes a stored call to the payment processor and commits its outcome",
    attempts=15,
    lease=timedelta(minutes=2),
)
SWEEP_CALLS: Final = JobKind("payments.sweep_calls", "finds stored calls whose outcome is overdue and asks again")
HANDLE_EVENT: Final = JobKind(
    "payments.handle_event", "hands an event of the payment processor to whoever owns its object", attempts=20
)
SYNC_CARDS: Final = JobKind("payments.sync_cards", "makes a user's saved cards equal to what the processor holds")
