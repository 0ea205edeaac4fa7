"""The adapter and the sandbox against Stripe’s own word: its mock for requests, its description for documents."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import pytest

from devstack.stripe_sandbox.cards import CARDS
from devstack.stripe_sandbox.params import Nested, Shape
from devstack.stripe_sandbox.routes import API, Route
from server.adapters.stripe import requests as ask
from server.adapters.stripe.client import StripeProcessor
from server.adapters.stripe.failures import Declined
from server.adapters.stripe.port import PaymentProcessor
from server.core.clock import SystemClock
from tests.payments.sandbox import Keys, Sandbox, paid, payable
from tests.payments.stripe_mock import running_stripe_mock, specification

Made = Callable[[PaymentProcessor], Awaitable[object]]

NOW = SystemClock().now()
MARK = {"order": "ord_1"}
FULL = ask.CreatePaymentIntent(
    amount_cents=1_000,
    currency="usd",
    customer_id="cus_1",
    payment_method_id="pm_card_visa",
    capture=ask.CaptureMethod.MANUAL,
    confirm=True,
    save_card=True,
    transfer_group="ord_1",
    description="A day in the studio",
    return_url="https://callsheet.example/paid",
    metadata=MARK,
)
CONFIRM = ask.ConfirmPaymentIntent(
    payment_intent_id="pi_1", payment_method_id="pm_1", return_url="https://callsheet.example/paid"
)
REFUND = ask.CreateRefund(
    charge_id="ch_1", amount_cents=1, reason=ask.RefundReason.REQUESTED_BY_CUSTOMER, metadata=MARK
)
TRANSFER = ask.CreateTransfer(
    amount_cents=1, currency="usd", account_id="acct_1", source_charge_id="ch_1", transfer_group="g", metadata=MARK
)
EVIDENCE = ask.UpdateDispute(
    dispute_id="du_1",
    evidence={"product_description": "A day", "service_date": "2026-05-01", "uncategorized_text": "See the log"},
    submit=True,
)
LINK = ask.CreateAccountLink(account_id="acct_1", refresh_url="https://a.example", return_url="https://b.example")
REASON = ask.CancellationReason.ABANDONED

CALLS: Mapping[str, tuple[Made, ...]] = {
    "create_customer": (lambda p: p.create_customer(ask.CreateCustomer(metadata=MARK), key="k"),),
    "delete_customer": (lambda p: p.delete_customer(ask.DeleteCustomer(customer_id="cus_1"), key="k"),),
    "attach_payment_method": (
        lambda p: p.attach_payment_method(
            ask.AttachPaymentMethod(payment_method_id="pm_1", customer_id="cus_1"), key="k"
        ),
    ),
    "detach_payment_method": (
        lambda p: p.detach_payment_method(ask.DetachPaymentMethod(payment_method_id="pm_1"), key="k"),
    ),
    "create_setup_intent": (
        lambda p: p.create_setup_intent(ask.CreateSetupIntent(customer_id="cus_1", metadata=MARK), key="k"),
    ),
    "create_payment_intent": (
        lambda p: p.create_payment_intent(FULL, key="k"),
        lambda p: p.create_payment_intent(
            ask.CreatePaymentIntent(amount_cents=50, currency="usd", confirm=True, off_session=True), key="k"
        ),
    ),
    "confirm_payment_intent": (
        lambda p: p.confirm_payment_intent(CONFIRM, key="k"),
        lambda p: p.confirm_payment_intent(
            ask.ConfirmPaymentIntent(payment_intent_id="pi_1", off_session=True), key="k"
        ),
    ),
    "capture_payment_intent": (
        lambda p: p.capture_payment_intent(
            ask.CapturePaymentIntent(payment_intent_id="pi_1", amount_cents=50), key="k"
        ),
    ),
    "cancel_payment_intent": (
        lambda p: p.cancel_payment_intent(ask.CancelPaymentIntent(payment_intent_id="pi_1", reason=REASON), key="k"),
    ),
    "create_refund": (lambda p: p.create_refund(REFUND, key="k"),),
    "create_account": (lambda p: p.create_account(ask.CreateAccount(country="US", metadata=MARK), key="k"),),
    "create_account_link": (lambda p: p.create_account_link(LINK, key="k"),),
    "create_transfer": (lambda p: p.create_transfer(TRANSFER, key="k"),),
    "reverse_transfer": (
        lambda p: p.reverse_transfer(ask.ReverseTransfer(transfer_id="tr_1", amount_cents=1, metadata=MARK), key="k"),
    ),
    "update_dispute": (lambda p: p.update_dispute(EVIDENCE, key="k"),),
    "close_dispute": (lambda p: p.close_dispute(ask.CloseDispute(dispute_id="du_1"), key="k"),),
    "customer": (lambda p: p.customer("cus_1"),),
    "payment_method": (lambda p: p.payment_method("pm_1"),),
    "payment_methods": (lambda p: p.payment_methods("cus_1"),),
    "setup_intent": (lambda p: p.setup_intent("seti_1"),),
    "payment_intent": (lambda p: p.payment_intent("pi_1"),),
    "charge": (lambda p: p.charge("ch_1"),),
    "refund": (lambda p: p.refund("re_1"),),
    "account": (lambda p: p.account("acct_1"),),
    "transfer": (lambda p: p.transfer("tr_1"),),
    "dispute": (lambda p: p.dispute("du_1"),),
    "early_fraud_warning": (lambda p: p.early_fraud_warning("issfr_1"),),
    "balance": (lambda p: p.balance(), lambda p: p.balance("acct_1")),
    "balance_transactions": (
        lambda p: p.balance_transactions(),
        lambda p: p.balance_transactions(account_id="acct_1", after="txn_1", limit=5),
    ),
    "find_customer": (lambda p: p.find_customer("c", since=NOW),),
    "find_account": (lambda p: p.find_account("c", since=NOW),),
    "find_setup_intent": (lambda p: p.find_setup_intent("c", customer_id="cus_1", since=NOW),),
    "find_payment_intent": (
        lambda p: p.find_payment_intent("c", customer_id="cus_1", since=NOW),
        lambda p: p.find_payment_intent("c", customer_id=None, since=NOW),
    ),
    "find_refund": (lambda p: p.find_refund("c", charge_id="ch_1"),),
    "find_transfer": (
        lambda p: p.find_transfer("c", transfer_group="g", since=NOW),
        lambda p: p.find_transfer("c", transfer_group=None, since=NOW),
    ),
    "find_reversal": (lambda p: p.find_reversal("c", transfer_id="tr_1"),),
}


def test_no_call_of_the_port_is_left_out() -> None:
    assert set(CALLS) == {name for name in vars(PaymentProcessor) if not name.startswith("_")}


@pytest.fixture(scope="module")
def stripe_mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_stripe_mock(tmp_path_factory.mktemp("stripe-mock") / "log") as address:
        yield address


async def make(address: str, made: Made) -> None:
    processor = StripeProcessor("sk_test_123", api_base=address)
    try:
        await made(processor)
    finally:
        await processor.close()


@pytest.mark.parametrize("name", CALLS)
def test_the_official_mock_takes_every_request(stripe_mock: str, name: str) -> None:
    for made in CALLS[name]:
        asyncio.run(make(stripe_mock, made))


@pytest.fixture(scope="module")
def described() -> Mapping[str, Any]:
    return specification()


def operation(described: Mapping[str, Any], route: Route) -> Mapping[str, Any]:
    """Stripe's description of a route; it names the parts of a path in its own way."""
    paths = {re.sub(r"\{\w+\}", "{}", path): methods for path, methods in described["paths"].items()}
    found: Mapping[str, Any] = paths[re.sub(r"\{\w+\}", "{}", route.path)][route.method.lower()]
    return found


