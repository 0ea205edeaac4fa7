"""Stored calls: committed before they are made, and their effect once, whatever fails in between."""

import asyncio
import signal
import sys
from datetime import UTC, datetime, timedelta
from typing import TypeVar, get_args

import pytest

from devstack.codegen.layout import ROOT
from devstack.roles import DatabaseUrls
from server.adapters.stripe import objects, requests
from server.core.db import Tx
from server.core.errors import IllegalTransition
from server.payments.domain import CALL_TRANSITIONS, CallEvent, CallStatus, StoredCall, after
from server.payments.errors import CallKeyMismatch, OutcomePending
from server.payments.registry import METHOD_OF, METHODS
from tests.payments.sandbox import Sandbox
from tests.payments.slice import ORDER, REPLY, Slice

PAY = requests.CreatePaymentIntent(
    amount_cents=4_000,
    currency="usd",
    payment_method_id="pm_card_visa",
    confirm=True,
    transfer_group="ord_1",
    metadata={"order": "ord_1"},
)
PAYMENTS = "/v1/payment_intents"
DAY = timedelta(days=1)
Made = TypeVar("Made")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


async def charged(sandbox: Sandbox) -> list[tuple[str, int]]:
    return await sandbox.switches.movements()


async def test_a_stored_call_is_made_by_its_job_and_tells_who_waits(part: Slice, sandbox: Sandbox) -> None:
    call = await part.store(PAY, "pay:ord_1:1", reply=REPLY)
    assert (call.status, await charged(sandbox)) == (CallStatus.PENDING, [])
    assert await part.work() == 2
    settled = await part.get(call.call_id)
    result = part.calls.result(settled)
    assert isinstance(result, objects.PaymentIntent)
    assert (settled.status, settled.attempts, result.amount_received_cents) == (CallStatus.SUCCEEDED, 1, 4_000)
    assert result.metadata == {"order": "ord_1", requests.CALL_REFERENCE: call.call_id}
    assert part.booking.replies == [call.call_id]
    assert await charged(sandbox) == [("charge", 4_000)]
    async with part.database.read() as tx:
        assert result.latest_charge is not None
        for made_by_it in (result.id, result.latest_charge.id):
            assert await part.calls.owner_of(tx, made_by_it) == ORDER
        assert [one.call_id for one in await part.calls.of_owner(tx, ORDER)] == [call.call_id]


async def test_secrets_of_a_result_are_not_stored(part: Slice) -> None:
    call = await part.store(PAY, "pay:ord_1:1")
    settled, result = await part.calls.perform(call.call_id)
    assert isinstance(result, objects.PaymentIntent)
    assert result.client_secret
    assert settled.outcome is not None
    assert "client_secret" not in settled.outcome
    _, again = await part.calls.perform(call.call_id)
    assert isinstance(again, objects.PaymentIntent)
    assert (again.id, again.client_secret) == (result.id, "")


async def test_what_is_rolled_back_is_never_called(part: Slice, sandbox: Sandbox) -> None:
    async def regret(tx: Tx) -> None:
        await part.calls.store(tx, PAY, key="pay:ord_1:1", owner=ORDER)
        raise ValueError("changed my mind")

    with pytest.raises(ValueError, match="changed my mind"):
        await part.database.run(regret)
    assert (await part.work(), await charged(sandbox)) == (0, [])


async def test_a_key_is_one_call_and_stands_for_its_parameters(part: Slice, sandbox: Sandbox) -> None:
    first = await part.store(PAY, "pay:ord_1:1")
    assert (await part.store(PAY, "pay:ord_1:1")).call_id == first.call_id
    with pytest.raises(CallKeyMismatch):
        await part.store(requests.CreatePaymentIntent(amount_cents=1, currency="usd"), "pay:ord_1:1")
    await part.work()
    assert (await part.store(PAY, "pay:ord_1:1")).status is CallStatus.SUCCEEDED
    await part.work()
    assert await charged(sandbox) == [("charge", 4_000)]


async def test_forty_makers_of_one_call_make_it_once(part: Slice, sandbox: Sandbox) -> None:
    call = await part.store(PAY, "pay:ord_1:1", reply=REPLY)
    made = await asyncio.gather(*(part.calls.perform(call.call_id) for _ in range(40)))
    assert {settled.status for settled, _ in made} == {CallStatus.SUCCEEDED}
    await part.work()
    assert part.booking.replies == [call.call_id]
    assert await charged(sandbox) == [("charge", 4_000)]


