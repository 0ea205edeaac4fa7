"""The kinds of the refunds' jobs, apart from their handlers."""

from server.core.jobs import JobKind

SETTLED = JobKind("support.refund_settled", "mirrors what became of a refund that support approved, and moves its case")
