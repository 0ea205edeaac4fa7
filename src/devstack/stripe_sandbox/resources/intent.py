"""The payment intent: one payment on its way from a wish to captured money."""

from dataclasses import dataclass, field, replace
from typing import ClassVar

from devstack.stripe_sandbox.errors import StripeError, unexpected_state
from devstack.stripe_sandbox.store import Resource, Store
from devstack.stripe_sandbox.values import Document, Json


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentIntent(Resource):
    """One payment; `client_secret` lets the payer's own device take part in it."""

    object: ClassVar[str] = "payment_intent"
    prefix: ClassVar[str] = "pi_"
    noun: ClassVar[str] = "payment_intent"
    expandable: ClassVar[frozenset[str]] = frozenset({"latest_charge", "payment_method", "customer"})

    amount: int
    amount_capturable: int = 0
    amount_received: int = 0
    automatic_payment_methods: Document | None = None
    canceled_at: int | None = None
    cancellation_reason: str | None = None
    capture_method: str
    client_secret: str
    confirmation_method: str = "automatic"
    currency: str
    customer: str | None = None
    description: str | None = None
    last_payment_error: Document | None = None
    latest_charge: str | None = None
    next_action: Document | None = None
    payment_method: str | None = None
    allowed_payment_method_types: list[Json] | None = None
    payment_method_types: list[Json] = field(default_factory=lambda: ["card"])
    receipt_email: str | None = None
    setup_future_usage: str | None = None
    statement_descriptor_suffix: str | None = None
    status: str
    transfer_group: str | None = None

    def document(self, store: Store) -> Document:
        return {**Resource.document(self, store), "application": None, "on_behalf_of": None, "processing": None}

    def require(self, doing: str, *statuses: str) -> None:
        """Refuses the step unless the intent stands at one of these."""
        if self.status not in statuses:
            refusal = unexpected_state(self.object, self.id, doing, self.status)
            raise StripeError(refusal.message, code=refusal.code, attached={"payment_intent": {"id": self.id}})

    def after_failure(self, error: Document, charge: str | None) -> "PaymentIntent":
        """Back to where another payment method may be tried."""
        return replace(
            self,
            status="requires_payment_method",
            payment_method=None,
            next_action=None,
            last_payment_error=error,
            latest_charge=charge or self.latest_charge,
        )
