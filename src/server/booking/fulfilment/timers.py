"""The kinds of fulfilment's jobs, apart from their handlers."""

from server.core.jobs import JobKind

MILESTONE_SILENCE = JobKind(
    "booking.milestone_silence", "approves a delivered milestone about which the buyer said nothing for two weeks"
)
ORDER_COMPLETED = JobKind(
    "booking.order_completed", "tells Growth of a completed order, which may qualify an invitation"
)
ORDER_REVERSED = JobKind("booking.order_reversed", "tells Growth that an order earned nobody anything after all")
