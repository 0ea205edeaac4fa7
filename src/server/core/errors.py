"""Failures as types. A slice raises what it means; one mapper in `core.grpc.failures` knows the status codes.

Every reason is a name of `callsheet.common.v1.ErrorReason`, without its prefix; an architecture test compares the two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar, Self


class FailureKind(StrEnum):
    """What a failure means for the one who called, before any protocol gives it a number."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    ALREADY_EXISTS = "already_exists"
    PRECONDITION = "precondition"
    ABORTED = "aborted"
    EXHAUSTED = "exhausted"
    UNAVAILABLE = "unavailable"
    DEADLINE = "deadline"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule that one field breaks."""

    field: str
    rule: str


class Failure(Exception):
    """A foreseen failure: what kind, which reason, and what a client needs to react."""

    kind: ClassVar[FailureKind]
    reason: ClassVar[str]

    def __init__(
        self,
        message: str,
        *,
        metadata: Mapping[str, str] | None = None,
        violations: Sequence[Violation] = (),
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.metadata = dict(metadata or {})
        self.violations = tuple(violations)
        self.retry_after = retry_after

    def again(self) -> Self:
        """The same failure, to be raised once more. Where several wait for one thing each raises its own: an exception
        keeps the frames that it went through, and frames that name it keep each other.
        """
        other = self.__new__(type(self))
        Failure.__init__(
            other, self.message, metadata=self.metadata, violations=self.violations, retry_after=self.retry_after
        )
        return other


class FieldInvalid(Failure):
    """Fields break their rules."""

    kind = FailureKind.INVALID
    reason = "FIELD_INVALID"

    def __init__(self, *violations: Violation) -> None:
        first = violations[0]
        super().__init__(f"{first.field}: {first.rule}", violations=violations)


class MalformedRequest(Failure):
    """The bytes are not the message that the method takes."""

    kind = FailureKind.INVALID
    reason = "MALFORMED_REQUEST"

    def __init__(self, message_type: str) -> None:
        super().__init__(f"the request is not a valid {message_type}", metadata={"type": message_type})


class PageTokenInvalid(Failure):
    """The token was not issued for this caller, method and filter, or is too old."""

    kind = FailureKind.INVALID
    reason = "PAGE_TOKEN_INVALID"

    def __init__(self) -> None:
        super().__init__(
            "page_token: not issued for this request, or expired; start again without one",
            violations=[Violation("page_token", "must come from the previous page of the same listing")],
        )


class IdempotencyKeyReused(Failure):
    """A key stands for one request; this one has other content."""

    kind = FailureKind.INVALID
    reason = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self) -> None:
        super().__init__(
            "idempotency_key: was used before for a request with other content",
            violations=[Violation("idempotency_key", "must be new for new content")],
        )


class IdempotencyKeyInUse(Failure):
    """The first call with this key is still running."""

    kind = FailureKind.ABORTED
    reason = "IDEMPOTENCY_KEY_IN_USE"

    def __init__(self) -> None:
        super().__init__("a call with this idempotency key is still running", retry_after=timedelta(seconds=1))


class TokenMissing(Failure):
    """The method needs a token."""

    kind = FailureKind.UNAUTHENTICATED
    reason = "TOKEN_MISSING"

    def __init__(self) -> None:
        super().__init__("authorization: a bearer token is required")


class TokenInvalid(Failure):
    """The token is not one of ours."""

    kind = FailureKind.UNAUTHENTICATED
    reason = "TOKEN_INVALID"

    def __init__(self) -> None:
        super().__init__("authorization: the token is not valid here")


class TokenExpired(Failure):
    """The token is past its time."""

    kind = FailureKind.UNAUTHENTICATED
    reason = "TOKEN_EXPIRED"

    def __init__(self) -> None:
        super().__init__("authorization: the token has expired")


class RoleRequired(Failure):
    """None of the caller's roles is admitted."""

    kind = FailureKind.FORBIDDEN
    reason = "ROLE_REQUIRED"

    def __init__(self, roles: Sequence[str]) -> None:
        listed = ", ".join(roles)
        super().__init__(f"needs one of these roles: {listed}", metadata={"roles": listed})


