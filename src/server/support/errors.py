"""What can go wrong with a case, beyond what every slice knows."""

from server.core.errors import Failure, FailureKind


class CaseAlreadyOpen(Failure):
    """One case per type and order is enough."""

    kind = FailureKind.ALREADY_EXISTS
    reason = "CASE_ALREADY_OPEN"

    def __init__(self, case_id: str | None) -> None:
        super().__init__(
            "a case of this type about this order is open already",
            metadata={"case_id": case_id} if case_id else None,
        )


class CaseMerged(Failure):
    """The case is a signpost to another one."""

    kind = FailureKind.PRECONDITION
    reason = "CASE_MERGED"

    def __init__(self, case_id: str, merged_into: str) -> None:
        super().__init__(
            f"{case_id} was merged into {merged_into}; go on there",
            metadata={"case_id": case_id, "merged_into_case_id": merged_into},
        )


class OwnCase(Failure):
    """Nobody handles a case that they are a party of."""

    kind = FailureKind.FORBIDDEN
    reason = "OWN_CASE"

    def __init__(self, case_id: str) -> None:
        super().__init__(f"{case_id}: a party of a case does not handle it", metadata={"case_id": case_id})


class FourEyes(Failure):
    """Who asked for a decision may not make it."""

    kind = FailureKind.FORBIDDEN
    reason = "FOUR_EYES"

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}: another person must decide than the one who asked", metadata={"resource": what})


class ReopenTooLate(Failure):
    """A closed case can be reopened for a while only."""

    kind = FailureKind.PRECONDITION
    reason = "REOPEN_TOO_LATE"

    def __init__(self, case_id: str, until: str) -> None:
        super().__init__(
            f"{case_id} could be reopened until {until}; open a new case", metadata={"case_id": case_id, "until": until}
        )
