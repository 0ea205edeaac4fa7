"""Credit over a socket: who may move it, what is refused, and what concurrency cannot break."""

import asyncio
import random
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import StringIO

import asyncpg
import grpc
import pytest
from rich.console import Console

from callsheet.growth.v1 import credit_pb2 as pb
from callsheet.growth.v1.growth_pb2_grpc import GrowthServiceStub
from devstack.roles import DatabaseUrls
from server.core.call import Role
from server.core.clock import ManualClock
from server.explain import explain
from server.growth.credit.timers import EXPIRE, VERIFY
from tests.rpc.booking import change, stamp
from tests.rpc.growth import enqueue, lasting, service
from tests.rpc.harness import Running, read_refusal, refusal, running_server

OWNER, STRANGER = "usr_owner", "usr_stranger"
FINANCE = lasting("usr_finance", Role.FINANCE)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime.now(UTC))


@pytest.fixture
async def server(database: DatabaseUrls, clock: ManualClock) -> AsyncIterator[Running]:
    async with running_server(database, clock=clock) as running:
        yield running


@pytest.fixture
def growth(server: Running) -> GrowthServiceStub:
    return GrowthServiceStub(server.channel)


def granting(amount: int, cause: str = "sca_1", **changes: object) -> pb.GrantCreditRequest:
    values: dict[str, object] = {"currency": "usd", "scope": pb.CREDIT_SCOPE_BUYER_FEE_ONLY, "reason": "goodwill"}
    request = pb.GrantCreditRequest(user_id=OWNER, amount_cents=amount, related_id=cause)
    change(request, {**values, **changes})
    return request


def redeeming(amount: int, cause: str = "ord_1", **changes: object) -> pb.RedeemCreditRequest:
    values: dict[str, object] = {"currency": "usd", "scope": pb.CREDIT_SCOPE_BUYER_FEE_ONLY, "reason": "order"}
    request = pb.RedeemCreditRequest(user_id=OWNER, amount_cents=amount, related_id=cause)
    for name, value in {**values, **changes}.items():
        setattr(request, name, value)
    return request


def reversing(entry_id: str, amount: int, cause: str = "ref_1") -> pb.ReverseRedeemRequest:
    return pb.ReverseRedeemRequest(
        user_id=OWNER, amount_cents=amount, entry_id=entry_id, reason="refund", related_id=cause
    )


async def balance(growth: GrowthServiceStub) -> tuple[int, int]:
    answer = await growth.GetCreditBalance(pb.GetCreditBalanceRequest(user_id=OWNER), metadata=lasting(OWNER))
    assert answer.balance_cents == sum(grant.remaining_cents for grant in answer.grants)
    return answer.balance_cents, answer.debt_cents


async def test_credit_is_given_spent_and_given_back(growth: GrowthServiceStub, server: Running) -> None:
    assert await balance(growth) == (0, 0)
    await growth.GrantCredit(granting(1_500), metadata=FINANCE)
    server.statements.forget()
    redeemed = await growth.RedeemCredit(redeeming(1_000), metadata=service())
    assert server.statements.count("RedeemCredit") <= 7
    assert await balance(growth) == (500, 0)
    for number, amount in enumerate((300, 300, 400)):
        await growth.ReverseRedeem(reversing(redeemed.entry.entry_id, amount, f"ref_{number}"), metadata=service())
    assert await balance(growth) == (1_500, 0)
    ledger = await growth.ListCreditEntries(
        pb.ListCreditEntriesRequest(user_id=OWNER, page_size=2), metadata=lasting(OWNER)
    )
    rest = await growth.ListCreditEntries(
        pb.ListCreditEntriesRequest(user_id=OWNER, page_token=ledger.next_page_token), metadata=lasting(OWNER)
    )
    assert [entry.sequence for entry in (*ledger.entries, *rest.entries)] == [5, 4, 3, 2, 1]
    assert {entry.reverses_entry_id for entry in ledger.entries} == {redeemed.entry.entry_id}


