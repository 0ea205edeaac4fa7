"""Refunds, transfers, disputes, and balances that are exactly the sum of their movements."""

import pytest

from server.adapters.stripe import objects, requests
from server.adapters.stripe.failures import InsufficientBalance, Refused
from server.adapters.stripe.objects import DisputeStatus, RefundStatus
from tests.payments.sandbox import Keys, Sandbox, paid, payable


async def refunded(sandbox: Sandbox, key: str, charge_id: str, amount_cents: int) -> objects.Refund:
    request = requests.CreateRefund(charge_id=charge_id, amount_cents=amount_cents, metadata={"refund": "rfd_1"})
    return await sandbox.processor.create_refund(request, key=key)


async def balance_of(sandbox: Sandbox, account_id: str | None = None) -> int:
    """Available and pending cents together."""
    balance = await sandbox.processor.balance(account_id)
    return balance.available_cents["usd"] + balance.pending_cents["usd"]


async def every_movement(sandbox: Sandbox, account_id: str | None = None) -> list[objects.BalanceTransaction]:
    """All movements of an account, page after page."""
    found: list[objects.BalanceTransaction] = []
    while True:
        after = found[-1].id if found else None
        page = await sandbox.processor.balance_transactions(account_id=account_id, after=after, limit=2)
        found.extend(page.items)
        if not page.more:
            return found


async def test_a_charge_is_refunded_in_parts_and_never_beyond(sandbox: Sandbox, key: Keys) -> None:
    _, charge = await paid(sandbox.processor, key(), 10_000)
    for amount in (3_000, 2_000):
        refund = await refunded(sandbox, key(), charge.id, amount)
        assert (refund.status, refund.amount_cents, refund.metadata) == (
            RefundStatus.SUCCEEDED,
            amount,
            {"refund": "rfd_1"},
        )
    with pytest.raises(Refused) as refused:
        await refunded(sandbox, key(), charge.id, 5_001)
    assert refused.value.param == "amount"
    await refunded(sandbox, key(), charge.id, 5_000)
    with pytest.raises(Refused) as refused:
        await refunded(sandbox, key(), charge.id, 1)
    assert refused.value.code == "charge_already_refunded"
    assert (await sandbox.processor.charge(charge.id)).refunded
    assert [amount for _, amount in await sandbox.switches.movements()] == [10_000, -3_000, -2_000, -5_000]


async def test_an_authorisation_is_not_refunded(sandbox: Sandbox, key: Keys) -> None:
    _, charge = await paid(sandbox.processor, key(), capture=requests.CaptureMethod.MANUAL)
    with pytest.raises(Refused) as refused:
        await refunded(sandbox, key(), charge.id, 1)
    assert refused.value.code == "charge_not_captured"


async def test_a_refund_may_fail_later_and_give_the_money_back(sandbox: Sandbox, key: Keys) -> None:
    _, charge = await paid(sandbox.processor, key(), 10_000)
    refund = await refunded(sandbox, key(), charge.id, 4_000)
    await sandbox.switches.post(f"refunds/{refund.id}/fail", reason="lost_or_stolen_card")
    failed = await sandbox.processor.refund(refund.id)
    assert (failed.status, failed.failure_reason) == (RefundStatus.FAILED, "lost_or_stolen_card")
    assert (await sandbox.processor.charge(charge.id)).amount_refunded_cents == 0
    assert await sandbox.switches.movements() == [("charge", 10_000), ("refund", -4_000), ("refund_failure", 4_000)]
    assert (await refunded(sandbox, key(), charge.id, 10_000)).status is RefundStatus.SUCCEEDED


