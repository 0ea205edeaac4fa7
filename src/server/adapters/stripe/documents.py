"""Reads Stripe's documents into our objects. Fields that are missing or new do not disturb it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from server.adapters.stripe import objects

Document: TypeAlias = Mapping[str, object]


def text(document: Document, name: str) -> str:
    """The text of a field, empty where there is none."""
    value = document.get(name)
    return value if isinstance(value, str) else ""


def maybe_text(document: Document, name: str) -> str | None:
    return text(document, name) or None


def integer(document: Document, name: str) -> int:
    value = document.get(name)
    return value if isinstance(value, int) else 0


def flag(document: Document, name: str) -> bool:
    return document.get(name) is True


def instant(document: Document, name: str) -> datetime | None:
    seconds = integer(document, name)
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def child(document: Document, name: str) -> Document:
    """A nested document, empty where there is none."""
    value = document.get(name)
    return value if isinstance(value, Mapping) else {}


def children(document: Document, name: str) -> tuple[Document, ...]:
    value = document.get(name)
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return tuple(item for item in value if isinstance(item, Mapping))


def reference(document: Document, name: str) -> str | None:
    """The id of something that is either named or shown whole."""
    value = document.get(name)
    return maybe_text(value, "id") if isinstance(value, Mapping) else maybe_text(document, name)


def metadata(document: Document) -> dict[str, str]:
    return {str(name): str(value) for name, value in child(document, "metadata").items()}


def customer(document: Document) -> objects.Customer:
    return objects.Customer(id=text(document, "id"), deleted=flag(document, "deleted"), metadata=metadata(document))


def payment_method(document: Document) -> objects.PaymentMethod:
    return objects.PaymentMethod(
        id=text(document, "id"), customer_id=reference(document, "customer"), card=_card(child(document, "card"))
    )


def _card(document: Document) -> objects.Card | None:
    if not text(document, "last4"):
        return None
    return objects.Card(
        brand=text(document, "brand"),
        last4=text(document, "last4"),
        exp_month=integer(document, "exp_month"),
        exp_year=integer(document, "exp_year"),
        fingerprint=text(document, "fingerprint"),
    )


def setup_intent(document: Document) -> objects.SetupIntent:
    return objects.SetupIntent(
        id=text(document, "id"),
        status=objects.SetupIntentStatus(text(document, "status")),
        raw_status=text(document, "status"),
        customer_id=reference(document, "customer"),
        payment_method_id=reference(document, "payment_method"),
        next_action=_next_action(document),
        last_error=_error(child(document, "last_setup_error")),
        metadata=metadata(document),
        client_secret=text(document, "client_secret"),
    )


def payment_intent(document: Document) -> objects.PaymentIntent:
    latest = child(document, "latest_charge")
    return objects.PaymentIntent(
        id=text(document, "id"),
        status=objects.PaymentIntentStatus(text(document, "status")),
        raw_status=text(document, "status"),
        amount_cents=integer(document, "amount"),
        amount_capturable_cents=integer(document, "amount_capturable"),
        amount_received_cents=integer(document, "amount_received"),
        currency=text(document, "currency"),
        customer_id=reference(document, "customer"),
        payment_method_id=reference(document, "payment_method"),
        latest_charge=charge(latest) if latest else None,
        next_action=_next_action(document),
        last_error=_error(child(document, "last_payment_error")),
        transfer_group=maybe_text(document, "transfer_group"),
        metadata=metadata(document),
        client_secret=text(document, "client_secret"),
    )


def _next_action(document: Document) -> objects.NextAction | None:
    action = child(document, "next_action")
    if not action:
        return None
    return objects.NextAction(
        type=text(action, "type"), redirect_url=maybe_text(child(action, "redirect_to_url"), "url")
    )


def _error(document: Document) -> objects.PaymentError | None:
    if not document:
        return None
    return objects.PaymentError(code=text(document, "code"), decline_code=maybe_text(document, "decline_code"))


def charge(document: Document) -> objects.Charge:
    card = child(child(document, "payment_method_details"), "card")
    return objects.Charge(
        id=text(document, "id"),
        amount_cents=integer(document, "amount"),
        amount_captured_cents=integer(document, "amount_captured"),
        amount_refunded_cents=integer(document, "amount_refunded"),
        currency=text(document, "currency"),
        captured=flag(document, "captured"),
        refunded=flag(document, "refunded"),
        disputed=flag(document, "disputed"),
        status=text(document, "status"),
        failure_code=maybe_text(document, "failure_code"),
        payment_intent_id=reference(document, "payment_intent"),
        customer_id=reference(document, "customer"),
        payment_method_id=reference(document, "payment_method"),
        transfer_group=maybe_text(document, "transfer_group"),
        balance_transaction_id=reference(document, "balance_transaction"),
        capture_before=instant(card, "capture_before"),
        card=_card(card),
        metadata=metadata(document),
    )


def refund(document: Document) -> objects.Refund:
    return objects.Refund(
        id=text(document, "id"),
        status=objects.RefundStatus(text(document, "status")),
        raw_status=text(document, "status"),
        amount_cents=integer(document, "amount"),
        currency=text(document, "currency"),
        charge_id=reference(document, "charge"),
        payment_intent_id=reference(document, "payment_intent"),
        failure_reason=maybe_text(document, "failure_reason"),
        metadata=metadata(document),
    )


def account(document: Document) -> objects.Account:
    requirements = child(document, "requirements")
    due = requirements.get("currently_due")
    return objects.Account(
        id=text(document, "id"),
        payouts_enabled=flag(document, "payouts_enabled"),
        charges_enabled=flag(document, "charges_enabled"),
        details_submitted=flag(document, "details_submitted"),
        transfers_active=text(child(document, "capabilities"), "transfers") == "active",
        disabled_reason=maybe_text(requirements, "disabled_reason"),
        currently_due=tuple(str(item) for item in due) if isinstance(due, list) else (),
        metadata=metadata(document),
    )


def account_link(document: Document) -> objects.AccountLink:
    expires_at = instant(document, "expires_at") or datetime.fromtimestamp(0, UTC)
    return objects.AccountLink(url=text(document, "url"), expires_at=expires_at)


def transfer(document: Document) -> objects.Transfer:
    return objects.Transfer(
        id=text(document, "id"),
        amount_cents=integer(document, "amount"),
        amount_reversed_cents=integer(document, "amount_reversed"),
        reversed=flag(document, "reversed"),
        currency=text(document, "currency"),
        account_id=reference(document, "destination"),
        source_charge_id=reference(document, "source_transaction"),
        transfer_group=maybe_text(document, "transfer_group"),
        metadata=metadata(document),
    )


def transfer_reversal(document: Document) -> objects.TransferReversal:
    return objects.TransferReversal(
        id=text(document, "id"),
        amount_cents=integer(document, "amount"),
        currency=text(document, "currency"),
        transfer_id=reference(document, "transfer") or "",
        metadata=metadata(document),
    )


def dispute(document: Document) -> objects.Dispute:
    evidence = child(document, "evidence_details")
    moved = [integer(movement, "amount") for movement in children(document, "balance_transactions")]
    return objects.Dispute(
        id=text(document, "id"),
        status=objects.DisputeStatus(text(document, "status")),
        raw_status=text(document, "status"),
        reason=text(document, "reason"),
        amount_cents=integer(document, "amount"),
        currency=text(document, "currency"),
        charge_id=reference(document, "charge") or "",
        payment_intent_id=reference(document, "payment_intent"),
        is_charge_refundable=flag(document, "is_charge_refundable"),
        due_by=instant(evidence, "due_by"),
        has_evidence=flag(evidence, "has_evidence"),
        submission_count=integer(evidence, "submission_count"),
        withdrawn_cents=-sum(amount for amount in moved if amount < 0),
        reinstated_cents=sum(amount for amount in moved if amount > 0),
        metadata=metadata(document),
    )


def early_fraud_warning(document: Document) -> objects.EarlyFraudWarning:
    return objects.EarlyFraudWarning(
        id=text(document, "id"),
        actionable=flag(document, "actionable"),
        fraud_type=text(document, "fraud_type"),
        charge_id=reference(document, "charge") or "",
        payment_intent_id=reference(document, "payment_intent"),
    )


def balance_transaction(document: Document) -> objects.BalanceTransaction:
    created_at = instant(document, "created") or datetime.fromtimestamp(0, UTC)
    return objects.BalanceTransaction(
        id=text(document, "id"),
        kind=text(document, "type"),
        amount_cents=integer(document, "amount"),
        fee_cents=integer(document, "fee"),
        net_cents=integer(document, "net"),
        currency=text(document, "currency"),
        source_id=reference(document, "source"),
        created_at=created_at,
        available_at=instant(document, "available_on") or created_at,
        pending=text(document, "status") == "pending",
    )


def balance(document: Document) -> objects.Balance:
    return objects.Balance(
        available_cents=_by_currency(document, "available"), pending_cents=_by_currency(document, "pending")
    )


def _by_currency(document: Document, name: str) -> dict[str, int]:
    return {text(part, "currency"): integer(part, "amount") for part in children(document, name)}