async def test_of_forty_who_spend_everything_one_wins(growth: GrowthServiceStub) -> None:
    await growth.GrantCredit(granting(1_500), metadata=FINANCE)
    outcomes = await asyncio.gather(
        *(growth.RedeemCredit(redeeming(1_500, f"ord_{number}"), metadata=service()) for number in range(40)),
        return_exceptions=True,
    )
    lost = [outcome for outcome in outcomes if isinstance(outcome, grpc.aio.AioRpcError)]

    assert len(lost) == 39
    assert {(error.code(), read_refusal(error).reason) for error in lost} == {
        (grpc.StatusCode.FAILED_PRECONDITION, "CREDIT_INSUFFICIENT")
    }
    assert await balance(growth) == (0, 0)


async def test_what_is_refused_and_why(growth: GrowthServiceStub) -> None:
    await growth.GrantCredit(granting(1_000), metadata=FINANCE)
    redeemed = await growth.RedeemCredit(redeeming(600), metadata=service())
    entry_id = redeemed.entry.entry_id
    refused = [
        (growth.RedeemCredit(redeeming(401, "ord_2"), metadata=service()), "CREDIT_INSUFFICIENT"),
        (growth.RedeemCredit(redeeming(1, "ord_3", currency="eur"), metadata=service()), "CREDIT_CURRENCY_MISMATCH"),
        (
            growth.RedeemCredit(redeeming(1, "ord_4", scope=pb.CREDIT_SCOPE_ORDER_TOTAL), metadata=service()),
            "CREDIT_SCOPE_MISMATCH",
        ),
        (growth.RedeemCredit(redeeming(1), metadata=service()), "ALREADY_EXISTS"),
        (growth.GrantCredit(granting(1), metadata=FINANCE), "ALREADY_EXISTS"),
        (growth.GrantCredit(granting(1, "sca_2", currency="eur"), metadata=FINANCE), "CREDIT_CURRENCY_MISMATCH"),
        (growth.GrantCredit(granting(0, "sca_3"), metadata=FINANCE), "FIELD_INVALID"),
        (growth.GrantCredit(granting(1, "sca_4", reason="Because!"), metadata=FINANCE), "FIELD_INVALID"),
        (growth.ReverseRedeem(reversing(entry_id, 601), metadata=service()), "CREDIT_REVERSAL_EXCEEDED"),
        (growth.ReverseRedeem(reversing("crl_nothing", 1), metadata=service()), "NOT_FOUND"),
        (growth.RedeemCredit(redeeming(1), metadata=lasting(OWNER)), "ROLE_REQUIRED"),
        (growth.GrantCredit(granting(1), metadata=lasting(OWNER)), "ROLE_REQUIRED"),
        (
            growth.GetCreditBalance(pb.GetCreditBalanceRequest(user_id=OWNER), metadata=lasting(STRANGER)),
            "NOT_SELF",
        ),
        (
            growth.ListCreditEntries(pb.ListCreditEntriesRequest(user_id=OWNER), metadata=lasting(STRANGER)),
            "NOT_SELF",
        ),
    ]
    for call, reason in refused:
        assert (await refusal(call)).reason == reason
    assert await balance(growth) == (400, 0)


