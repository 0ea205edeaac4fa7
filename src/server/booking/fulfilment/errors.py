"""What can go wrong between the confirmation and the payout."""

from datetime import datetime

from server.core.errors import Failure, FailureKind


class OtherSideOnly(Failure):
    """A party of the order does what only the other one may."""

    kind = FailureKind.FORBIDDEN
    reason = "OTHER_SIDE_ONLY"

    def __init__(self, order_id: str, side: str) -> None:
        super().__init__(f"{order_id}: only the {side} may do that", metadata={"resource": order_id, "side": str(side)})


class TooEarly(Failure):
    """The moment from which it may be done has not come."""

    kind = FailureKind.PRECONDITION
    reason = "TOO_EARLY"

    def __init__(self, resource: str, not_before: datetime) -> None:
        super().__init__(
            f"{resource}: not before {not_before.isoformat()}",
            metadata={"resource": resource, "not_before": not_before.isoformat()},
        )


class TooLate(Failure):
    """The time in which it could be done is over."""

    kind = FailureKind.PRECONDITION
    reason = "TOO_LATE"

    def __init__(self, resource: str, until: datetime) -> None:
        super().__init__(
            f"{resource}: that was possible until {until.isoformat()}",
            metadata={"resource": resource, "until": until.isoformat()},
        )


class ChangesExhausted(Failure):
    """The buyer has sent the delivery back as often as they may."""

    kind = FailureKind.PRECONDITION
    reason = "CHANGES_EXHAUSTED"

    def __init__(self, order_id: str, rounds: int) -> None:
        super().__init__(
            f"{order_id}: changes were asked for {rounds} times; complete the order or dispute it",
            metadata={"resource": order_id, "rounds": str(rounds)},
        )


class MilestonesUnsettled(Failure):
    """Milestones stand in the way: of a delivery those that are not delivered, of a completion those not settled."""

    kind = FailureKind.PRECONDITION
    reason = "MILESTONES_UNSETTLED"

    def __init__(self, order_id: str, milestone_ids: list[str]) -> None:
        super().__init__(
            f"{order_id}: first comes {milestone_ids[0]}",
            metadata={"resource": order_id, "milestones": ",".join(milestone_ids)},
        )
