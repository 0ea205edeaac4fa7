"""What can go wrong with a dispute."""

from server.core.errors import Failure, FailureKind


class FourEyes(Failure):
    """Who proposed a decision does not approve it."""

    kind = FailureKind.FORBIDDEN
    reason = "FOUR_EYES"

    def __init__(self) -> None:
        super().__init__("a decision is approved by another person than the one who proposed it")


class OwnDispute(Failure):
    """A party of the order does not decide about it."""

    kind = FailureKind.FORBIDDEN
    reason = "OWN_CASE"

    def __init__(self, dispute_id: str) -> None:
        super().__init__(f"{dispute_id}: a party of the order does not handle its dispute")
