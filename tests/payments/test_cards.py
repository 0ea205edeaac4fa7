"""Customers, cards, and payments that succeed, fail or ask for proof."""

import pytest

from server.adapters.stripe import requests
from server.adapters.stripe.failures import AuthenticationRequired, Declined, ObjectMissing, Refused
from server.adapters.stripe.objects import PaymentIntentStatus, SetupIntentStatus
from tests.payments.sandbox import Keys, Sandbox, paid


async def test_a_customer_is_their_metadata_and_can_be_deleted(sandbox: Sandbox, key: Keys) -> None:
    made = await sandbox.processor.create_customer(requests.CreateCustomer(metadata={"user": "usr_1"}), key=key())
    assert (await sandbox.processor.customer(made.id)).metadata == {"user": "usr_1"}
    await sandbox.processor.delete_customer(requests.DeleteCustomer(customer_id=made.id), key=key())
    assert (await sandbox.processor.customer(made.id)).deleted


async def test_an_unknown_object_is_missing(sandbox: Sandbox) -> None:
    with pytest.raises(ObjectMissing) as missing:
        await sandbox.processor.payment_intent("pi_nobody")
    assert (missing.value.code, missing.value.param) == ("resource_missing", "intent")
    assert missing.value.request_id is not None


async def test_cards_are_attached_listed_and_detached_for_good(sandbox: Sandbox, key: Keys) -> None:
    customer = await sandbox.processor.create_customer(requests.CreateCustomer(), key=key())
    attach = requests.AttachPaymentMethod(payment_method_id="pm_card_visa", customer_id=customer.id)
    method = await sandbox.processor.attach_payment_method(attach, key=key())
    assert [found.id for found in await sandbox.processor.payment_methods(customer.id)] == [method.id]
    assert method.card is not None
    assert (method.card.brand, method.card.last4) == ("visa", "4242")
    detach = requests.DetachPaymentMethod(payment_method_id=method.id)
    assert (await sandbox.processor.detach_payment_method(detach, key=key())).customer_id is None
    assert await sandbox.processor.payment_methods(customer.id) == ()
    again = requests.AttachPaymentMethod(payment_method_id=method.id, customer_id=customer.id)
    with pytest.raises(Refused):
        await sandbox.processor.attach_payment_method(again, key=key())


async def test_equal_numbers_have_equal_fingerprints(sandbox: Sandbox) -> None:
    first = await sandbox.processor.payment_method("pm_card_visa")
    second = await sandbox.processor.payment_method("pm_card_visa")
    other = await sandbox.processor.payment_method("pm_card_mastercard")
    assert first.id != second.id
    fingerprints = [method.card.fingerprint for method in (first, second, other) if method.card]
    assert fingerprints[0] == fingerprints[1] != fingerprints[2]


async def test_automatic_capture_takes_the_money_at_once(sandbox: Sandbox, key: Keys) -> None:
    intent, charge = await paid(sandbox.processor, key(), 4_000, transfer_group="ord_1", metadata={"order": "ord_1"})
    assert intent.status is PaymentIntentStatus.SUCCEEDED
    assert (intent.amount_received_cents, intent.transfer_group, intent.metadata) == (
        4_000,
        "ord_1",
        {"order": "ord_1"},
    )
    assert (charge.captured, charge.amount_captured_cents, charge.payment_intent_id) == (True, 4_000, intent.id)
    assert await sandbox.switches.movements() == [("charge", 4_000)]


async def test_manual_capture_takes_a_part_and_releases_the_rest(sandbox: Sandbox, key: Keys) -> None:
    intent, charge = await paid(sandbox.processor, key(), 4_000, capture=requests.CaptureMethod.MANUAL)
    assert (intent.status, intent.amount_capturable_cents) == (PaymentIntentStatus.REQUIRES_CAPTURE, 4_000)
    assert charge.capture_before is not None
    assert await sandbox.switches.movements() == []
    part = requests.CapturePaymentIntent(payment_intent_id=intent.id, amount_cents=2_500)
    captured = await sandbox.processor.capture_payment_intent(part, key=key())
    assert (captured.status, captured.amount_received_cents, captured.amount_capturable_cents) == (
        PaymentIntentStatus.SUCCEEDED,
        2_500,
        0,
    )
    assert await sandbox.switches.movements() == [("charge", 2_500)]


