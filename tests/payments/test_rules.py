"""The rules of the API itself: keys, parameters, errors, pages, expansion, and answers that get lost."""

import pytest

from server.adapters.stripe import requests
from server.adapters.stripe.client import StripeProcessor
from server.adapters.stripe.failures import (
    AccessDenied,
    Declined,
    KeyReused,
    ObjectMissing,
    OutcomeUnknown,
    ProcessorFailure,
    Refused,
    Unavailable,
)
from server.core.clock import SystemClock
from tests.payments.sandbox import API_KEY, Keys, Sandbox, paid, payable, running_sandbox

CUSTOMER = requests.CreateCustomer(metadata={"user": "usr_1"})
CUSTOMERS = "/v1/customers"


async def customers(sandbox: Sandbox) -> int:
    _, found, _ = await sandbox.raw("GET", "/v1/customers?limit=100")
    return len(found["data"])


async def test_a_repeated_key_gets_the_stored_answer(sandbox: Sandbox) -> None:
    first = await sandbox.processor.create_customer(CUSTOMER, key="k")
    assert await sandbox.processor.create_customer(CUSTOMER, key="k") == first
    _, replay, headers = await sandbox.raw("POST", CUSTOMERS, "metadata[user]=usr_1", key="k")
    assert (replay["id"], headers["Idempotent-Replayed"]) == (first.id, "true")
    assert headers["Original-Request"].startswith("req_")
    assert headers["Original-Request"] != headers["Request-Id"]
    assert await customers(sandbox) == 1


async def test_a_key_stands_for_its_parameters(sandbox: Sandbox) -> None:
    await sandbox.processor.create_customer(CUSTOMER, key="k")
    with pytest.raises(KeyReused):
        await sandbox.processor.create_customer(requests.CreateCustomer(metadata={"user": "usr_2"}), key="k")
    assert await customers(sandbox) == 1


async def test_a_refusal_is_replayed_too(sandbox: Sandbox, key: Keys) -> None:
    with pytest.raises(Declined) as first:
        await paid(sandbox.processor, "k", card="pm_card_chargeDeclined")
    with pytest.raises(Declined) as second:
        await paid(sandbox.processor, "k", card="pm_card_chargeDeclined")
    assert first.value.payment_intent_id == second.value.payment_intent_id
    _, found, _ = await sandbox.raw("GET", "/v1/payment_intents")
    assert len(found["data"]) == 1


async def test_a_key_whose_parameters_were_never_valid_may_be_used_again(sandbox: Sandbox) -> None:
    status, _, _ = await sandbox.raw("POST", CUSTOMERS, "nonsense=1", key="k")
    assert status == 400
    status, _, _ = await sandbox.raw("POST", CUSTOMERS, "name=Ada", key="k")
    assert status == 200


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ("amount=100&currency=usd&nonsense=1", "parameter_unknown", "nonsense"),
        ("automatic_payment_methods[no]=1", "parameter_unknown", "automatic_payment_methods[no]"),
        ("currency=usd", "parameter_missing", "amount"),
        ("amount=much&currency=usd", "parameter_invalid_integer", "amount"),
        ("amount=100&currency=usd&capture_method=later", None, "capture_method"),
        ("amount=100&currency=usd&customer=cus_nobody", "resource_missing", "customer"),
    ],
)
async def test_parameters_are_refused_by_name(sandbox: Sandbox, form: str, code: str | None, param: str) -> None:
    status, answer, headers = await sandbox.raw("POST", "/v1/payment_intents", form)
    error = answer["error"]
    assert (status, error["type"], error.get("code"), error["param"]) == (400, "invalid_request_error", code, param)
    assert error["message"]
    assert headers["Request-Id"].startswith("req_")


async def test_a_foreign_key_to_the_api_is_denied(sandbox: Sandbox) -> None:
    stranger = StripeProcessor("sk_live_stolen", api_base=sandbox.address)
    with pytest.raises(AccessDenied):
        await stranger.customer("cus_1")
    await stranger.close()


async def test_an_unknown_address_is_said_to_be_one(sandbox: Sandbox) -> None:
    status, answer, _ = await sandbox.raw("POST", "/v1/subscriptions")
    assert (status, answer["error"]["message"]) == (404, "Unrecognized request URL (POST: /v1/subscriptions).")


async def test_metadata_is_merged_and_removed_by_empty_values(sandbox: Sandbox) -> None:
    made = await sandbox.processor.create_customer(CUSTOMER, key="k")
    _, after, _ = await sandbox.raw("POST", f"{CUSTOMERS}/{made.id}", "metadata[user]=&metadata[tier]=gold")
    assert after["metadata"] == {"tier": "gold"}
    _, after, _ = await sandbox.raw("POST", f"{CUSTOMERS}/{made.id}", "metadata=")
    assert after["metadata"] == {}


