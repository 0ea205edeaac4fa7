"""The kinds of jobs about withdrawals, apart from their handlers so that use cases can name them."""

from server.core.jobs import JobKind

FOLLOW_WITHDRAWAL = JobKind(
    "promo.follow_withdrawal", "waits for the click stream to take or refuse a withdrawal, and sends it on", attempts=20
)
REFUND_ANSWERED = JobKind("promo.refund_answered", "keeps what the payment processor answered to a refund", attempts=20)
