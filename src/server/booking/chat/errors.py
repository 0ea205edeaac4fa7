"""What can go wrong with a chat."""

from server.core.errors import Failure, FailureKind


class ChatNotOpen(Failure):
    """The order has no thread: it opens with the confirmation."""

    kind = FailureKind.PRECONDITION
    reason = "CHAT_NOT_OPEN"

    def __init__(self, order_id: str) -> None:
        super().__init__(f"{order_id}: the chat opens when the order is confirmed", metadata={"resource": order_id})
