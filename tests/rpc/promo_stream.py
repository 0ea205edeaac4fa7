"""The stream's part, played by a test: what it commits for clicks and for requests, under its own role and rules.

Only what is written counts here; how the stream comes to write it is shown where the stream is tested.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from callsheet.promo.v1 import log_pb2
from devstack.roles import DatabaseUrls
from server.core.clock import Clock
from server.core.db import Database, Tx, connect
from server.core.ids import SystemIds
from server.promo.domain.funds import Funds
from server.promo.domain.ledger import EntryKind, Head, Link, Movement, link
from server.promo.domain.partitions import partition_of
from streams.clicks.debits import Debit, settle
from tests.rpc.harness import Running

PARTITIONS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """A click as it came and as it was decided."""

    campaign_id: str
    at: datetime
    price_cents: int = 100
    verdict: str = "billed"
    rule: str | None = None
    impression_id: str = ""
    with_impression: bool = True
    zone: str = "Europe/Berlin"
    evidence: dict[str, object] = field(default_factory=dict)

    @property
    def day(self) -> date:
        return self.at.astimezone(ZoneInfo(self.zone)).date()


class Stream:
    """Writes what the stream writes, one transaction a call."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._ids = SystemIds(clock)
        self._offset = 0
        self._heard = 0

    async def click(self, click: Click) -> str:
        """An event with its decision, spend and rollup; its id."""
        return await self._database.run(lambda tx: self._click(tx, click))

    async def impressions(self, campaign_id: str, at: datetime, count: int) -> None:
        """Impressions in the quarter of an hour of that instant, as counted."""

        async def work(tx: Tx) -> None:
            await _roll(tx, campaign_id, at, impressions=count)

        await self._database.run(work)

    async def counts_wrongly(self, campaign_id: str, at: datetime, cents: int) -> None:
        """Counts spend that there was not."""
        await self._database.run(lambda tx: _roll(tx, campaign_id, at, spend=cents))

    async def taken_over(self, campaign_id: str) -> None:
        """Another writer takes the campaign's partition."""
        number = partition_of(campaign_id, PARTITIONS)
        await self._database.run(
            lambda tx: tx.execute("update stream_partition set fence = fence + 1 where partition = $1", number)
        )

    async def hears(self, server: Running) -> None:
        """Takes what was said to it since it listened last, in order: limits are kept, requests settled."""
        async with server.app.core.database.read() as tx:
            rows = await tx.fetch(
                "select seq, payload from core.outbox where topic = 'clicks' and seq > $1 order by seq", self._heard
            )
        for row in rows:
            self._heard = row["seq"]
            record = log_pb2.LogRecord.FromString(row["payload"]).control
            await self._database.run(lambda tx, record=record: self._control(tx, record))  # type: ignore[misc]

    async def _step(self, tx: Tx, partition: int) -> None:
        """The next offset, whichever partition it is in: what counts is that each partition's only grow."""
        self._offset += 1
        await tx.execute(
            "insert into stream_partition (partition, fence, last_offset, updated_at) values ($1, 1, $2, $3) "
            "on conflict (log, partition) do update set last_offset = excluded.last_offset, "
            "updated_at = excluded.updated_at",
            partition,
            self._offset,
            self._clock.now(),
        )

    async def _control(self, tx: Tx, record: log_pb2.ControlRecord) -> None:
        await self._step(tx, partition_of(record.debit.campaign_id or record.key, PARTITIONS))
        match record.WhichOneof("subject"):
            case "campaign":
                limits = record.campaign
                payload = {
                    "funded_promo_cents": limits.funded_promo_cents,
                    "funded_cash_cents": limits.funded_cash_cents,
                    "total_budget_cents": limits.total_budget_cents,
                }
                await self._keep(tx, "campaign", record.key, record.version, payload)
            case "debit":
                asked = Funds(record.debit.promo_cents, record.debit.cash_cents)
                debit = Debit(record.key, record.debit.campaign_id, asked, self._offset)
                await settle(tx, partition_of(debit.campaign_id, PARTITIONS), debit, self._clock)

    async def _keep(self, tx: Tx, kind: str, key: str, version: int, payload: dict[str, int]) -> None:
        await tx.execute(
            "insert into promo_control (log_partition, log_offset, kind, key, version, payload, received_at) "
            "values ($1, $2, $3, $4, $5, $6::jsonb, $7)",
            partition_of(key, PARTITIONS),
            self._offset,
            kind,
            key,
            version,
            json.dumps(payload),
            self._clock.now(),
        )

    async def _click(self, tx: Tx, click: Click) -> str:
        await self._step(tx, partition_of(click.campaign_id, PARTITIONS))
        event_id = _at(self._ids.new("pevt"), click.at)
        impression_id = click.impression_id or self._ids.new("pimp")
        key = f"{click.campaign_id}:{impression_id}"
        billed = click.price_cents if click.verdict == "billed" else 0
        if click.with_impression:
            await _event(tx, _at(self._ids.new("pevt"), click.at), click, impression_id, "impression", self._offset)
        kind = "invalid_click" if click.verdict == "invalid" else "click"
        await _event(tx, event_id, click, impression_id, kind, self._offset)
        await tx.execute(
            "insert into promo_click_decision (campaign_id, event_id, verdict, rule, rule_version, hits, evidence, "
            "click_key, budget_day, price_cents, billed_cents, log_partition, log_offset, log_index, decided_at) "
            "values ($1, $2, $3, $4, $5, $6::jsonb, $7::jsonb, $8, $9, $10, $11, $12, $13, 0, $14)",
            click.campaign_id,
            event_id,
            click.verdict,
            click.rule,
            1 if click.rule else None,
            json.dumps([click.rule] if click.rule else []),
            json.dumps(click.evidence),
            key,
            click.day,
            click.price_cents,
            billed,
            partition_of(click.campaign_id, PARTITIONS),
            self._offset,
            click.at,
        )
        if billed:
            await self._spend(tx, click, key, billed)
        counts = {"clicks": int(kind == "click"), "invalid_clicks": int(kind == "invalid_click")}
        seen = int(click.with_impression)
        await _roll(
            tx, click.campaign_id, click.at, impressions=seen, billed_clicks=bool(billed), spend=billed, **counts
        )
        return event_id

    async def _spend(self, tx: Tx, click: Click, key: str, billed: int) -> None:
        """The chain's next link, promotional credit first."""
        campaign_id = click.campaign_id
        await tx.execute("insert into promo_spend_head (campaign_id) values ($1) on conflict do nothing", campaign_id)
        row = await tx.fetchrow("select * from promo_spend_head where campaign_id = $1 for no key update", campaign_id)
        funded = await tx.fetchval("select promo_cents from promo_funding_head where campaign_id = $1", campaign_id)
        assert row is not None
        promo = min(billed, (funded if isinstance(funded, int) else 0) + row["promo_cents"])
        head = Head(campaign_id, row["sequence"], Funds(row["promo_cents"], row["cash_cents"]), row["hash"])
        movement = Movement(
            entry_id=self._ids.new("pble"),
            campaign_id=campaign_id,
            kind=EntryKind.SPEND,
            funds=Funds(-promo, promo - billed),
            click_key=key,
            budget_day=click.day,
        )
        await _write(tx, link(head, movement), link(head, movement).head(head), click.at)


