"""Payers and their cards, equal to what the processor holds."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from server.core.errors import NotFound
from server.payments.domain import SavedCard
from server.payments.errors import OutcomePending
from tests.payments.sandbox import Sandbox
from tests.payments.slice import Slice, receiving

USER = "usr_1"


async def cards(part: Slice) -> Sequence[SavedCard]:
    async with part.database.read() as tx:
        return await part.wallets.cards(tx, USER)


async def save(part: Slice, sandbox: Sandbox, card: str, key: str) -> None:
    """What the user's device does with a setup intent, and what its events lead to."""
    part.clock.advance(timedelta(seconds=1))
    intent = await part.wallets.begin_card(USER, key=key)
    form = f"payment_method={card}&client_secret={intent.client_secret}"
    status, _, _ = await sandbox.raw("POST", f"/v1/setup_intents/{intent.id}/confirm", form)
    assert status == 200
    await sandbox.switches.post("webhooks/flush")
    await part.work()


async def test_a_user_is_one_customer_however_many_ask(part: Slice, sandbox: Sandbox) -> None:
    payers = await asyncio.gather(*(part.wallets.payer(USER) for _ in range(10)))
    assert len({payer.customer_id for payer in payers}) == 1
    _, found, _ = await sandbox.raw("GET", "/v1/customers")
    assert [one["id"] for one in found["data"]] == [payers[0].customer_id]
    assert USER not in str(found)


async def test_nobody_is_a_customer_twice_when_the_answer_was_lost(part: Slice, sandbox: Sandbox) -> None:
    await sandbox.switches.fault("drop_after", "/v1/customers")
    with pytest.raises(OutcomePending):
        await part.wallets.payer(USER)
    payer = await part.wallets.payer(USER)
    _, found, _ = await sandbox.raw("GET", "/v1/customers")
    assert [one["id"] for one in found["data"]] == [payer.customer_id]


async def test_saved_cards_follow_the_processor(part: Slice, sandbox: Sandbox) -> None:
    async with receiving(part, sandbox):
        await save(part, sandbox, "pm_card_visa", "1")
        await save(part, sandbox, "pm_card_mastercard", "2")
        assert [(card.brand, card.last4) for card in await cards(part)] == [("mastercard", "4444"), ("visa", "4242")]
        visa = (await cards(part))[1].payment_method_id
        assert (await part.wallets.payer(USER)).default_payment_method_id == visa
        await sandbox.raw("POST", f"/v1/payment_methods/{visa}/detach")
        await sandbox.switches.post("webhooks/flush")
        await part.work()
    assert [card.brand for card in await cards(part)] == ["mastercard"]
    assert (await part.wallets.payer(USER)).default_payment_method_id == (await cards(part))[0].payment_method_id


async def test_asking_again_for_a_setup_gives_the_same_with_its_secret(part: Slice) -> None:
    first = await part.wallets.begin_card(USER, key="1")
    second = await part.wallets.begin_card(USER, key="1")
    assert (first.id, first.client_secret) == (second.id, second.client_secret)
    assert (await part.wallets.begin_card(USER, key="2")).id != first.id


async def test_a_removed_card_is_given_up_at_the_processor(part: Slice, sandbox: Sandbox) -> None:
    async with receiving(part, sandbox):
        await save(part, sandbox, "pm_card_visa", "1")
    card = (await cards(part))[0].payment_method_id
    with pytest.raises(NotFound):
        await part.database.run(lambda tx: part.wallets.remove_card(tx, "usr_2", card))
    await part.database.run(lambda tx: part.wallets.remove_card(tx, USER, card))
    assert (await cards(part), (await part.wallets.payer(USER)).default_payment_method_id) == ([], None)
    await part.work()
    assert (await sandbox.processor.payment_method(card)).customer_id is None


async def test_a_forgotten_user_is_nobody_at_the_processor(part: Slice, sandbox: Sandbox) -> None:
    async with receiving(part, sandbox):
        await save(part, sandbox, "pm_card_visa", "1")
    payer = await part.wallets.payer(USER)
    await part.database.run(lambda tx: part.wallets.forget(tx, USER))
    await part.work()
    assert await cards(part) == []
    assert (await sandbox.processor.customer(payer.customer_id)).deleted
