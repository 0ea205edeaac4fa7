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


class EvidenceMissing(Failure):
    """Nothing was uploaded yet."""

    kind = FailureKind.PRECONDITION
    reason = "EVIDENCE_MISSING"

    def __init__(self, evidence_id: str) -> None:
        super().__init__(
            f"{evidence_id}: nothing was uploaded; use the link first", metadata={"evidence_id": evidence_id}
        )


class EvidenceRejected(Failure):
    """What was uploaded is not what was promised."""

    kind = FailureKind.PRECONDITION
    reason = "EVIDENCE_REJECTED"

    def __init__(self, evidence_id: str, problem: str) -> None:
        super().__init__(f"{evidence_id}: {problem}", metadata={"evidence_id": evidence_id, "problem": problem})


class TooMuchEvidence(Failure):
    """A case has room for so many files."""

    kind = FailureKind.EXHAUSTED
    reason = "LIMIT_REACHED"

    def __init__(self, limit: int) -> None:
        super().__init__(f"a case has at most {limit} files", metadata={"things": "evidence", "limit": str(limit)})


class LegalStepRefused(Failure):
    """The law's order of steps does not allow this one now."""

    kind = FailureKind.PRECONDITION
    reason = "LEGAL_STEP_REFUSED"

    def __init__(self, case_id: str, why: str) -> None:
        super().__init__(f"{case_id}: {why}", metadata={"case_id": case_id, "why": why})


class RefundRejected(Failure):
    """A refund that somebody refused is not tried again."""

    kind = FailureKind.PRECONDITION
    reason = "REFUND_REJECTED"

    def __init__(self, refund_id: str) -> None:
        super().__init__(f"{refund_id} was rejected; propose another one", metadata={"refund_id": refund_id})


class RefundUnderWay(Failure):
    """The processor is paying already, so that nothing else can be decided."""

    kind = FailureKind.PRECONDITION
    reason = "REFUND_UNDER_WAY"

    def __init__(self, case_id: str, refund_id: str) -> None:
        super().__init__(
            f"{case_id}: {refund_id} is on its way; wait for its end",
            metadata={"case_id": case_id, "refund_id": refund_id},
        )


class HoldExceedsPayable(Failure):
    """No more can be kept back than is still to be paid out."""

    kind = FailureKind.PRECONDITION
    reason = "HOLD_EXCEEDS_PAYABLE"

    def __init__(self, order_id: str, left_cents: int) -> None:
        super().__init__(
            f"{order_id}: {left_cents} cents are still to be paid out and not held",
            metadata={"order_id": order_id, "left_cents": str(left_cents)},
        )


class ChargebackAnswered(Failure):
    """A dispute is answered once: by evidence or by giving in."""

    kind = FailureKind.PRECONDITION
    reason = "CHARGEBACK_ANSWERED"

    def __init__(self, case_id: str, status: str) -> None:
        super().__init__(
            f"{case_id}: the dispute takes no answer any more (it is {status})",
            metadata={"case_id": case_id, "status": status},
        )


class DraftOutdated(Failure):
    """What would be submitted is not what was seen."""

    kind = FailureKind.ABORTED
    reason = "DRAFT_OUTDATED"

    def __init__(self, case_id: str, draft_hash: str) -> None:
        super().__init__(
            f"{case_id}: the draft is another one by now; read it again",
            metadata={"case_id": case_id, "draft_hash": draft_hash},
        )
