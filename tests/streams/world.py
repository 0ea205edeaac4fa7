"""A stream, what it reads and what it writes."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import asyncpg

from callsheet.promo.v1 import budget_pb2
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.program import complete
from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from server.core.db import Tx
from server.promo.domain.funds import Funds
from server.promo.domain.ledger import EntryKind, Movement, link
from server.promo.domain.partitions import partition_of
from server.promo.money.repository import LedgerRepository
from tests.rpc.harness import as_user, running_server
from tests.rpc.promo import ADVERTISER, advertiser, campaign, funded
from tests.streams.events import Happening
from tests.streams.fold import Spend
from tests.streams.harness import PARTITIONS, Stream, append, relaying_server, until_committed

PLENTY_CENTS = 1_000_000_000
MOST_GRANTED_CENTS = 1_000_000


async def _topped_up(campaign_id: str, tx: Tx) -> None:
    """Cash, as two people of finance may put it in."""
    ledger = LedgerRepository()
    head = await ledger.lock_funding(tx, campaign_id)
    paid = Movement(
        entry_id=f"pble_{campaign_id.removeprefix('pcmp_')}",
        campaign_id=campaign_id,
        kind=EntryKind.ADJUSTMENT,
        funds=Funds(0, PLENTY_CENTS),
    )
    entry = link(head, paid)
    await ledger.append(tx, [entry], entry.head(head), now=datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class World:
    """A stream, and what it reads and writes."""

    database: DatabaseUrls
    log: Valkey
    stream: Stream

    async def campaign(self, cents: int, daily_cents: int = 5_000, total_cents: int = 100_000) -> Happening:
        """A campaign that has so much to spend; its control records are in the log."""
        [happening] = await self.several(1, cents, daily_cents, total_cents)
        return happening

    async def several(
        self, number: int, cents: int, daily_cents: int = 5_000, total_cents: int = 100_000
    ) -> list[Happening]:
        """So many campaigns of one advertiser."""
        async with relaying_server(self.database, self.log) as server:
            promo = PromoServiceStub(server.channel)
            owner = await advertiser(promo)
            names = []
            for _ in range(number):
                made = await campaign(promo, owner, daily_budget_cents=daily_cents, total_budget_cents=total_cents)
                names.append(made.campaign_id)
                await funded(promo, names[-1], cents)
            return [Happening(name) for name in names]

    async def campaigns(self, number: int) -> list[str]:
        """Campaigns with more money, of both kinds, than any story's log will say."""
        async with running_server(self.database) as server:
            promo = PromoServiceStub(server.channel)
            owner = await advertiser(promo)
            names = [(await campaign(promo, owner)).campaign_id for _ in range(number)]
            for name in names:
                await funded(promo, name, MOST_GRANTED_CENTS)
                await server.app.core.database.run(partial(_topped_up, name))
            return names

    async def happens(self, happening: Happening, *records: bytes) -> None:
        """Until the stream has committed the records."""
        number = partition_of(happening.campaign_id, PARTITIONS)
        await until_committed(self.database, number, await append(self.log, number, records))

    async def balance(self, happening: Happening) -> int:
        async with running_server(self.database) as server:
            promo = PromoServiceStub(server.channel)
            request = budget_pb2.GetBudgetRequest(campaign_id=happening.campaign_id)
            answer = await promo.GetBudget(request, metadata=as_user(ADVERTISER))
            return answer.budget.balance_cents

    async def rows(self, sql: str) -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(self.database.stream_url)
        try:
            return [tuple(row.values()) for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    async def spend_chains(self) -> dict[str, list[Spend]]:
        """Every campaign's spend chain in its order."""
        chains: dict[str, list[Spend]] = defaultdict(list)
        for campaign_id, *line in await self.rows(
            "select campaign_id, kind, promo_cents, cash_cents, click_key, budget_day from promo_budget_ledger"
            " where chain = 'spend' order by campaign_id, sequence"
        ):
            chains[str(campaign_id)].append(Spend(*line))  # type: ignore[arg-type]  # the table's types are these
        return chains

    def told(self, sql: str) -> list[tuple[object, ...]]:
        return complete(self.rows(sql))
