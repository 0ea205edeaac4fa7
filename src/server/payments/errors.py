"""How this slice fails."""

from server.core.errors import Failure, FailureKind


class CallKeyMismatch(Failure):
    """A stored call's key was used again for other parameters: a defect of whoever made the key."""

    kind = FailureKind.INTERNAL
    reason = "INTERNAL"

    def __init__(self, key: str) -> None:
        super().__init__("something went wrong on our side")
        self.key = key


class OutcomePending(Failure):
    """The call was made or may have been, and nobody knows yet how it ended; a job finds out."""

    kind = FailureKind.UNAVAILABLE
    reason = "DEPENDENCY_DOWN"

    def __init__(self, code: str) -> None:
        super().__init__("the payment processor does not answer", metadata={"dependency": "stripe"})
        self.code = code


class CallFailed(Failure):
    """The processor refused what we asked of it for good, where no refusal was to be expected."""

    kind = FailureKind.INTERNAL
    reason = "INTERNAL"

    def __init__(self, code: str) -> None:
        super().__init__("something went wrong on our side")
        self.code = code