async def test_an_award_is_clawed_back_once(growth: GrowthServiceStub) -> None:
    awarded = await growth.GrantCredit(granting(1_000), metadata=FINANCE)
    redeemed = await growth.RedeemCredit(redeeming(700), metadata=service())
    request = pb.ClawbackCreditRequest(user_id=OWNER, entry_id=awarded.entry.entry_id, reason="abuse")
    left = await growth.ClawbackCredit(request, metadata=FINANCE)
    again = await refusal(growth.ClawbackCredit(request, metadata=FINANCE))
    redeem = pb.ClawbackCreditRequest(user_id=OWNER, entry_id=redeemed.entry.entry_id, reason="abuse")
    wrong = await refusal(growth.ClawbackCredit(redeem, metadata=FINANCE))
    unknown = pb.ClawbackCreditRequest(user_id=OWNER, entry_id="crl_nothing", reason="abuse")

    assert (left.balance_cents, left.debt_cents) == (0, 700)
    assert (again.code, again.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ALREADY_EXISTS")
    assert "entry_id" in wrong.violations
    assert (await refusal(growth.ClawbackCredit(unknown, metadata=FINANCE))).reason == "NOT_FOUND"
    await growth.ReverseRedeem(reversing(redeemed.entry.entry_id, 700), metadata=service())
    assert await balance(growth) == (0, 0)


async def test_what_goes_back_is_in_the_grants_it_came_from_and_expires_as_they_do(
    growth: GrowthServiceStub, clock: ManualClock
) -> None:
    for number, days in enumerate((9, 3)):
        given = granting(500, f"sca_{number}", expires_at=stamp(clock.now() + timedelta(days=days)))
        await growth.GrantCredit(given, metadata=FINANCE)
        clock.advance(timedelta(seconds=1))  # ids of one instant have no order

    async def grants() -> dict[str, tuple[int, datetime]]:
        answer = await growth.GetCreditBalance(pb.GetCreditBalanceRequest(user_id=OWNER), metadata=lasting(OWNER))
        return {one.grant_id: (one.remaining_cents, one.expires_at.ToDatetime(tzinfo=UTC)) for one in answer.grants}

    lasting_longer, expiring_first = before = await grants()
    redeemed = await growth.RedeemCredit(redeeming(800), metadata=service())
    spent = await grants()
    await growth.ReverseRedeem(reversing(redeemed.entry.entry_id, 400, "ref_1"), metadata=service())
    partly = await grants()
    await growth.ReverseRedeem(reversing(redeemed.entry.entry_id, 400, "ref_2"), metadata=service())

    assert {grant_id: cents for grant_id, (cents, _) in spent.items()} == {lasting_longer: 200}
    assert {grant_id: cents for grant_id, (cents, _) in partly.items()} == {lasting_longer: 500, expiring_first: 100}
    assert await grants() == before
    clock.advance(timedelta(days=3))
    assert await balance(growth) == (500, 0)


async def test_credit_expires(growth: GrowthServiceStub, server: Running, clock: ManualClock) -> None:
    await growth.GrantCredit(granting(1_000, expires_at=stamp(clock.now() + timedelta(days=3))), metadata=FINANCE)
    clock.advance(timedelta(days=3))
    assert await balance(growth) == (0, 0)
    await enqueue(server, EXPIRE)
    await server.worker().run_due()
    ledger = await growth.ListCreditEntries(pb.ListCreditEntriesRequest(user_id=OWNER), metadata=lasting(OWNER))

    assert [(entry.reason, entry.amount_cents) for entry in ledger.entries] == [("expired", 1_000), ("goodwill", 1_000)]


async def test_the_database_keeps_every_sequence_whole(growth: GrowthServiceStub, server: Running) -> None:
    """Eight callers at once, each doing this and that; the invariants of the database are checked afterwards."""
    redeemed: list[str] = []
    awarded: list[str] = []
    refused: list[grpc.StatusCode] = []

    async def caller(seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311  a sequence to repeat, no secret
        for step in range(12):
            cause, amount = f"{seed}_{step}", chance.randint(1, 900)
            try:
                match chance.choice(["award", "redeem", "redeem", "reverse", "claw back"]):
                    case "award":
                        answer = await growth.GrantCredit(granting(amount, f"sca_{cause}"), metadata=FINANCE)
                        awarded.append(answer.entry.entry_id)
                    case "redeem":
                        paid = await growth.RedeemCredit(redeeming(amount, f"ord_{cause}"), metadata=service())
                        redeemed.append(paid.entry.entry_id)
                    case "reverse" if redeemed:
                        back = reversing(chance.choice(redeemed), amount, f"ref_{cause}")
                        await growth.ReverseRedeem(back, metadata=service())
                    case "claw back" if awarded:
                        entry_id = chance.choice(awarded)
                        taken = pb.ClawbackCreditRequest(user_id=OWNER, entry_id=entry_id, reason="abuse")
                        await growth.ClawbackCredit(taken, metadata=FINANCE)
            except grpc.aio.AioRpcError as error:
                refused.append(error.code())

    await growth.GrantCredit(granting(5_000, "sca_first"), metadata=FINANCE)
    await asyncio.gather(*(caller(seed) for seed in range(8)))
    await enqueue(server, VERIFY)
    await server.worker().run_due()

    assert redeemed
    assert set(refused) <= {grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.ALREADY_EXISTS}
    assert await job_statuses(server) == {"growth.verify_credit": "done"}


async def job_statuses(server: Running) -> dict[str, str]:
    async with server.app.core.database.read() as tx:
        rows = await tx.fetch("select kind, status from core.job")
    return {row["kind"]: row["status"] for row in rows}


async def told(server: Running, user_id: str = OWNER) -> tuple[bool, str]:
    """What somebody on call is told of a person's credit, and whether it holds."""
    written = StringIO()
    holds = await explain(server.app.core.settings, user_id, Console(file=written, width=200))
    return holds, written.getvalue()


async def test_a_persons_credit_is_explained_line_by_line(growth: GrowthServiceStub, server: Running) -> None:
    awarded = await growth.GrantCredit(granting(1_000), metadata=FINANCE)
    redeemed = await growth.RedeemCredit(redeeming(700), metadata=service())
    entry_id = redeemed.entry.entry_id
    request = pb.ClawbackCreditRequest(user_id=OWNER, entry_id=awarded.entry.entry_id, reason="abuse")
    await growth.ClawbackCredit(request, metadata=FINANCE)
    await growth.ReverseRedeem(reversing(entry_id, 200), metadata=service())
    holds, text = await told(server)

    assert holds
    assert re.findall(r"(award|redeem|clawback) (\S+) +line \d · (\w+)", text) == [
        ("award", "+10.00", "goodwill"),
        ("redeem", "-7.00", "order"),
        ("clawback", "-3.00", "abuse"),
        ("award", "+2.00", "refund"),
        ("clawback", "-2.00", "debt_paid"),
    ]
    assert f"ref_1 · reverses {entry_id}" in text
    assert "owes       5.00" in text
    assert "connects through line 5" in text
    assert await told(server, STRANGER) == (False, f"{STRANGER} does not exist\n")


@pytest.mark.breaks_invariants
async def test_a_forged_ledger_does_not_verify(
    growth: GrowthServiceStub, server: Running, database: DatabaseUrls
) -> None:
    await growth.GrantCredit(granting(1_000), metadata=FINANCE)
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute("alter table credit_ledger disable trigger credit_ledger_append_only")
    await connection.execute("update credit_ledger set amount_cents = 900000")
    await connection.execute("alter table credit_ledger enable trigger credit_ledger_append_only")
    await connection.close()
    await enqueue(server, VERIFY)
    await server.worker().run_due()

    assert await job_statuses(server) == {"growth.verify_credit": "queued"}
    holds, text = await told(server)
    assert not holds
    assert "is broken at line 1" in text


async def test_nobody_changes_a_line(growth: GrowthServiceStub, database: DatabaseUrls) -> None:
    await growth.GrantCredit(granting(1_000), metadata=FINANCE)
    for url in (database.app_url, database.owner_url):
        connection = await asyncpg.connect(url)
        for statement in ("update credit_ledger set amount_cents = 1", "delete from credit_ledger"):
            with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.RestrictViolationError)):
                await connection.execute(statement)
        await connection.close()