class NotSelf(Failure):
    """The request names another person."""

    kind = FailureKind.FORBIDDEN
    reason = "NOT_SELF"

    def __init__(self, field: str) -> None:
        super().__init__(f"{field}: must be the caller", metadata={"field": field})


class DelegationForbidden(Failure):
    """Only a service acts on behalf of somebody."""

    kind = FailureKind.FORBIDDEN
    reason = "DELEGATION_FORBIDDEN"

    def __init__(self) -> None:
        super().__init__("x-on-behalf-of: only a service may act on behalf of a user")


class NotFound(Failure):
    """It does not exist, or the caller may not know that it does."""

    kind = FailureKind.NOT_FOUND
    reason = "NOT_FOUND"

    def __init__(self, resource: str) -> None:
        super().__init__(f"{resource} does not exist", metadata={"resource": resource})


class AlreadyExists(Failure):
    """Something with this identity is there already."""

    kind = FailureKind.ALREADY_EXISTS
    reason = "ALREADY_EXISTS"

    def __init__(self, resource: str) -> None:
        super().__init__(f"{resource} exists already", metadata={"resource": resource})


class IllegalTransition(Failure):
    """The machine has no such step from where the thing stands."""

    kind = FailureKind.PRECONDITION
    reason = "ILLEGAL_TRANSITION"

    def __init__(self, resource: str, status: str, event: str) -> None:
        super().__init__(
            f"{resource} is {status}: {event} is not possible from there",
            metadata={"resource": resource, "status": status, "event": event},
        )


class StaleVersion(Failure):
    """Somebody else changed it in between."""

    kind = FailureKind.ABORTED
    reason = "STALE_VERSION"

    def __init__(self, resource: str, newest: int) -> None:
        super().__init__(
            f"{resource} was changed in between; read it again",
            metadata={"resource": resource, "version": str(newest)},
        )


class Contention(Failure):
    """The transaction lost against concurrent ones as often as we try."""

    kind = FailureKind.ABORTED
    reason = "CONTENTION"

    def __init__(self) -> None:
        super().__init__("too many concurrent changes of the same thing", retry_after=timedelta(milliseconds=200))


class RateLimited(Failure):
    """The caller is over its rate."""

    kind = FailureKind.EXHAUSTED
    reason = "RATE_LIMITED"

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__("too many calls; slow down", retry_after=retry_after)


class PoolExhausted(Failure):
    """Every database connection is busy."""

    kind = FailureKind.EXHAUSTED
    reason = "POOL_EXHAUSTED"

    def __init__(self) -> None:
        super().__init__("the server is busy", retry_after=timedelta(milliseconds=500))


class MessageTooLarge(Failure):
    """More bytes than the server takes in one message."""

    kind = FailureKind.EXHAUSTED
    reason = "MESSAGE_TOO_LARGE"

    def __init__(self, limit: int) -> None:
        super().__init__(f"the message is larger than {limit} bytes", metadata={"limit": str(limit)})


class DependencyDown(Failure):
    """Something we depend on does not answer."""

    kind = FailureKind.UNAVAILABLE
    reason = "DEPENDENCY_DOWN"

    def __init__(self, dependency: str) -> None:
        super().__init__(
            f"{dependency} does not answer", metadata={"dependency": dependency}, retry_after=timedelta(seconds=1)
        )


class DeadlineExceeded(Failure):
    """The caller's deadline passed first."""

    kind = FailureKind.DEADLINE
    reason = "DEADLINE_EXCEEDED"

    def __init__(self) -> None:
        super().__init__("the deadline passed before the work was done; nothing was stored")


class SignatureInvalid(Failure):
    """A webhook that its sender did not sign, or not lately."""

    kind = FailureKind.INVALID
    reason = "SIGNATURE_INVALID"

    def __init__(self) -> None:
        super().__init__("stripe-signature: does not verify, or is too old")


class Internal(Failure):
    """A defect of ours. The text is constant; the correlation id finds the story in the log."""

    kind = FailureKind.INTERNAL
    reason = "INTERNAL"

    def __init__(self) -> None:
        super().__init__("something went wrong on our side")
