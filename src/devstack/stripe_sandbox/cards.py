"""The test cards: which token stands for which number, and what its issuer does."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

from devstack.stripe_sandbox.values import Document


class Authentication(StrEnum):
    """When the issuer asks the cardholder to prove who pays."""

    NEVER = "never"
    UNTIL_SET_UP = "until_set_up"
    ALWAYS = "always"


class RefundFate(StrEnum):
    """What becomes of a refund to the card."""

    SUCCEEDS = "succeeds"
    PENDS = "pends"
    FAILS = "fails"


@dataclass(frozen=True, slots=True)
class Decline:
    """An issuer's no."""

    code: str
    decline_code: str | None
    message: str


@dataclass(frozen=True, slots=True)
class DisputeFate:
    """What the cardholder files right after a charge is captured."""

    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class TestCard:
    """One card and its issuer's behaviour."""

    token: str
    number: str
    brand: str = "visa"
    decline: Decline | None = None
    attachable: bool = True
    authentication: Authentication = Authentication.NEVER
    refund: RefundFate = RefundFate.SUCCEEDS
    dispute: DisputeFate | None = None
    fraud_warning: bool = False
    available_at_once: bool = False

    @property
    def fingerprint(self) -> str:
        """The same for every payment method made of this number."""
        return sha256(self.number.encode()).hexdigest()[:16]

    def document(self) -> Document:
        return {
            "brand": self.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "US",
            "display_brand": self.brand,
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": self.fingerprint,
            "funding": "credit",
            "last4": self.number[-4:],
            "networks": {"available": [self.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        }


_GENERIC = Decline("card_declined", "generic_decline", "Your card was declined.")
_NO_FUNDS = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")

CARDS: Final = (
    TestCard("pm_card_visa", "4242424242424242"),
    TestCard("pm_card_visa_debit", "4000056655665556"),
    TestCard("pm_card_mastercard", "5555555555554444", brand="mastercard"),
    TestCard("pm_card_amex", "378282246310005", brand="amex"),
    TestCard("pm_card_bypassPending", "4000000000000077", available_at_once=True),
    TestCard("pm_card_chargeDeclined", "4000000000000002", decline=_GENERIC, attachable=False),
    TestCard("pm_card_chargeCustomerFail", "4000000000000341", decline=_GENERIC),
    TestCard("pm_card_visa_chargeDeclined", "4000000000000002", decline=_GENERIC, attachable=False),
    TestCard("pm_card_chargeDeclinedInsufficientFunds", "4000000000009995", decline=_NO_FUNDS, attachable=False),
    TestCard(
        "pm_card_visa_chargeDeclinedLostCard",
        "4000000000009987",
        decline=Decline("card_declined", "lost_card", "Your card was declined."),
        attachable=False,
    ),
    TestCard(
        "pm_card_chargeDeclinedExpiredCard",
        "4000000000000069",
        decline=Decline("expired_card", None, "Your card has expired."),
        attachable=False,
    ),
    TestCard(
        "pm_card_chargeDeclinedIncorrectCvc",
        "4000000000000127",
        decline=Decline("incorrect_cvc", None, "Your card's security code is incorrect."),
        attachable=False,
    ),
    TestCard(
        "pm_card_chargeDeclinedProcessingError",
        "4000000000000119",
        decline=Decline("processing_error", None, "An error occurred while processing your card. Try again later."),
        attachable=False,
    ),
    TestCard("pm_card_authenticationRequired", "4000002760003184", authentication=Authentication.ALWAYS),
    TestCard("pm_card_authenticationRequiredOnSetup", "4000002500003155", authentication=Authentication.UNTIL_SET_UP),
    TestCard(
        "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        "4000008260003178",
        authentication=Authentication.ALWAYS,
        decline=_NO_FUNDS,
    ),
    TestCard("pm_card_threeDSecure2Required", "4000000000003220", authentication=Authentication.UNTIL_SET_UP),
    TestCard("pm_card_createDispute", "4000000000000259", dispute=DisputeFate("needs_response", "fraudulent")),
    TestCard(
        "pm_card_createDisputeProductNotReceived",
        "4000000000002685",
        dispute=DisputeFate("needs_response", "product_not_received"),
    ),
    TestCard(
        "pm_card_createDisputeInquiry",
        "4000000000001976",
        dispute=DisputeFate("warning_needs_response", "product_not_received"),
    ),
    TestCard("pm_card_createIssuerFraudRecord", "4000000000005423", fraud_warning=True),
    TestCard("pm_card_pendingRefund", "4000000000007726", refund=RefundFate.PENDS),
    TestCard("pm_card_refundFail", "4000000000005126", refund=RefundFate.FAILS),
)

BY_TOKEN: Final[Mapping[str, TestCard]] = {card.token: card for card in CARDS}
BY_NUMBER: Final[Mapping[str, TestCard]] = {card.number: card for card in reversed(CARDS)}
BY_FINGERPRINT: Final[Mapping[str, TestCard]] = {card.fingerprint: card for card in reversed(CARDS)}
