"""Turns what Stripe's SDK raises into failures that say what may be done next."""

import aiohttp
import stripe

from server.adapters.stripe import documents, failures
from server.adapters.stripe.documents import Document

_AUTHENTICATION = "authentication_required"


def failure_of(error: stripe.StripeError) -> failures.ProcessorFailure:
    """The failure that an error of the SDK stands for."""
    details = _details(error)
    code = error.code or documents.maybe_text(details, "code") or documents.maybe_text(details, "type") or "unknown"
    message, request_id = error.user_message or "", error.request_id
    failure: failures.ProcessorFailure
    match error:
        case stripe.CardError():
            failure = _declined(details, code, message, request_id)
        case stripe.RateLimitError():
            failure = failures.Unavailable("rate_limit", message, request_id=request_id)
        case stripe.AuthenticationError() | stripe.PermissionError():
            failure = failures.AccessDenied(code, message, request_id=request_id)
        case stripe.IdempotencyError():
            failure = failures.KeyReused("idempotency_error", message, request_id=request_id)
        case stripe.InvalidRequestError():
            failure = _refused(code, message, error.param, request_id)
        case stripe.APIConnectionError():
            failure = _not_connected(error)
        case _:
            failure = _their_side(error, code, message)
    return failure


def _details(error: stripe.StripeError) -> Document:
    body = error.json_body
    return documents.child(body, "error") if isinstance(body, dict) else {}


def _declined(details: Document, code: str, message: str, request_id: str | None) -> failures.Declined:
    kind = failures.AuthenticationRequired if code == _AUTHENTICATION else failures.Declined
    return kind(
        code,
        message,
        decline_code=documents.maybe_text(details, "decline_code"),
        payment_intent_id=documents.reference(details, "payment_intent"),
        charge_id=documents.reference(details, "charge"),
        request_id=request_id,
    )


def _refused(code: str, message: str, param: str | None, request_id: str | None) -> failures.Refused:
    match code:
        case "resource_missing":
            kind: type[failures.Refused] = failures.ObjectMissing
        case "balance_insufficient":
            kind = failures.InsufficientBalance
        case _:
            kind = failures.Refused
    return kind(code, message, param=param, request_id=request_id)


def _not_connected(error: stripe.APIConnectionError) -> failures.ProcessorFailure:
    """A connection that never came about carried nothing; one that broke may have."""
    if isinstance(error.__cause__, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
        return failures.Unavailable("not_reached", type(error.__cause__).__name__)
    return failures.OutcomeUnknown("no_answer", type(error.__cause__).__name__)


def _their_side(error: stripe.StripeError, code: str, message: str) -> failures.ProcessorFailure:
    if error.http_status == 409:
        return failures.Unavailable(code, message, request_id=error.request_id)
    replayed = (error.headers or {}).get("Idempotent-Replayed") == "true"
    return failures.OutcomeUnknown(code, message, replayed=replayed, request_id=error.request_id)
