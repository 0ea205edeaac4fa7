"""The one place that knows status codes: a failure becomes a `google.rpc.Status` with an `ErrorInfo` in its details."""

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode

from server.core.errors import Failure, FailureKind

DOMAIN = "callsheet"
DETAILS_KEY = "grpc-status-details-bin"

CODES = {
    FailureKind.INVALID: StatusCode.INVALID_ARGUMENT,
    FailureKind.UNAUTHENTICATED: StatusCode.UNAUTHENTICATED,
    FailureKind.FORBIDDEN: StatusCode.PERMISSION_DENIED,
    FailureKind.NOT_FOUND: StatusCode.NOT_FOUND,
    FailureKind.ALREADY_EXISTS: StatusCode.ALREADY_EXISTS,
    FailureKind.PRECONDITION: StatusCode.FAILED_PRECONDITION,
    FailureKind.ABORTED: StatusCode.ABORTED,
    FailureKind.EXHAUSTED: StatusCode.RESOURCE_EXHAUSTED,
    FailureKind.UNAVAILABLE: StatusCode.UNAVAILABLE,
    FailureKind.DEADLINE: StatusCode.DEADLINE_EXCEEDED,
    FailureKind.INTERNAL: StatusCode.INTERNAL,
}


def code_of(failure: Failure) -> StatusCode:
    return CODES[failure.kind]


def status_of(failure: Failure, correlation_id: str) -> status_pb2.Status:
    """The failure as clients see it: reason and metadata always, violations and the pause where there are any."""
    details: list[Message] = [
        error_details_pb2.ErrorInfo(
            reason=failure.reason, domain=DOMAIN, metadata={**failure.metadata, "correlation_id": correlation_id}
        )
    ]
    if failure.violations:
        details.append(
            error_details_pb2.BadRequest(
                field_violations=[
                    error_details_pb2.BadRequest.FieldViolation(field=violation.field, description=violation.rule)
                    for violation in failure.violations
                ]
            )
        )
    if failure.retry_after is not None:
        pause = Duration()
        pause.FromTimedelta(failure.retry_after)
        details.append(error_details_pb2.RetryInfo(retry_delay=pause))
    number: int = code_of(failure).value[0]
    return status_pb2.Status(code=number, message=failure.message, details=[_packed(detail) for detail in details])


def _packed(detail: Message) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(detail)
    return packed
