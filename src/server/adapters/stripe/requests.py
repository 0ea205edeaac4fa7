"""What Callsheet asks the processor to do. Each request is a value: it can be stored before it is sent.

None of them carries personal data; a person is their id in `metadata`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, TypeAlias

CALL_REFERENCE: Final = "callsheet_call"
"""The metadata under which everything that we make names the stored call that made it."""


class CaptureMethod(StrEnum):
    """Whether money is taken at once, or only promised until it is captured."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"


class CancellationReason(StrEnum):
    """Why a payment is given up."""

    ABANDONED = "abandoned"
    DUPLICATE = "duplicate"
    FRAUDULENT = "fraudulent"
    REQUESTED_BY_CUSTOMER = "requested_by_customer"


class RefundReason(StrEnum):
    """Why money goes back."""

    DUPLICATE = "duplicate"
    FRAUDULENT = "fraudulent"
    REQUESTED_BY_CUSTOMER = "requested_by_customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCustomer:
    """A payer, by nothing but our id in the metadata."""

    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteCustomer:
    """Forgets a payer and their cards."""

    customer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachPaymentMethod:
    """Keeps a card for a payer."""

    payment_method_id: str
    customer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DetachPaymentMethod:
    """Gives a card up, for good."""

    payment_method_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSetupIntent:
    """Begins to save a card that may later be charged without its holder being there."""

    customer_id: str
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePaymentIntent:
    """Begins a payment; with `confirm` also tries to make it.

    `off_session` says that the payer is not there to prove anything. `save_card` keeps the card for such payments.
    """

    amount_cents: int
    currency: str
    customer_id: str | None = None
    payment_method_id: str | None = None
    capture: CaptureMethod = CaptureMethod.AUTOMATIC
    confirm: bool = False
    off_session: bool = False
    save_card: bool = False
    transfer_group: str | None = None
    description: str | None = None
    return_url: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPaymentIntent:
    """Tries to make a payment that was begun before, perhaps with another card."""

    payment_intent_id: str
    payment_method_id: str | None = None
    off_session: bool = False
    return_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturePaymentIntent:
    """Takes what was authorised, or a part; the rest is released."""

    payment_intent_id: str
    amount_cents: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPaymentIntent:
    """Gives a payment up; an authorisation is released."""

    payment_intent_id: str
    reason: CancellationReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRefund:
    """Sends money back to the card of one charge."""

    charge_id: str
    amount_cents: int
    reason: RefundReason | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAccount:
    """Somebody who is to be paid out; they complete the account themselves by a link."""

    country: str
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAccountLink:
    """A link to the hosted onboarding of an account, good for minutes."""

    account_id: str
    refresh_url: str
    return_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTransfer:
    """Moves money to a connected account. With a source it does not wait for the platform's balance."""

    amount_cents: int
    currency: str
    account_id: str
    source_charge_id: str | None = None
    transfer_group: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseTransfer:
    """Takes a part of a transfer back."""

    transfer_id: str
    amount_cents: int
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDispute:
    """Keeps evidence as a draft, or submits it, which can be done once."""

    dispute_id: str
    evidence: Mapping[str, str]
    submit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseDispute:
    """Gives in: the dispute is lost."""

    dispute_id: str


Request: TypeAlias = (
    CreateCustomer
    | DeleteCustomer
    | AttachPaymentMethod
    | DetachPaymentMethod
    | CreateSetupIntent
    | CreatePaymentIntent
    | ConfirmPaymentIntent
    | CapturePaymentIntent
    | CancelPaymentIntent
    | CreateRefund
    | CreateAccount
    | CreateAccountLink
    | CreateTransfer
    | ReverseTransfer
    | UpdateDispute
    | CloseDispute
)


def referring(request: Request, call_id: str) -> Request:
    """The request such that what it makes names the stored call; a request that makes nothing stays as it is."""
    match request:
        case (
            CreateCustomer()
            | CreateSetupIntent()
            | CreatePaymentIntent()
            | CreateRefund()
            | CreateAccount()
            | CreateTransfer()
            | ReverseTransfer()
        ):
            return replace(request, metadata={**request.metadata, CALL_REFERENCE: call_id})
        case _:
            return request
