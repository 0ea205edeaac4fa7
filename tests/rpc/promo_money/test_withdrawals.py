"""Taking what is left out of a budget: only what clicks left, only to the cards it came from, nothing lost."""

import asyncio
import io
from datetime import timedelta

import grpc
from rich.console import Console

from callsheet.promo.v1 import campaign_calls_pb2
from callsheet.promo.v1 import withdrawal_pb2 as pb
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from server import explain
from server.core.call import Role
from server.core.clock import ManualClock
from tests.payments.sandbox import Sandbox
from tests.rpc.growth import lasting
from tests.rpc.harness import Running, refusal
from tests.rpc.promo import ADVERTISER, IDS, STRANGER, funded
from tests.rpc.promo_paying import (
    budget_of,
    charge_of,
    delivered,
    hearing,
    notices,
    saved_card,
    top_up,
)
from tests.rpc.promo_stream import Click, Stream

OWNER = lasting(ADVERTISER)


async def withdraw(promo: PromoServiceStub, name: str, amount_cents: int = 0, key: str = "") -> pb.Withdrawal:
    request = pb.WithdrawBalanceRequest(
        campaign_id=name, amount_cents=amount_cents, idempotency_key=key or IDS.new("key")
    )
    return (await promo.WithdrawBalance(request, metadata=OWNER)).withdrawal


async def read(promo: PromoServiceStub, withdrawal_id: str) -> pb.Withdrawal:
    request = pb.GetWithdrawalRequest(withdrawal_id=withdrawal_id)
    return (await promo.GetWithdrawal(request, metadata=OWNER)).withdrawal


async def worked(server: Running, stream: Stream, clock: ManualClock) -> None:
    """The stream decides what it was asked, and jobs follow."""
    await stream.hears(server)
    clock.advance(timedelta(minutes=2))
    await server.worker().run_due()


async def paid(server: Running, sandbox: Sandbox, promo: PromoServiceStub, name: str, *amounts: int) -> list[str]:
    """Payments with a good card, a moment apart; their ids."""
    card = await saved_card(server, sandbox)
    made = []
    for amount in amounts:
        made.append((await top_up(promo, name, amount, card=card)).topup.topup_id)
        clock = server.app.core.clock
        assert isinstance(clock, ManualClock)
        clock.advance(timedelta(milliseconds=5))
    return made


async def test_what_is_left_goes_back_to_the_newest_charges(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, stream: Stream, name: str, clock: ManualClock
) -> None:
    older, newer = await paid(server, sandbox, promo, name, 3_000, 2_000)
    await funded(promo, name, 500)
    await stream.click(Click(campaign_id=name, at=clock.now(), price_cents=800))
    asked = await withdraw(promo, name)
    # 500 of the click were promotional credit, which is never paid out.
    assert (asked.amount_cents, asked.status) == (4_700, pb.WITHDRAWAL_STATUS_REQUESTED)
    assert [(part.topup_id, part.amount_cents) for part in asked.parts] == [(newer, 2_000), (older, 2_700)]
    assert (await budget_of(promo, name)).balance_cents == 4_700
    async with hearing(server, sandbox):
        await worked(server, stream, clock)
        await delivered(server, sandbox)
    done = await read(promo, asked.withdrawal_id)
    assert done.status == pb.WITHDRAWAL_STATUS_COMPLETED
    assert {part.status for part in done.parts} == {pb.WITHDRAWAL_PART_STATUS_SUCCEEDED}
    assert (await budget_of(promo, name)).balance_cents == 0
    moved = await sandbox.switches.movements()
    assert sorted(moved) == [("charge", 2_000), ("charge", 3_000), ("refund", -2_700), ("refund", -2_000)]
    # A refund of our own is no debt.
    assert (await budget_of(promo, name)).owed_cents == 0