async def test_a_decline_is_final_and_said_in_the_processors_words(part: Slice) -> None:
    request = requests.CreatePaymentIntent(
        amount_cents=4_000,
        currency="usd",
        payment_method_id="pm_card_chargeDeclinedInsufficientFunds",
        confirm=True,
    )
    call = await part.store(request, "pay:ord_1:1", reply=REPLY)
    await part.work()
    settled = await part.get(call.call_id)
    assert settled.status is CallStatus.FAILED
    assert settled.failure is not None
    assert (settled.failure.code, settled.failure.decline_code) == ("card_declined", "insufficient_funds")
    assert part.calls.result(settled) is None
    assert part.booking.replies == [call.call_id]
    async with part.database.read() as tx:
        assert settled.failure.payment_intent_id is not None
        assert await part.calls.owner_of(tx, settled.failure.payment_intent_id) == ORDER


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "rate_limit", "key_in_use", "unavailable"])
async def test_a_call_whose_answer_was_lost_is_repeated_under_its_key(
    part: Slice, sandbox: Sandbox, fault: str
) -> None:
    await sandbox.switches.fault(fault, PAYMENTS, times=2)
    call = await part.store(PAY, "pay:ord_1:1")
    await part.work()
    assert not (await part.get(call.call_id)).settled
    await part.work(wait=timedelta(seconds=2))
    await part.work(wait=timedelta(seconds=4))
    settled = await part.get(call.call_id)
    assert (settled.status, settled.generation) == (CallStatus.SUCCEEDED, 1)
    assert await charged(sandbox) == [("charge", 4_000)]


@pytest.mark.parametrize(("fault", "generation"), [("error_after", 1), ("error_before", 2)])
async def test_a_key_that_is_stuck_on_an_error_is_settled_by_looking_up(
    part: Slice, sandbox: Sandbox, fault: str, generation: int
) -> None:
    await sandbox.switches.fault(fault, PAYMENTS)
    call = await part.store(PAY, "pay:ord_1:1")
    await part.work()
    assert (await part.get(call.call_id)).status is CallStatus.UNKNOWN
    await part.work(wait=timedelta(seconds=2))
    settled = await part.get(call.call_id)
    assert (settled.status, settled.generation) == (CallStatus.SUCCEEDED, generation)
    result = part.calls.result(settled)
    assert isinstance(result, objects.PaymentIntent)
    assert result.latest_charge is not None
    assert await charged(sandbox) == [("charge", 4_000)]


@pytest.mark.parametrize(("fault", "generation"), [("drop_after", 1), ("drop_before", 2)])
async def test_a_key_that_the_processor_forgot_is_never_repeated(
    part: Slice, sandbox: Sandbox, fault: str, generation: int
) -> None:
    await sandbox.switches.fault(fault, PAYMENTS)
    call = await part.store(PAY, "pay:ord_1:1")
    await part.work()
    await part.work(wait=DAY)
    settled = await part.get(call.call_id)
    assert (settled.status, settled.generation) == (CallStatus.SUCCEEDED, generation)
    assert await charged(sandbox) == [("charge", 4_000)]