async def test_more_than_was_authorised_cannot_be_captured(sandbox: Sandbox, key: Keys) -> None:
    intent, _ = await paid(sandbox.processor, key(), 4_000, capture=requests.CaptureMethod.MANUAL)
    with pytest.raises(Refused) as refused:
        await sandbox.processor.capture_payment_intent(
            requests.CapturePaymentIntent(payment_intent_id=intent.id, amount_cents=4_001), key=key()
        )
    assert (refused.value.code, refused.value.param) == ("amount_too_large", "amount_to_capture")


async def test_an_authorisation_is_released_by_cancelling_and_only_once(sandbox: Sandbox, key: Keys) -> None:
    intent, _ = await paid(sandbox.processor, key(), capture=requests.CaptureMethod.MANUAL)
    cancel = requests.CancelPaymentIntent(
        payment_intent_id=intent.id, reason=requests.CancellationReason.REQUESTED_BY_CUSTOMER
    )
    cancelled = await sandbox.processor.cancel_payment_intent(cancel, key=key())
    assert cancelled.status is PaymentIntentStatus.CANCELED
    with pytest.raises(Refused) as refused:
        await sandbox.processor.cancel_payment_intent(cancel, key=key())
    assert refused.value.code == "payment_intent_unexpected_state"
    assert await sandbox.switches.movements() == []


async def test_an_authorisation_lapses(sandbox: Sandbox, key: Keys) -> None:
    intent, _ = await paid(sandbox.processor, key(), capture=requests.CaptureMethod.MANUAL)
    await sandbox.switches.post(f"payment_intents/{intent.id}/expire")
    assert (await sandbox.processor.payment_intent(intent.id)).status is PaymentIntentStatus.CANCELED


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", None),
    ],
)
async def test_a_declined_card_leaves_a_payment_that_may_be_tried_with_another(
    sandbox: Sandbox, key: Keys, card: str, code: str, decline_code: str | None
) -> None:
    with pytest.raises(Declined) as declined:
        await paid(sandbox.processor, key(), card=card)
    assert (declined.value.code, declined.value.decline_code) == (code, decline_code)
    assert declined.value.payment_intent_id is not None
    left = await sandbox.processor.payment_intent(declined.value.payment_intent_id)
    assert left.status is PaymentIntentStatus.REQUIRES_PAYMENT_METHOD
    assert left.last_error is not None
    assert left.last_error.code == code
    assert left.latest_charge is not None
    assert left.latest_charge.failure_code == code
    retry = requests.ConfirmPaymentIntent(payment_intent_id=left.id, payment_method_id="pm_card_visa")
    done = await sandbox.processor.confirm_payment_intent(retry, key=key())
    assert done.status is PaymentIntentStatus.SUCCEEDED
    assert await sandbox.switches.movements() == [("charge", 10_000)]


async def test_a_declining_card_is_not_attached_but_one_that_declines_later_is(sandbox: Sandbox, key: Keys) -> None:
    customer = await sandbox.processor.create_customer(requests.CreateCustomer(), key=key())
    with pytest.raises(Declined):
        await sandbox.processor.attach_payment_method(
            requests.AttachPaymentMethod(payment_method_id="pm_card_chargeDeclined", customer_id=customer.id),
            key=key(),
        )
    method = await sandbox.processor.attach_payment_method(
        requests.AttachPaymentMethod(payment_method_id="pm_card_chargeCustomerFail", customer_id=customer.id),
        key=key(),
    )
    with pytest.raises(Declined):
        await paid(sandbox.processor, key(), card=method.id, customer_id=customer.id, off_session=True)


@pytest.mark.parametrize("outcome", ["proved", "failed"])
async def test_three_d_secure_waits_for_the_cardholder(sandbox: Sandbox, key: Keys, outcome: str) -> None:
    request = requests.CreatePaymentIntent(
        amount_cents=5_000,
        currency="usd",
        payment_method_id="pm_card_authenticationRequired",
        confirm=True,
        return_url="https://callsheet.example/paid",
    )
    intent = await sandbox.processor.create_payment_intent(request, key=key())
    assert intent.status is PaymentIntentStatus.REQUIRES_ACTION
    assert intent.next_action is not None
    assert intent.next_action.type == "redirect_to_url"
    assert intent.next_action.redirect_url is not None
    await sandbox.switches.post(f"payment_intents/{intent.id}/challenge", outcome=outcome)
    after = await sandbox.processor.payment_intent(intent.id)
    if outcome == "proved":
        assert after.status is PaymentIntentStatus.SUCCEEDED
        assert await sandbox.switches.movements() == [("charge", 5_000)]
    else:
        assert after.status is PaymentIntentStatus.REQUIRES_PAYMENT_METHOD
        assert after.last_error is not None
        assert after.last_error.code == "payment_intent_authentication_failure"
        assert await sandbox.switches.movements() == []