async def test_clicks_that_come_first_have_it(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, stream: Stream, name: str, clock: ManualClock
) -> None:
    await paid(server, sandbox, promo, name, 1_000)
    asked = await withdraw(promo, name, 1_000)
    await stream.click(Click(campaign_id=name, at=clock.now(), price_cents=1))
    await worked(server, stream, clock)
    refused = await read(promo, asked.withdrawal_id)
    assert refused.status == pb.WITHDRAWAL_STATUS_REFUSED
    assert [part.status for part in refused.parts] == [pb.WITHDRAWAL_PART_STATUS_RELEASED]
    assert await sandbox.switches.movements() == [("charge", 1_000)]
    assert await notices(server) == [("campaign_withdrawal_refused", ADVERTISER)]
    # What was reserved is free again.
    assert (await withdraw(promo, name)).amount_cents == 999


async def test_a_refund_that_fails_is_in_the_budget_again(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, stream: Stream, name: str, clock: ManualClock
) -> None:
    card = await saved_card(server, sandbox, "pm_card_refundFail")
    await top_up(promo, name, 1_000, card=card)
    asked = await withdraw(promo, name)
    async with hearing(server, sandbox):
        await worked(server, stream, clock)
        await sandbox.switches.post("webhooks", copies=2, order="reversed")
        await delivered(server, sandbox)
        clock.advance(timedelta(minutes=5))
        await server.worker().run_due()
    done = await read(promo, asked.withdrawal_id)
    assert done.status == pb.WITHDRAWAL_STATUS_COMPLETED
    assert [part.status for part in done.parts] == [pb.WITHDRAWAL_PART_STATUS_FAILED]
    budget = await budget_of(promo, name)
    assert (budget.balance_cents, budget.owed_cents) == (1_000, 0)
    assert await notices(server) == [("campaign_refund_failed", ADVERTISER)]


async def test_a_refund_that_the_processor_declines_is_in_the_budget_again(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, stream: Stream, name: str, clock: ManualClock
) -> None:
    (topup_id,) = await paid(server, sandbox, promo, name, 1_000)
    asked = await withdraw(promo, name)
    # Its bank took it back meanwhile: what is disputed is not refunded.
    await sandbox.switches.post(f"charges/{await charge_of(server, topup_id)}/disputes")
    await worked(server, stream, clock)
    clock.advance(timedelta(minutes=2))
    await server.worker().run_due()
    done = await read(promo, asked.withdrawal_id)
    assert [(part.status, part.failure_code) for part in done.parts] == [
        (pb.WITHDRAWAL_PART_STATUS_FAILED, "charge_disputed")
    ]
    assert (await budget_of(promo, name)).balance_cents == 1_000


async def test_a_refund_on_its_way_is_followed(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, stream: Stream, name: str, clock: ManualClock
) -> None:
    card = await saved_card(server, sandbox, "pm_card_pendingRefund")
    await top_up(promo, name, 1_000, card=card)
    asked = await withdraw(promo, name)
    await worked(server, stream, clock)
    assert (await read(promo, asked.withdrawal_id)).status == pb.WITHDRAWAL_STATUS_REFUNDING
    _, listed, _ = await sandbox.raw("GET", "/v1/refunds")
    async with hearing(server, sandbox):
        await sandbox.switches.post(f"refunds/{listed['data'][0]['id']}/settle")
        await delivered(server, sandbox)
    assert (await read(promo, asked.withdrawal_id)).status == pb.WITHDRAWAL_STATUS_COMPLETED