async def test_lists_come_in_pages_the_newest_first(sandbox: Sandbox, key: Keys) -> None:
    made = [(await sandbox.processor.create_customer(CUSTOMER, key=key())).id for _ in range(5)]
    _, first, _ = await sandbox.raw("GET", "/v1/customers?limit=2")
    assert ([one["id"] for one in first["data"]], first["has_more"]) == (made[:2:-1], True)
    _, rest, _ = await sandbox.raw("GET", f"/v1/customers?limit=3&starting_after={made[3]}")
    assert ([one["id"] for one in rest["data"]], rest["has_more"]) == (made[2::-1], False)
    _, back, _ = await sandbox.raw("GET", f"/v1/customers?limit=1&ending_before={made[0]}")
    assert ([one["id"] for one in back["data"]], back["has_more"]) == ([made[1]], True)
    status, refused, _ = await sandbox.raw("GET", "/v1/customers?limit=101")
    assert (status, refused["error"]["param"]) == (400, "limit")
    status, refused, _ = await sandbox.raw("GET", "/v1/customers?starting_after=cus_nobody")
    assert (status, refused["error"]["param"]) == (400, "starting_after")


async def test_ids_are_expanded_where_asked_for(sandbox: Sandbox, key: Keys) -> None:
    intent, charge = await paid(sandbox.processor, key(), 1_000)
    path = f"/v1/payment_intents/{intent.id}"
    _, plain, _ = await sandbox.raw("GET", path)
    assert plain["latest_charge"] == charge.id
    _, deep, _ = await sandbox.raw("GET", f"{path}?expand[]=latest_charge.balance_transaction&expand[]=payment_method")
    assert deep["latest_charge"]["balance_transaction"]["fee"] == 59
    assert deep["payment_method"]["card"]["last4"] == "4242"
    status, refused, _ = await sandbox.raw("GET", f"{path}?expand[]=currency")
    assert (status, refused["error"]["message"]) == (400, "This property cannot be expanded (currency).")
    _, listed, _ = await sandbox.raw("GET", "/v1/payment_intents?expand[]=data.latest_charge")
    assert listed["data"][0]["latest_charge"]["id"] == charge.id


async def attempt(sandbox: Sandbox, processor: StripeProcessor | None = None) -> ProcessorFailure:
    """The failure of making a customer under the key `k`."""
    try:
        made = await (processor or sandbox.processor).create_customer(CUSTOMER, key="k")
    except ProcessorFailure as failure:
        return failure
    raise AssertionError(f"it was to fail and made {made}")


@pytest.mark.parametrize(("fault", "happened"), [("drop_before", 0), ("drop_after", 1)])
async def test_a_cut_connection_leaves_the_outcome_unknown_and_the_key_settles_it(
    sandbox: Sandbox, fault: str, happened: int
) -> None:
    await sandbox.switches.fault(fault, CUSTOMERS)
    failure = await attempt(sandbox)
    assert isinstance(failure, OutcomeUnknown)
    assert (failure.code, failure.replayed) == ("no_answer", False)
    assert await customers(sandbox) == happened
    await sandbox.processor.create_customer(CUSTOMER, key="k")
    assert await customers(sandbox) == 1


@pytest.mark.parametrize(("fault", "happened"), [("hang_before", 0), ("hang_after", 1)])
async def test_an_answer_that_never_comes_is_not_waited_for(fault: str, happened: int) -> None:
    async with running_sandbox(answer_seconds=0.3) as sandbox:
        await sandbox.switches.fault(fault, CUSTOMERS)
        assert isinstance(await attempt(sandbox), OutcomeUnknown)
        assert await customers(sandbox) == happened
        await sandbox.processor.create_customer(CUSTOMER, key="k")
        assert await customers(sandbox) == 1


@pytest.mark.parametrize(("fault", "happened"), [("error_before", 0), ("error_after", 1)])
async def test_an_error_on_their_side_is_what_the_key_answers_from_then_on(
    sandbox: Sandbox, fault: str, happened: int
) -> None:
    await sandbox.switches.fault(fault, CUSTOMERS)
    first, second = await attempt(sandbox), await attempt(sandbox)
    assert isinstance(first, OutcomeUnknown)
    assert isinstance(second, OutcomeUnknown)
    assert (first.replayed, second.replayed) == (False, True)
    assert await customers(sandbox) == happened
    await sandbox.switches.post("idempotency_keys/forget")
    await sandbox.processor.create_customer(CUSTOMER, key="k")
    assert await customers(sandbox) == happened + 1


