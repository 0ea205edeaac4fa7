"""What can go wrong with an order, beyond what every slice knows."""

from server.core.errors import Failure, FailureKind


class QuoteChanged(Failure):
    """The price is no longer the one the buyer saw."""

    kind = FailureKind.PRECONDITION
    reason = "QUOTE_CHANGED"

    def __init__(self, total_cents: int, quote_hash: str) -> None:
        super().__init__(
            "the price has changed since the quote; show the new one to the buyer",
            metadata={"total_cents": str(total_cents), "quote_hash": quote_hash},
        )


class LimitReached(Failure):
    """Somebody has as many of a thing as anybody may have."""

    kind = FailureKind.EXHAUSTED
    reason = "LIMIT_REACHED"

    def __init__(self, things: str, limit: int) -> None:
        super().__init__(f"at most {limit} {things}", metadata={"things": things, "limit": str(limit)})