async def test_the_steps_of_a_payment_are_looked_up_by_where_it_stands(part: Slice, sandbox: Sandbox) -> None:
    """Capture, refund, transfer, reversal: each loses its answer, then its key, and still happens once."""
    manual = requests.CreatePaymentIntent(
        amount_cents=4_000,
        currency="usd",
        payment_method_id="pm_card_visa",
        confirm=True,
        capture=requests.CaptureMethod.MANUAL,
    )
    paid = await made(part, await part.store(manual, "authorise"), objects.PaymentIntent)
    assert paid.latest_charge is not None
    charge = paid.latest_charge.id
    account = await made(part, await part.store(requests.CreateAccount(country="US"), "account"), objects.Account)
    await sandbox.switches.post(f"accounts/{account.id}/onboard")

    async def loses_everything(request: requests.Request, path: str) -> objects.Result:
        await sandbox.switches.fault("drop_after", path)
        call = await part.store(request, f"{path}:1")
        await part.work()
        assert (await part.get(call.call_id)).status is CallStatus.UNKNOWN
        await part.work(wait=DAY)
        result = part.calls.result(await part.get(call.call_id))
        assert result is not None
        return result

    await loses_everything(
        requests.CapturePaymentIntent(payment_intent_id=paid.id, amount_cents=3_000), f"{PAYMENTS}/{{intent}}/capture"
    )
    await loses_everything(requests.CreateRefund(charge_id=charge, amount_cents=500), "/v1/refunds")
    transfer = await loses_everything(
        requests.CreateTransfer(amount_cents=2_000, currency="usd", account_id=account.id, source_charge_id=charge),
        "/v1/transfers",
    )
    assert isinstance(transfer, objects.Transfer)
    await loses_everything(
        requests.ReverseTransfer(transfer_id=transfer.id, amount_cents=700), "/v1/transfers/{transfer}/reversals"
    )
    assert await charged(sandbox) == [
        ("charge", 3_000),
        ("refund", -500),
        ("transfer", -2_000),
        ("transfer_refund", 700),
    ]


async def made(part: Slice, call: StoredCall, kind: type[Made]) -> Made:
    await part.work()
    result = part.calls.result(await part.get(call.call_id))
    assert isinstance(result, kind)
    return result


async def test_strays_are_swept_up(part: Slice, sandbox: Sandbox) -> None:
    call = await part.store(PAY, "pay:ord_1:1")
    async with part.database.read() as tx:
        await tx.execute("delete from core.job")
    assert await part.work(wait=timedelta(minutes=9)) == 0
    assert await part.calls.sweep() == 0
    part.clock.advance(timedelta(minutes=2))
    assert await part.calls.sweep() == 1
    await part.work()
    assert (await part.get(call.call_id)).status is CallStatus.SUCCEEDED
    assert await charged(sandbox) == [("charge", 4_000)]


async def test_who_makes_a_call_at_once_is_told_when_nobody_knows(part: Slice, sandbox: Sandbox) -> None:
    await sandbox.switches.fault("drop_after", PAYMENTS)
    call = await part.store(PAY, "pay:ord_1:1")
    with pytest.raises(OutcomePending):
        await part.calls.perform(call.call_id)
    await part.work()
    assert (await part.get(call.call_id)).status is CallStatus.SUCCEEDED
    assert await charged(sandbox) == [("charge", 4_000)]


@pytest.mark.parametrize(
    ("point", "charges"),
    [("payments.call_stored", 0), ("payments.call_made", 1), ("payments.call_settled", 1)],
)
async def test_whoever_is_killed_when_the_effect_happens_once(
    part: Slice, sandbox: Sandbox, database: DatabaseUrls, point: str, charges: int
) -> None:
    call = await part.store(PAY, "pay:ord_1:1", reply=REPLY)
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.payments.one_call",
        database.app_url,
        sandbox.address,
        call.call_id,
        point,
        cwd=ROOT,
    )
    assert await child.wait() == -signal.SIGKILL
    assert await charged(sandbox) == [("charge", 4_000)] * charges
    await part.work(wait=timedelta(minutes=1))
    assert (await part.get(call.call_id)).status is CallStatus.SUCCEEDED
    assert part.booking.replies == [call.call_id]
    assert await charged(sandbox) == [("charge", 4_000)]


@pytest.mark.parametrize("status", CallStatus)
@pytest.mark.parametrize("event", CallEvent)
def test_a_settled_call_stays_settled(status: CallStatus, event: CallEvent) -> None:
    call = StoredCall(
        call_id="spc_1",
        key="k",
        method="refunds.create",
        params={},
        params_hash=b"",
        owner=ORDER,
        reply_kind=None,
        status=status,
        generation=1,
        key_since=EPOCH,
        attempts=0,
        outcome=None,
        failure=None,
        created_at=EPOCH,
        updated_at=EPOCH,
    )
    target = CALL_TRANSITIONS.get((status, event))
    assert (target is None) == call.settled
    if target is None:
        with pytest.raises(IllegalTransition):
            after(call, event)
    else:
        assert after(call, event) is target


def test_every_request_has_its_method() -> None:
    assert set(METHOD_OF) == set(get_args(requests.Request))
    assert len(METHODS) == len(METHOD_OF)