@pytest.mark.parametrize("fault", ["rate_limit", "key_in_use"])
async def test_what_did_not_begin_may_be_tried_again(sandbox: Sandbox, fault: str) -> None:
    await sandbox.switches.fault(fault, CUSTOMERS)
    assert isinstance(await attempt(sandbox), Unavailable)
    assert await customers(sandbox) == 0
    await sandbox.processor.create_customer(CUSTOMER, key="k")


async def test_a_503_leaves_the_outcome_unknown_and_the_key_free(sandbox: Sandbox) -> None:
    await sandbox.switches.fault("unavailable", CUSTOMERS)
    assert isinstance(await attempt(sandbox), OutcomeUnknown)
    await sandbox.processor.create_customer(CUSTOMER, key="k")
    assert await customers(sandbox) == 1


async def test_a_processor_that_is_not_there_was_not_reached(sandbox: Sandbox) -> None:
    elsewhere = StripeProcessor(API_KEY, api_base="http://127.0.0.1:1")
    assert isinstance(await attempt(sandbox, elsewhere), Unavailable)
    await elsewhere.close()


async def test_a_fault_lets_some_pass_and_strikes_some(sandbox: Sandbox, key: Keys) -> None:
    await sandbox.switches.fault("rate_limit", CUSTOMERS, skip=1, times=2)
    outcomes = []
    for _ in range(4):
        try:
            await sandbox.processor.create_customer(CUSTOMER, key=key())
        except Unavailable:
            outcomes.append("struck")
        else:
            outcomes.append("passed")
    assert outcomes == ["passed", "struck", "struck", "passed"]


async def test_what_a_call_made_is_found_by_its_reference(sandbox: Sandbox, key: Keys) -> None:
    """The only way to settle an outcome once its key is of no use."""
    processor, since = sandbox.processor, SystemClock().now()
    mark = {requests.CALL_REFERENCE: "spc_1"}
    customer = await processor.create_customer(requests.CreateCustomer(metadata=mark), key=key())
    setup = await processor.create_setup_intent(
        requests.CreateSetupIntent(customer_id=customer.id, metadata=mark), key=key()
    )
    intent, charge = await paid(processor, key(), customer_id=customer.id, metadata=mark, transfer_group="ord_1")
    refund = await processor.create_refund(
        requests.CreateRefund(charge_id=charge.id, amount_cents=100, metadata=mark), key=key()
    )
    account = await payable(sandbox, key())
    ours = await processor.create_account(requests.CreateAccount(country="US", metadata=mark), key=key())
    transfer = await processor.create_transfer(
        requests.CreateTransfer(
            amount_cents=500, currency="usd", account_id=account.id, source_charge_id=charge.id, metadata=mark
        ),
        key=key(),
    )
    reversal = await processor.reverse_transfer(
        requests.ReverseTransfer(transfer_id=transfer.id, amount_cents=100, metadata=mark), key=key()
    )
    for _ in range(3):
        await paid(processor, key(), customer_id=customer.id)
    assert await processor.find_customer("spc_1", since=since) == customer
    assert await processor.find_account("spc_1", since=since) == ours
    assert await processor.find_setup_intent("spc_1", customer_id=customer.id, since=since) == setup
    found = await processor.find_payment_intent("spc_1", customer_id=customer.id, since=since)
    assert found is not None
    assert (found.id, found.latest_charge and found.latest_charge.id) == (intent.id, charge.id)
    assert await processor.find_refund("spc_1", charge_id=charge.id) == refund
    found_transfer = await processor.find_transfer("spc_1", transfer_group="ord_1", since=since)
    assert found_transfer is not None
    assert (found_transfer.id, found_transfer.amount_reversed_cents) == (transfer.id, 100)
    assert await processor.find_reversal("spc_1", transfer_id=transfer.id) == reversal
    assert await processor.find_payment_intent("spc_2", customer_id=None, since=since) is None


async def test_naming_something_that_is_not_there_is_a_refusal(sandbox: Sandbox, key: Keys) -> None:
    with pytest.raises(ObjectMissing):
        await sandbox.processor.capture_payment_intent(
            requests.CapturePaymentIntent(payment_intent_id="pi_nobody"), key=key()
        )
    with pytest.raises(Refused):
        await sandbox.processor.create_refund(requests.CreateRefund(charge_id="ch_nobody", amount_cents=1), key=key())