@asynccontextmanager
async def stream_hand(database: DatabaseUrls, clock: Clock) -> AsyncIterator[Stream]:
    """A stream under its own role."""
    async with connect(database.stream_url, application="test-stream", size=2) as opened:
        yield Stream(opened, clock)


def _at(identifier: str, at: datetime) -> str:
    """An id whose time is that instant, with the rest of another: ten characters hold the millisecond."""
    prefix, _, suffix = identifier.partition("_")

    class Then:
        def now(self) -> datetime:
            return at

    then = SystemIds(Then()).new(prefix).partition("_")[2]
    return f"{prefix}_{then[:10]}{suffix[10:]}"


async def _event(tx: Tx, event_id: str, click: Click, impression_id: str, kind: str, offset: int) -> None:
    await tx.execute(
        "insert into promo_event (event_id, campaign_id, impression_id, type, role, city, query_hash, user_id, "
        "anon_fp_hash, ip_hash, ua_hash, ts, log_partition, log_offset, log_index, rule_ts) "
        "values ($1, $2, $3, $4, 'photographer', 'berlin', 'q', 'usr_viewer', 'device', 'ip', 'ua', $5, $6, $7, 0, $5)",
        event_id,
        click.campaign_id,
        impression_id,
        kind,
        click.at,
        partition_of(click.campaign_id, PARTITIONS),
        offset,
    )


async def _roll(
    tx: Tx,
    campaign_id: str,
    at: datetime,
    *,
    impressions: int = 0,
    clicks: int = 0,
    billed_clicks: int = 0,
    invalid_clicks: int = 0,
    spend: int = 0,
) -> None:
    bucket = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
    await tx.execute(
        "insert into promo_rollup_15m as r (campaign_id, bucket_start, impressions, clicks, billed_clicks, "
        "invalid_clicks, spend_cents) values ($1, $2, $3, $4, $5, $6, $7) on conflict (campaign_id, bucket_start) "
        "do update set impressions = r.impressions + excluded.impressions, clicks = r.clicks + excluded.clicks, "
        "billed_clicks = r.billed_clicks + excluded.billed_clicks, "
        "invalid_clicks = r.invalid_clicks + excluded.invalid_clicks, "
        "spend_cents = r.spend_cents + excluded.spend_cents",
        campaign_id,
        bucket,
        impressions,
        clicks,
        int(billed_clicks),
        invalid_clicks,
        spend,
    )


async def _write(tx: Tx, written: Link, head: Head, at: datetime) -> None:
    movement = written.movement
    await tx.execute(
        "insert into promo_budget_ledger (entry_id, campaign_id, kind, amount_cents, promo_cents, cash_cents, chain, "
        "sequence, click_key, budget_day, previous_hash, hash, created_at) "
        "values ($1, $2, 'spend', $3, $4, $5, 'spend', $6, $7, $8, $9, $10, $11)",
        movement.entry_id,
        movement.campaign_id,
        movement.funds.total_cents,
        movement.funds.promo_cents,
        movement.funds.cash_cents,
        written.sequence,
        movement.click_key,
        movement.budget_day,
        written.previous_hash,
        written.hash,
        at,
    )
    await tx.execute(
        "update promo_spend_head set sequence = $2, promo_cents = $3, cash_cents = $4, hash = $5 "
        "where campaign_id = $1",
        head.campaign_id,
        head.sequence,
        head.funds.promo_cents,
        head.funds.cash_cents,
        head.hash,
    )
