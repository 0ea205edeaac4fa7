"""What can go wrong in growth, beyond what every slice knows."""

from server.core.errors import Failure, FailureKind


class LimitReached(Failure):
    """Somebody has as many of a thing as anybody may have."""

    kind = FailureKind.EXHAUSTED
    reason = "LIMIT_REACHED"

    def __init__(self, things: str, limit: int) -> None:
        super().__init__(f"at most {limit} {things}", metadata={"things": things, "limit": str(limit)})


class UnsubscribeTokenInvalid(Failure):
    """The link is not one of ours, or was cut off."""

    kind = FailureKind.INVALID
    reason = "UNSUBSCRIBE_TOKEN_INVALID"

    def __init__(self) -> None:
        super().__init__("token: is not from one of our mails; use the whole link")


class CreditInsufficient(Failure):
    """Less can be spent than was asked for."""

    kind = FailureKind.PRECONDITION
    reason = "CREDIT_INSUFFICIENT"

    def __init__(self, spendable_cents: int) -> None:
        super().__init__(
            f"only {spendable_cents} cents of credit can be spent", metadata={"spendable_cents": str(spendable_cents)}
        )


class CreditCurrencyMismatch(Failure):
    """Credit is not exchanged."""

    kind = FailureKind.PRECONDITION
    reason = "CREDIT_CURRENCY_MISMATCH"

    def __init__(self, currency: str) -> None:
        super().__init__(f"the credit is in {currency}", metadata={"currency": currency})


class CreditScopeMismatch(Failure):
    """There is enough credit, but not for this."""

    kind = FailureKind.PRECONDITION
    reason = "CREDIT_SCOPE_MISMATCH"

    def __init__(self, scope: str, spendable_cents: int) -> None:
        super().__init__(
            f"only {spendable_cents} cents of the credit may pay for {scope}",
            metadata={"scope": scope, "spendable_cents": str(spendable_cents)},
        )


class CreditReversalExceeded(Failure):
    """More would go back than was redeemed."""

    kind = FailureKind.PRECONDITION
    reason = "CREDIT_REVERSAL_EXCEEDED"

    def __init__(self, left_cents: int) -> None:
        super().__init__(
            f"only {left_cents} cents of this redemption can still be reversed",
            metadata={"left_cents": str(left_cents)},
        )


class InviteExpired(Failure):
    """The invitation was not accepted in time."""

    kind = FailureKind.PRECONDITION
    reason = "INVITE_EXPIRED"

    def __init__(self, invite_id: str) -> None:
        super().__init__("the invitation has expired", metadata={"resource": invite_id})


class InviteeNotNew(Failure):
    """Only somebody who is new can be brought."""

    kind = FailureKind.PRECONDITION
    reason = "INVITEE_NOT_NEW"

    def __init__(self) -> None:
        super().__init__("the account is older than the invitation, or was brought by another one")


class InviteNotForYou(Failure):
    """The programme is for others."""

    kind = FailureKind.PRECONDITION
    reason = "REFERRAL_KIND_MISMATCH"

    def __init__(self, kind: str) -> None:
        super().__init__(f"the programme is for {kind.replace('_', ' ')}", metadata={"kind": kind})


class ProgramInactive(Failure):
    """The programme has ended, or has not begun."""

    kind = FailureKind.PRECONDITION
    reason = "PROGRAM_INACTIVE"

    def __init__(self, program_id: str) -> None:
        super().__init__("the programme is not active", metadata={"resource": program_id})
