"""A stream, what it reads and what it writes."""

from dataclasses import dataclass

import asyncpg

from callsheet.promo.v1 import budget_pb2
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.program import complete
from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from server.promo.domain.partitions import partition_of
from tests.rpc.harness import as_user, running_server
from tests.rpc.promo import ADVERTISER, advertiser, campaign, funded
from tests.streams.events import Happening
from tests.streams.harness import PARTITIONS, Stream, append, relaying_server, until_committed


@dataclass(frozen=True, slots=True)
class World:
    """A stream, and what it reads and writes."""

    database: DatabaseUrls
    log: Valkey
    stream: Stream

    async def campaign(self, cents: int, daily_cents: int = 5_000, total_cents: int = 100_000) -> Happening:
        """A campaign that has so much to spend; its control records are in the log."""
        async with relaying_server(self.database, self.log) as server:
            promo = PromoServiceStub(server.channel)
            made = await campaign(
                promo, await advertiser(promo), daily_budget_cents=daily_cents, total_budget_cents=total_cents
            )
            await funded(promo, made.campaign_id, cents)
            return Happening(made.campaign_id)

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

    def told(self, sql: str) -> list[tuple[object, ...]]:
        return complete(self.rows(sql))