async def test_only_one_request_waits_and_nothing_is_promised_twice(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, stream: Stream, name: str, clock: ManualClock
) -> None:
    await paid(server, sandbox, promo, name, 1_000)
    calls = [withdraw(promo, name, 600) for _ in range(5)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    request = pb.WithdrawBalanceRequest(campaign_id=name, amount_cents=300, idempotency_key="more")
    waiting = await refusal(promo.WithdrawBalance(request, metadata=OWNER))
    assert (waiting.code, waiting.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "WITHDRAWAL_OPEN")
    await worked(server, stream, clock)
    assert (await withdraw(promo, name)).amount_cents == 400


async def test_what_is_refused(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, stream: Stream, name: str, clock: ManualClock
) -> None:
    await funded(promo, name, 900)
    request = pb.WithdrawBalanceRequest(campaign_id=name, idempotency_key="one")
    credit = await refusal(promo.WithdrawBalance(request, metadata=OWNER))
    assert (credit.reason, credit.metadata["withdrawable_cents"]) == ("NOT_WITHDRAWABLE", "0")
    stranger = await refusal(promo.WithdrawBalance(request, metadata=lasting(STRANGER)))
    assert (stranger.code, stranger.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    (topup_id,) = await paid(server, sandbox, promo, name, 1_000)
    request.amount_cents = 1_001
    much = await refusal(promo.WithdrawBalance(request, metadata=OWNER))
    assert (much.reason, much.metadata["withdrawable_cents"]) == ("NOT_WITHDRAWABLE", "1000")
    request.amount_cents = -1
    assert (await refusal(promo.WithdrawBalance(request, metadata=OWNER))).reason == "FIELD_INVALID"
    unknown = await refusal(promo.GetWithdrawal(pb.GetWithdrawalRequest(withdrawal_id="pwdr_x"), metadata=OWNER))
    assert unknown.reason == "NOT_FOUND"

    async with hearing(server, sandbox):
        await sandbox.switches.post(f"charges/{await charge_of(server, topup_id)}/disputes")
        await delivered(server, sandbox)
    request.amount_cents = 0
    suspended = await refusal(promo.WithdrawBalance(request, metadata=OWNER))
    assert suspended.reason == "ILLEGAL_TRANSITION"
    lift = campaign_calls_pb2.LiftSuspensionRequest(campaign_id=name, reason="talked to them")
    await promo.LiftSuspension(lift, metadata=lasting("usr_admin", Role.ADMIN))
    owed = await refusal(promo.WithdrawBalance(request, metadata=OWNER))
    assert (owed.reason, owed.metadata["owed_cents"]) == ("MONEY_OWED", "1000")


async def told(server: Running, identifier: str) -> tuple[bool, str]:
    """What `callsheet explain` prints, with single spaces, and whether every sum holds."""
    text = io.StringIO()
    holds = await explain.explain(server.app.core.settings, identifier, Console(file=text, width=250, no_color=True))
    return holds, " ".join(text.getvalue().split())


async def test_the_story_of_a_request_tells_who_decided_and_what_went_where(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, stream: Stream, name: str, clock: ManualClock
) -> None:
    older, newer = await paid(server, sandbox, promo, name, 3_000, 2_000)
    asked = await withdraw(promo, name)
    waiting, before = await told(server, asked.withdrawal_id)
    async with hearing(server, sandbox):
        await worked(server, stream, clock)
        await delivered(server, sandbox)
    complete, after = await told(server, asked.withdrawal_id)
    assert waiting
    assert complete
    assert f"withdrawal {asked.withdrawal_id}: requested" in before
    assert "request: – → requested" in before
    assert "the stream:" not in before
    assert f"withdrawal {asked.withdrawal_id}: completed" in after
    for part in (
        f"campaign {name}",
        f"asked by {ADVERTISER}",
        f"part 2000 to {await charge_of(server, newer)} of {newer}: succeeded",
        f"part 3000 to {await charge_of(server, older)} of {older}: succeeded",
        "the stream: applied pble_",
        "job promo.follow_withdrawal done",
        "parts = what was asked: 50.00 ✓",
        "taken by the stream = what was asked: 50.00 ✓",
    ):
        assert part in after
    assert after.count("call refunds.create succeeded") == 2


async def test_the_story_of_a_refused_request_ends_with_the_streams_word(
    server: Running, sandbox: Sandbox, promo: PromoServiceStub, stream: Stream, name: str, clock: ManualClock
) -> None:
    await paid(server, sandbox, promo, name, 1_000)
    asked = await withdraw(promo, name, 1_000)
    await stream.click(Click(campaign_id=name, at=clock.now(), price_cents=1))
    await worked(server, stream, clock)
    holds, text = await told(server, asked.withdrawal_id)
    assert holds
    assert f"withdrawal {asked.withdrawal_id}: refused" in text
    assert "the stream: refused log" in text
    assert ": released" in text
    assert "taken by the stream" not in text
    assert await told(server, "pwdr_nothing") == (False, "pwdr_nothing does not exist")