@pytest.mark.parametrize("route", API, ids=lambda route: f"{route.method} {route.path}")
def test_the_sandbox_takes_no_parameter_that_stripe_does_not(described: Mapping[str, Any], route: Route) -> None:
    method = operation(described, route)
    if route.method == "GET":
        known = {one["name"]: one.get("schema", {}) for one in method["parameters"] if one["in"] == "query"}
    else:
        content = method["requestBody"]["content"]["application/x-www-form-urlencoded"]
        known = content["schema"].get("properties", {})
    assert strange(route.shape, {"properties": known}) == []


def strange(shape: Shape, schema: Mapping[str, Any], within: str = "") -> list[str]:
    """Parameters of the shape that the schema does not have."""
    known: dict[str, Any] = {}
    for part in (schema, *schema.get("anyOf", ())):
        known |= part.get("properties", {})
    found: list[str] = []
    for name, kind in {**shape.optional, **shape.required}.items():
        if name not in known:
            found.append(f"{within}{name}")
        elif isinstance(kind, Nested):
            found += strange(kind.shape, known[name], f"{within}{name}.")
    return found


async def tell_every_story(sandbox: Sandbox, key: Keys) -> None:
    """Leaves objects of every kind in every state."""
    customer = await sandbox.processor.create_customer(ask.CreateCustomer(metadata=MARK), key=key())
    setup = await sandbox.processor.create_setup_intent(ask.CreateSetupIntent(customer_id=customer.id), key=key())
    await sandbox.raw("POST", f"/v1/setup_intents/{setup.id}/confirm", "payment_method=pm_card_visa")
    account = await payable(sandbox, key())
    for card in CARDS:
        try:
            _, charge = await paid(sandbox.processor, key(), card=card.token, customer_id=customer.id)
        except (Declined, AssertionError):
            continue
        if not (await sandbox.processor.charge(charge.id)).disputed:
            await sandbox.processor.create_refund(ask.CreateRefund(charge_id=charge.id, amount_cents=1), key=key())
        transfer = ask.CreateTransfer(
            amount_cents=100, currency="usd", account_id=account.id, source_charge_id=charge.id
        )
        made = await sandbox.processor.create_transfer(transfer, key=key())
        await sandbox.processor.reverse_transfer(ask.ReverseTransfer(transfer_id=made.id, amount_cents=1), key=key())
    manual, _ = await paid(sandbox.processor, key(), capture=ask.CaptureMethod.MANUAL)
    await sandbox.processor.cancel_payment_intent(
        ask.CancelPaymentIntent(payment_intent_id=manual.id, reason=REASON), key=key()
    )


