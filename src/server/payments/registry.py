"""The table of every call that can be stored.

A lookup answers whether the thing happened. It is asked when the key is of no use any more, and what it does not find
is asked for again: so each errs on the side of a thing that is harmless, or refused, when it is done twice.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from server.adapters.stripe import objects, requests
from server.adapters.stripe.objects import PaymentIntentStatus
from server.adapters.stripe.port import PaymentProcessor
from server.payments.methods import CallMethod, Sought, call_method

_PAID: Final = frozenset({PaymentIntentStatus.SUCCEEDED, PaymentIntentStatus.PROCESSING})
_CONFIRMED: Final = _PAID | {PaymentIntentStatus.REQUIRES_CAPTURE, PaymentIntentStatus.REQUIRES_ACTION}


async def _deleted(
    processor: PaymentProcessor, request: requests.DeleteCustomer, sought: Sought
) -> objects.Customer | None:
    customer = await processor.customer(request.customer_id)
    return customer if customer.deleted else None


async def _attached(
    processor: PaymentProcessor, request: requests.AttachPaymentMethod, sought: Sought
) -> objects.PaymentMethod | None:
    method = await processor.payment_method(request.payment_method_id)
    return method if method.customer_id == request.customer_id else None


async def _detached(
    processor: PaymentProcessor, request: requests.DetachPaymentMethod, sought: Sought
) -> objects.PaymentMethod | None:
    method = await processor.payment_method(request.payment_method_id)
    return method if method.customer_id is None else None


async def _confirmed(
    processor: PaymentProcessor, request: requests.ConfirmPaymentIntent, sought: Sought
) -> objects.PaymentIntent | None:
    intent = await processor.payment_intent(request.payment_intent_id)
    return intent if intent.status in _CONFIRMED else None


async def _captured(
    processor: PaymentProcessor, request: requests.CapturePaymentIntent, sought: Sought
) -> objects.PaymentIntent | None:
    intent = await processor.payment_intent(request.payment_intent_id)
    return intent if intent.status in _PAID else None


async def _cancelled(
    processor: PaymentProcessor, request: requests.CancelPaymentIntent, sought: Sought
) -> objects.PaymentIntent | None:
    intent = await processor.payment_intent(request.payment_intent_id)
    return intent if intent.status is PaymentIntentStatus.CANCELED else None


async def _linked(
    processor: PaymentProcessor, request: requests.CreateAccountLink, sought: Sought
) -> objects.AccountLink | None:
    """Links cannot be looked up; another one is as good."""
    return None


async def _answered(
    processor: PaymentProcessor, request: requests.UpdateDispute, sought: Sought
) -> objects.Dispute | None:
    """Evidence is submitted once; a draft may be kept twice."""
    dispute = await processor.dispute(request.dispute_id)
    return dispute if request.submit and dispute.submission_count > 0 else None


async def _closed(
    processor: PaymentProcessor, request: requests.CloseDispute, sought: Sought
) -> objects.Dispute | None:
    dispute = await processor.dispute(request.dispute_id)
    return dispute if dispute.status is objects.DisputeStatus.LOST else None


def _payment(intent: objects.PaymentIntent) -> tuple[str, ...]:
    return (intent.id,) if intent.latest_charge is None else (intent.id, intent.latest_charge.id)


def _itself(made: objects.Customer | objects.SetupIntent | objects.Refund | objects.Account) -> tuple[str, ...]:
    return (made.id,)


def _transferred(made: objects.Transfer | objects.TransferReversal) -> tuple[str, ...]:
    return (made.id,)


_METHODS: Final[tuple[CallMethod, ...]] = (
    call_method(
        "customers.create",
        requests.CreateCustomer,
        objects.Customer,
        lambda processor, request, key: processor.create_customer(request, key=key),
        lambda processor, request, sought: processor.find_customer(sought.call_id, since=sought.since),
        _itself,
    ),
    call_method(
        "customers.delete",
        requests.DeleteCustomer,
        objects.Customer,
        lambda processor, request, key: processor.delete_customer(request, key=key),
        _deleted,
    ),
    call_method(
        "payment_methods.attach",
        requests.AttachPaymentMethod,
        objects.PaymentMethod,
        lambda processor, request, key: processor.attach_payment_method(request, key=key),
        _attached,
    ),
    call_method(
        "payment_methods.detach",
        requests.DetachPaymentMethod,
        objects.PaymentMethod,
        lambda processor, request, key: processor.detach_payment_method(request, key=key),
        _detached,
    ),
    call_method(
        "setup_intents.create",
        requests.CreateSetupIntent,
        objects.SetupIntent,
        lambda processor, request, key: processor.create_setup_intent(request, key=key),
        lambda processor, request, sought: processor.find_setup_intent(
            sought.call_id, customer_id=request.customer_id, since=sought.since
        ),
        _itself,
    ),
    call_method(
        "payment_intents.create",
        requests.CreatePaymentIntent,
        objects.PaymentIntent,
        lambda processor, request, key: processor.create_payment_intent(request, key=key),
        lambda processor, request, sought: processor.find_payment_intent(
            sought.call_id, customer_id=request.customer_id, since=sought.since
        ),
        _payment,
    ),
    call_method(
        "payment_intents.confirm",
        requests.ConfirmPaymentIntent,
        objects.PaymentIntent,
        lambda processor, request, key: processor.confirm_payment_intent(request, key=key),
        _confirmed,
        _payment,
    ),
    call_method(
        "payment_intents.capture",
        requests.CapturePaymentIntent,
        objects.PaymentIntent,
        lambda processor, request, key: processor.capture_payment_intent(request, key=key),
        _captured,
        _payment,
    ),
    call_method(
        "payment_intents.cancel",
        requests.CancelPaymentIntent,
        objects.PaymentIntent,
        lambda processor, request, key: processor.cancel_payment_intent(request, key=key),
        _cancelled,
        _payment,
    ),
    call_method(
        "refunds.create",
        requests.CreateRefund,
        objects.Refund,
        lambda processor, request, key: processor.create_refund(request, key=key),
        lambda processor, request, sought: processor.find_refund(sought.call_id, charge_id=request.charge_id),
        _itself,
    ),
    call_method(
        "accounts.create",
        requests.CreateAccount,
        objects.Account,
        lambda processor, request, key: processor.create_account(request, key=key),
        lambda processor, request, sought: processor.find_account(sought.call_id, since=sought.since),
        _itself,
    ),
    call_method(
        "account_links.create",
        requests.CreateAccountLink,
        objects.AccountLink,
        lambda processor, request, key: processor.create_account_link(request, key=key),
        _linked,
    ),
    call_method(
        "transfers.create",
        requests.CreateTransfer,
        objects.Transfer,
        lambda processor, request, key: processor.create_transfer(request, key=key),
        lambda processor, request, sought: processor.find_transfer(
            sought.call_id, transfer_group=request.transfer_group, since=sought.since
        ),
        _transferred,
    ),
    call_method(
        "transfer_reversals.create",
        requests.ReverseTransfer,
        objects.TransferReversal,
        lambda processor, request, key: processor.reverse_transfer(request, key=key),
        lambda processor, request, sought: processor.find_reversal(sought.call_id, transfer_id=request.transfer_id),
        _transferred,
    ),
    call_method(
        "disputes.update",
        requests.UpdateDispute,
        objects.Dispute,
        lambda processor, request, key: processor.update_dispute(request, key=key),
        _answered,
    ),
    call_method(
        "disputes.close",
        requests.CloseDispute,
        objects.Dispute,
        lambda processor, request, key: processor.close_dispute(request, key=key),
        _closed,
    ),
)

METHODS: Final[Mapping[str, CallMethod]] = MappingProxyType({method.name: method for method in _METHODS})
METHOD_OF: Final[Mapping[type[object], CallMethod]] = MappingProxyType({method.request: method for method in _METHODS})