async def test_cards_decide_how_their_refunds_end(sandbox: Sandbox, key: Keys) -> None:
    _, charge = await paid(sandbox.processor, key(), card="pm_card_refundFail")
    refund = await refunded(sandbox, key(), charge.id, 100)
    assert refund.status is RefundStatus.SUCCEEDED
    assert (await sandbox.processor.refund(refund.id)).status is RefundStatus.FAILED
    _, charge = await paid(sandbox.processor, key(), card="pm_card_pendingRefund")
    refund = await refunded(sandbox, key(), charge.id, 100)
    assert refund.status is RefundStatus.PENDING
    await sandbox.switches.post(f"refunds/{refund.id}/settle")
    assert (await sandbox.processor.refund(refund.id)).status is RefundStatus.SUCCEEDED


async def test_an_account_is_payable_once_it_was_onboarded(sandbox: Sandbox, key: Keys) -> None:
    request = requests.CreateAccount(country="US", metadata={"provider": "usr_2"})
    account = await sandbox.processor.create_account(request, key=key())
    assert (account.payouts_enabled, account.transfers_active, account.metadata) == (
        False,
        False,
        {"provider": "usr_2"},
    )
    assert account.currently_due
    link = await sandbox.processor.create_account_link(
        requests.CreateAccountLink(
            account_id=account.id,
            refresh_url="https://callsheet.example/again",
            return_url="https://callsheet.example/done",
        ),
        key=key(),
    )
    async with sandbox.switches.session.post(link.url, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "https://callsheet.example/done")
    assert (await sandbox.processor.account(account.id)).payouts_enabled
    await sandbox.switches.post(f"accounts/{account.id}/standing", enabled=False)
    restricted = await sandbox.processor.account(account.id)
    assert (restricted.payouts_enabled, restricted.disabled_reason) == (False, "requirements.past_due")


async def test_a_source_covers_a_transfer_before_its_money_is_available(sandbox: Sandbox, key: Keys) -> None:
    _, charge = await paid(sandbox.processor, key(), 10_000, transfer_group="ord_1")
    account = await payable(sandbox, key())

    def transfer(amount_cents: int, source: str | None = charge.id) -> requests.CreateTransfer:
        return requests.CreateTransfer(
            amount_cents=amount_cents, currency="usd", account_id=account.id, source_charge_id=source
        )

    with pytest.raises(InsufficientBalance):
        await sandbox.processor.create_transfer(transfer(1, source=None), key=key())
    made = await sandbox.processor.create_transfer(transfer(9_000), key=key())
    assert (made.account_id, made.source_charge_id, made.transfer_group) == (account.id, charge.id, "ord_1")
    with pytest.raises(Refused):
        await sandbox.processor.create_transfer(transfer(1_001), key=key())
    await sandbox.processor.create_transfer(transfer(1_000), key=key())
    assert await sandbox.switches.movements(account.id) == [("payment", 9_000), ("payment", 1_000)]


async def test_without_a_source_the_available_balance_must_cover(sandbox: Sandbox, key: Keys) -> None:
    await paid(sandbox.processor, key(), 10_000)
    account = await payable(sandbox, key())
    request = requests.CreateTransfer(amount_cents=5_000, currency="usd", account_id=account.id)
    with pytest.raises(InsufficientBalance) as refused:
        await sandbox.processor.create_transfer(request, key=key())
    assert refused.value.code == "balance_insufficient"
    await sandbox.switches.post("balance/settle")
    await sandbox.processor.create_transfer(request, key=key())


async def test_an_account_that_cannot_receive_gets_nothing(sandbox: Sandbox, key: Keys) -> None:
    _, charge = await paid(sandbox.processor, key())
    account = await sandbox.processor.create_account(requests.CreateAccount(country="US"), key=key())
    request = requests.CreateTransfer(
        amount_cents=100, currency="usd", account_id=account.id, source_charge_id=charge.id
    )
    with pytest.raises(Refused) as refused:
        await sandbox.processor.create_transfer(request, key=key())
    assert refused.value.code == "insufficient_capabilities_for_transfer"