async def test_every_document_is_as_stripe_describes_it(
    sandbox: Sandbox, key: Keys, described: Mapping[str, Any]
) -> None:
    await tell_every_story(sandbox, key)
    lists = [route.path for route in API if route.method == "GET" and "{" not in route.path]
    found: dict[str, set[str]] = {}
    for path in lists:
        _, document, _ = await sandbox.raw("GET", path if path == "/v1/balance" else f"{path}?limit=100")
        for one in document.get("data", [document]):
            found.setdefault(one["object"], set()).update(mismatches(described, one["object"], one))
    assert {kind: wrong for kind, wrong in found.items() if wrong} == {}
    assert set(found) >= {"payment_intent", "charge", "refund", "transfer", "dispute", "event", "balance_transaction"}


def mismatches(described: Mapping[str, Any], kind: str, document: Mapping[str, Any]) -> list[str]:
    """Fields that are missing, unknown to the description, of another type or with a value it does not list."""
    schema = described["components"]["schemas"][kind]
    properties = schema["properties"]
    found = [f"{name} is missing" for name in schema["required"] if name not in document]
    for name, value in document.items():
        if name not in properties:
            found.append(f"{name} is not known")
        elif value is None:
            found += [] if properties[name].get("nullable") else [f"{name} is null"]
        elif not fits(properties[name], value):
            found.append(f"{name} is {value!r}")
    return found


def fits(schema: Mapping[str, Any], value: object) -> bool:
    types = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
    if "anyOf" in schema:
        return any(fits(option, value) for option in schema["anyOf"])
    if "enum" in schema and value not in schema["enum"]:
        return False
    return isinstance(value, types.get(schema.get("type", "object"), object))
