"""Refusals in Stripe's shape: a status, and an `error` with type, code, decline code, parameter and message."""

from devstack.stripe_sandbox.values import Document

DOCUMENTATION = "https://docs.stripe.com/error-codes/"


class StripeError(Exception):
    """A request that is refused.

    `keeps_effects` tells a refusal that is itself a result (a declined charge is recorded) from one that changes
    nothing.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        decline_code: str | None = None,
        attached: Document | None = None,
        keeps_effects: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.decline_code = decline_code
        self.attached = attached or {}
        self.keeps_effects = keeps_effects

    def document(self, request_id: str) -> Document:
        error: Document = {"message": self.message, "type": self.kind}
        if self.code is not None:
            error |= {"code": self.code, "doc_url": DOCUMENTATION + self.code.replace("_", "-")}
        if self.decline_code is not None:
            error["decline_code"] = self.decline_code
        if self.param is not None:
            error["param"] = self.param
        return {"error": {**error, **self.attached}}


def no_such(noun: str, identifier: str, param: str) -> StripeError:
    return StripeError(
        f"No such {noun}: '{identifier}'",
        status=404 if param in ("id", "intent") else 400,
        code="resource_missing",
        param=param,
    )


def unknown_route(method: str, path: str) -> StripeError:
    return StripeError(f"Unrecognized request URL ({method}: {path}).", status=404)


def unauthorized(message: str) -> StripeError:
    return StripeError(message, status=401)


def unexpected_state(resource: str, identifier: str, doing: str, status: str) -> StripeError:
    """The object stands where this step does not lead from."""
    return StripeError(
        f"This {resource.replace('_', ' ')} ({identifier}) could not be {doing} because it has a status of {status}.",
        code=f"{resource}_unexpected_state",
    )


def card_error(code: str, message: str, decline_code: str | None, attached: Document) -> StripeError:
    """The issuer said no. The attempt stays on record, so its effects are kept."""
    return StripeError(
        message,
        status=402,
        kind="card_error",
        code=code,
        decline_code=decline_code,
        attached=attached,
        keeps_effects=True,
    )


def idempotency_mismatch(key: str) -> StripeError:
    return StripeError(
        "Keys for idempotent requests can only be used with the same parameters they were first used with. "
        f"Try using a key other than '{key}' if you meant to execute a different request.",
        kind="idempotency_error",
    )


def key_in_use() -> StripeError:
    return StripeError(
        "There is currently another in-progress request using this Stripe-Idempotency-Key.",
        status=409,
        kind="idempotency_error",
        code="idempotency_key_in_use",
    )


def api_error() -> StripeError:
    return StripeError("An unknown error occurred", status=500, kind="api_error")


def rate_limited() -> StripeError:
    return StripeError("Request rate limit exceeded.", status=429, code="rate_limit")