async def test_the_challenge_page_sends_the_payer_back(sandbox: Sandbox, key: Keys) -> None:
    request = requests.CreatePaymentIntent(
        amount_cents=5_000,
        currency="usd",
        payment_method_id="pm_card_authenticationRequired",
        confirm=True,
        return_url="https://callsheet.example/paid",
    )
    intent = await sandbox.processor.create_payment_intent(request, key=key())
    assert intent.next_action is not None
    url = str(intent.next_action.redirect_url)
    async with sandbox.switches.session.get(url) as page:
        assert "Approve" in await page.text()
    async with sandbox.switches.session.post(url, data={"outcome": "proved"}, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "https://callsheet.example/paid")
    assert (await sandbox.processor.payment_intent(intent.id)).status is PaymentIntentStatus.SUCCEEDED


async def test_proof_does_not_make_a_card_solvent(sandbox: Sandbox, key: Keys) -> None:
    request = requests.CreatePaymentIntent(
        amount_cents=5_000,
        currency="usd",
        payment_method_id="pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        confirm=True,
    )
    intent = await sandbox.processor.create_payment_intent(request, key=key())
    assert intent.next_action is not None
    assert intent.next_action.type == "use_stripe_sdk"
    await sandbox.switches.post(f"payment_intents/{intent.id}/challenge", outcome="proved")
    after = await sandbox.processor.payment_intent(intent.id)
    assert after.last_error is not None
    assert after.last_error.decline_code == "insufficient_funds"


async def test_off_session_a_card_that_wants_proof_fails(sandbox: Sandbox, key: Keys) -> None:
    customer = await sandbox.processor.create_customer(requests.CreateCustomer(), key=key())
    with pytest.raises(AuthenticationRequired) as failed:
        await paid(
            sandbox.processor,
            key(),
            card="pm_card_authenticationRequired",
            customer_id=customer.id,
            off_session=True,
        )
    assert failed.value.payment_intent_id is not None
    intent = await sandbox.processor.payment_intent(failed.value.payment_intent_id)
    assert intent.status is PaymentIntentStatus.REQUIRES_PAYMENT_METHOD


async def test_a_card_set_up_with_proof_can_be_charged_without_its_holder(sandbox: Sandbox, key: Keys) -> None:
    customer = await sandbox.processor.create_customer(requests.CreateCustomer(), key=key())
    setup = await sandbox.processor.create_setup_intent(requests.CreateSetupIntent(customer_id=customer.id), key=key())
    assert setup.client_secret.startswith(setup.id)
    status, answer, _ = await sandbox.raw(
        "POST",
        f"/v1/setup_intents/{setup.id}/confirm",
        f"payment_method=pm_card_authenticationRequiredOnSetup&client_secret={setup.client_secret}",
    )
    assert (status, answer["status"]) == (200, "requires_action")
    await sandbox.switches.post(f"setup_intents/{setup.id}/challenge", outcome="proved")
    done = await sandbox.processor.setup_intent(setup.id)
    assert done.status is SetupIntentStatus.SUCCEEDED
    assert done.payment_method_id is not None
    intent, _ = await paid(
        sandbox.processor, key(), card=done.payment_method_id, customer_id=customer.id, off_session=True
    )
    assert intent.status is PaymentIntentStatus.SUCCEEDED


async def test_paying_can_save_the_card(sandbox: Sandbox, key: Keys) -> None:
    customer = await sandbox.processor.create_customer(requests.CreateCustomer(), key=key())
    intent, _ = await paid(sandbox.processor, key(), customer_id=customer.id, save_card=True)
    assert [method.id for method in await sandbox.processor.payment_methods(customer.id)] == [intent.payment_method_id]


async def test_another_customers_card_is_refused(sandbox: Sandbox, key: Keys) -> None:
    owner, thief = [await sandbox.processor.create_customer(requests.CreateCustomer(), key=key()) for _ in range(2)]
    method = await sandbox.processor.attach_payment_method(
        requests.AttachPaymentMethod(payment_method_id="pm_card_visa", customer_id=owner.id), key=key()
    )
    with pytest.raises(Refused):
        await paid(sandbox.processor, key(), card=method.id, customer_id=thief.id)


async def test_too_small_an_amount_is_refused_by_name(sandbox: Sandbox, key: Keys) -> None:
    with pytest.raises(Refused) as refused:
        await paid(sandbox.processor, key(), 49)
    assert (refused.value.code, refused.value.param) == ("amount_too_small", "amount")