async def test_a_transfer_is_reversed_in_parts_and_never_beyond(sandbox: Sandbox, key: Keys) -> None:
    _, charge = await paid(sandbox.processor, key(), 10_000)
    account = await payable(sandbox, key())
    transfer = await sandbox.processor.create_transfer(
        requests.CreateTransfer(amount_cents=9_000, currency="usd", account_id=account.id, source_charge_id=charge.id),
        key=key(),
    )

    def reverse(amount_cents: int) -> requests.ReverseTransfer:
        return requests.ReverseTransfer(transfer_id=transfer.id, amount_cents=amount_cents)

    part = await sandbox.processor.reverse_transfer(reverse(4_000), key=key())
    assert (part.amount_cents, part.transfer_id) == (4_000, transfer.id)
    with pytest.raises(Refused):
        await sandbox.processor.reverse_transfer(reverse(5_001), key=key())
    await sandbox.processor.reverse_transfer(reverse(5_000), key=key())
    after = await sandbox.processor.transfer(transfer.id)
    assert (after.reversed, after.amount_reversed_cents) == (True, 9_000)
    assert await balance_of(sandbox, account.id) == 0


async def test_a_short_account_cannot_give_back(sandbox: Sandbox, key: Keys) -> None:
    _, charge = await paid(sandbox.processor, key(), 10_000)
    account = await payable(sandbox, key())
    transfer = await sandbox.processor.create_transfer(
        requests.CreateTransfer(amount_cents=9_000, currency="usd", account_id=account.id, source_charge_id=charge.id),
        key=key(),
    )
    await sandbox.switches.post(f"accounts/{account.id}/payouts", amount=8_000)
    with pytest.raises(InsufficientBalance):
        await sandbox.processor.reverse_transfer(
            requests.ReverseTransfer(transfer_id=transfer.id, amount_cents=2_000), key=key()
        )


async def test_a_chargeback_withdraws_and_a_won_one_reinstates(sandbox: Sandbox, key: Keys) -> None:
    _, charge = await paid(sandbox.processor, key(), 10_000)
    filed = await sandbox.switches.post(f"charges/{charge.id}/disputes", reason="product_not_received")
    dispute = await sandbox.processor.dispute(filed["id"])
    assert (dispute.status, dispute.is_inquiry, dispute.withdrawn_cents) == (
        DisputeStatus.NEEDS_RESPONSE,
        False,
        10_000,
    )
    assert dispute.due_by is not None
    with pytest.raises(Refused) as refused:
        await refunded(sandbox, key(), charge.id, 100)
    assert refused.value.code == "charge_disputed"
    draft = requests.UpdateDispute(dispute_id=dispute.id, evidence={"product_description": "A day in the studio"})
    kept = await sandbox.processor.update_dispute(draft, key=key())
    assert (kept.status, kept.has_evidence, kept.submission_count) == (DisputeStatus.NEEDS_RESPONSE, True, 0)
    final = requests.UpdateDispute(
        dispute_id=dispute.id, evidence={"uncategorized_text": "winning_evidence"}, submit=True
    )
    submitted = await sandbox.processor.update_dispute(final, key=key())
    assert (submitted.status, submitted.submission_count) == (DisputeStatus.UNDER_REVIEW, 1)
    won = await sandbox.processor.dispute(dispute.id)
    assert (won.status, won.withdrawn_cents, won.reinstated_cents) == (DisputeStatus.WON, 10_000, 10_000)
    with pytest.raises(Refused):
        await sandbox.processor.update_dispute(final, key=key())
    assert await balance_of(sandbox) == 10_000 - 320 - 1_500


async def test_giving_in_loses_the_dispute(sandbox: Sandbox, key: Keys) -> None:
    _, charge = await paid(sandbox.processor, key(), card="pm_card_createDispute")
    assert (await sandbox.processor.charge(charge.id)).disputed
    _, found, _ = await sandbox.raw("GET", f"/v1/disputes?charge={charge.id}")
    closed = await sandbox.processor.close_dispute(requests.CloseDispute(dispute_id=found["data"][0]["id"]), key=key())
    assert (closed.status, closed.reinstated_cents) == (DisputeStatus.LOST, 0)


