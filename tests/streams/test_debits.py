"""Money that staff takes out of a budget: asked for over RPCs, taken or refused by the stream."""

from pathlib import Path

import pytest

from callsheet.promo.v1 import budget_pb2
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.program import complete
from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from server.promo.domain.funds import NOTHING, Funds
from server.promo.domain.ledger import Chain, Head
from server.promo.domain.partitions import partition_of
from streams.clicks.debits import Debit, covered, taken
from tests.rpc.harness import as_user, running_server
from tests.rpc.promo import ADVERTISER, advertiser, approve, campaign, funded, propose
from tests.streams.harness import PARTITIONS, relaying_server, stream_in, until_committed


async def asked_for(database: DatabaseUrls, log: Valkey) -> str:
    """A campaign with 1,000 cents of credit, and three requests: 300, then 800, then 700 again; its id."""
    async with relaying_server(database, log) as server:
        promo = PromoServiceStub(server.channel)
        name = (await campaign(promo, await advertiser(promo))).campaign_id
        await funded(promo, name, 1_000)
        for amount in (300, 800, 700):
            adjustment = await propose(promo, name, promo_cents=-amount)
            await approve(promo, adjustment.adjustment_id)
        return name


async def ledger_of(database: DatabaseUrls, name: str) -> tuple[int, list[int]]:
    """The balance and every entry's amount, newest first."""
    async with running_server(database) as server:
        promo = PromoServiceStub(server.channel)
        owner = as_user(ADVERTISER)
        budget = await promo.GetBudget(budget_pb2.GetBudgetRequest(campaign_id=name), metadata=owner)
        listed = await promo.ListBudgetEntries(budget_pb2.ListBudgetEntriesRequest(campaign_id=name), metadata=owner)
        return budget.budget.balance_cents, [entry.amount_cents for entry in listed.entries]


async def outcomes(database: DatabaseUrls) -> list[str]:
    async with running_server(database) as server, server.app.core.database.read() as tx:
        rows = await tx.fetch("select outcome from promo_debit order by log_offset")
        return [row["outcome"] for row in rows]


def test_money_is_taken_whole_or_not_at_all(
    database: DatabaseUrls, valkey_log: Valkey, valkey_budget: Valkey, tmp_path: Path
) -> None:
    name = complete(asked_for(database, valkey_log))
    assert complete(ledger_of(database, name)) == (1_000, [1_000])
    stream = stream_in(tmp_path, database, valkey_log, valkey_budget)
    with stream.running():
        complete(until_committed(database, partition_of(name, PARTITIONS), 5))
    assert complete(outcomes(database)) == ["applied", "refused", "applied"]
    balance, amounts = complete(ledger_of(database, name))
    assert balance == 0
    assert sorted(amounts) == [-700, -300, 1_000]


@pytest.mark.parametrize(
    ("asked", "funded_then", "spent", "there"),
    [
        (Funds(300, 0), Funds(300, 0), NOTHING, True),
        (Funds(300, 0), Funds(300, 500), Funds(-1, 0), False),
        (Funds(0, 300), Funds(1_000, 299), NOTHING, False),
        (Funds(10, 20), Funds(10, 20), NOTHING, True),
        (Funds(10, 20), Funds(10, 20), Funds(0, -1), False),
    ],
)
def test_each_kind_of_money_has_to_be_there(asked: Funds, funded_then: Funds, spent: Funds, there: bool) -> None:
    assert covered(asked, funded_then, spent) is there


def test_a_replay_takes_by_the_same_entry() -> None:
    debit = Debit("padj_01hk153x00e2w8z9q4t6v7y8z9", "pcmp_1", Funds(5, 7), 9)
    head = Head("pcmp_1", 3, Funds(-10, -10), b"\x01")
    first, again = taken(debit, head), taken(debit, head)
    assert first == again
    assert first.movement.entry_id == "pble_01hk153x00e2w8z9q4t6v7y8z9"
    assert (first.movement.chain, first.head(head).funds) == (Chain.SPEND, Funds(-15, -17))
