"""What can go wrong with an order's money."""

from server.core.errors import Failure, FailureKind


class RefundExceedsPaid(Failure):
    """More was to go back than is left of what was paid."""

    kind = FailureKind.PRECONDITION
    reason = "REFUND_EXCEEDS_PAID"

    def __init__(self, order_id: str, left_cents: int) -> None:
        super().__init__(
            f"{order_id} has {left_cents} cents left to give back",
            metadata={"order_id": order_id, "left_cents": str(left_cents)},
        )


class ChargebackOpen(Failure):
    """The card's bank is asked about the charge, and the processor lets nobody refund it meanwhile."""

    kind = FailureKind.PRECONDITION
    reason = "CHARGEBACK_OPEN"

    def __init__(self, order_id: str) -> None:
        super().__init__(
            f"a chargeback on {order_id} is open: its outcome decides who gets the money",
            metadata={"order_id": order_id},
        )


class DisputeDecides(Failure):
    """While a dispute is open its decision is the only way to give something back."""

    kind = FailureKind.PRECONDITION
    reason = "DISPUTE_DECIDES"

    def __init__(self, order_id: str) -> None:
        super().__init__(f"{order_id} is disputed: the decision gives back", metadata={"order_id": order_id})


class CardUnusable(Failure):
    """The card is not one of the buyer's saved ones, or was given up."""

    kind = FailureKind.PRECONDITION
    reason = "CARD_UNUSABLE"

    def __init__(self, payment_method_id: str) -> None:
        super().__init__(
            "payment_method_id: not one of your saved cards", metadata={"payment_method_id": payment_method_id}
        )


class ExtraPending(Failure):
    """An adjustment waits to be paid; the next one is priced on top of it."""

    kind = FailureKind.PRECONDITION
    reason = "EXTRA_PENDING"

    def __init__(self, order_id: str, payment_id: str) -> None:
        super().__init__(
            f"{payment_id} of {order_id} has to be paid or given up first",
            metadata={"order_id": order_id, "payment_id": payment_id},
        )


class NothingToPay(Failure):
    """The order has no payment that its buyer could make now."""

    kind = FailureKind.PRECONDITION
    reason = "NOTHING_TO_PAY"

    def __init__(self, order_id: str) -> None:
        super().__init__(f"{order_id} has no payment to make", metadata={"order_id": order_id})