async def test_an_inquiry_moves_no_money_and_a_full_refund_closes_it(sandbox: Sandbox, key: Keys) -> None:
    _, charge = await paid(sandbox.processor, key(), card="pm_card_createDisputeInquiry")
    _, found, _ = await sandbox.raw("GET", f"/v1/disputes?charge={charge.id}")
    inquiry = await sandbox.processor.dispute(found["data"][0]["id"])
    assert (inquiry.is_inquiry, inquiry.withdrawn_cents, inquiry.is_charge_refundable) == (True, 0, True)
    await refunded(sandbox, key(), charge.id, 10_000)
    assert (await sandbox.processor.dispute(inquiry.id)).status is DisputeStatus.WARNING_CLOSED


async def test_an_inquiry_may_become_a_chargeback(sandbox: Sandbox, key: Keys) -> None:
    _, charge = await paid(sandbox.processor, key())
    filed = await sandbox.switches.post(f"charges/{charge.id}/disputes", status="warning_needs_response")
    await sandbox.switches.post(f"disputes/{filed['id']}/escalate")
    dispute = await sandbox.processor.dispute(filed["id"])
    assert (dispute.status, dispute.withdrawn_cents) == (DisputeStatus.NEEDS_RESPONSE, 10_000)


async def test_a_status_nobody_knows_is_read_all_the_same(sandbox: Sandbox, key: Keys) -> None:
    _, charge = await paid(sandbox.processor, key())
    filed = await sandbox.switches.post(f"charges/{charge.id}/disputes")
    await sandbox.switches.post(f"disputes/{filed['id']}/status", status="arbitrated_by_committee")
    dispute = await sandbox.processor.dispute(filed["id"])
    assert (dispute.status, dispute.raw_status) == (DisputeStatus.UNRECOGNISED, "arbitrated_by_committee")


async def test_a_fraud_warning_is_actionable_until_the_money_went_back(sandbox: Sandbox, key: Keys) -> None:
    _, charge = await paid(sandbox.processor, key(), card="pm_card_createIssuerFraudRecord")
    _, found, _ = await sandbox.raw("GET", f"/v1/radar/early_fraud_warnings?charge={charge.id}")
    warning = await sandbox.processor.early_fraud_warning(found["data"][0]["id"])
    assert (warning.actionable, warning.charge_id) == (True, charge.id)
    await refunded(sandbox, key(), charge.id, 10_000)
    made = await sandbox.switches.post(f"charges/{charge.id}/early_fraud_warnings", fraud_type="misc")
    assert not (await sandbox.processor.early_fraud_warning(made["id"])).actionable


async def test_every_balance_is_the_sum_of_its_movements(sandbox: Sandbox, key: Keys) -> None:
    account = await payable(sandbox, key())
    for card in ("pm_card_visa", "pm_card_bypassPending", "pm_card_refundFail", "pm_card_createDispute"):
        _, charge = await paid(sandbox.processor, key(), 10_000, card=card)
        if card != "pm_card_createDispute":
            await refunded(sandbox, key(), charge.id, 2_500)
        transfer = requests.CreateTransfer(
            amount_cents=6_000, currency="usd", account_id=account.id, source_charge_id=charge.id
        )
        made = await sandbox.processor.create_transfer(transfer, key=key())
        await sandbox.processor.reverse_transfer(
            requests.ReverseTransfer(transfer_id=made.id, amount_cents=1_700), key=key()
        )
    platform, connected = await every_movement(sandbox), await every_movement(sandbox, account.id)
    assert sum(one.net_cents for one in platform) == await balance_of(sandbox)
    assert sum(one.net_cents for one in connected) == await balance_of(sandbox, account.id) == 4 * 4_300
    assert all(one.net_cents == one.amount_cents - one.fee_cents for one in platform)
    pending = (await sandbox.processor.balance()).pending_cents["usd"]
    assert pending == sum(one.net_cents for one in platform if one.pending) != 0
    await sandbox.switches.post("balance/settle")
    assert (await sandbox.processor.balance()).pending_cents["usd"] == 0
