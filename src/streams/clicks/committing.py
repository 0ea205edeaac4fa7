"""Everything that a batch leads to, in one transaction: events, decisions, spend, counters, control records, offset."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from callsheet.sql.clicks import Queries
from server.core.clock import Clock
from server.core.db import Tx, load_queries
from streams.clicks import copying
from streams.clicks.arrived import Arrived
from streams.clicks.copying import EVENTS, Counted, Prepared
from streams.clicks.debits import debit_of, settle
from streams.clicks.deciding import Decision, Plan, evidence_text, hits_text, versions
from streams.clicks.packing import INSTANT, Packing, columns
from streams.clicks.records import Control, ControlKind, newer
from streams.clicks.rollups import Rollups
from streams.clicks.rules.facts import facts_of
from streams.clicks.spending import write_spends

_queries = load_queries("streams.clicks", Queries)
_DECISIONS = Packing(
    "promo_click_decision",
    columns(
        {
            "campaign_id": pa.string(),
            "event_id": pa.string(),
            "verdict": pa.string(),
            "rule": pa.string(),
            "rule_version": pa.int32(),
            "versions": pa.string(),
            "hits": pa.string(),
            "evidence": pa.string(),
            "click_key": pa.string(),
            "budget_day": pa.date32(),
            "price_cents": pa.int32(),
            "billed_cents": pa.int32(),
            "log_partition": pa.int32(),
            "log_offset": pa.int64(),
            "log_index": pa.int32(),
            "facts": pa.string(),
            "decided_at": INSTANT,
        }
    ),
    json=("versions", "hits", "evidence", "facts"),
)


@dataclass(frozen=True, slots=True)
class Decided:
    """A batch with everything that was decided about it."""

    arrived: Arrived
    prepared: Prepared | None
    plan: Plan
    decisions: Sequence[Decision]
    doubted: bool = False
    """Something is there that nobody remembered: each event has to be asked about."""


async def write(tx: Tx, decided: Decided, clock: Clock) -> None:
    """Writes it all, inside the transaction that moves the partition on. UniqueViolationError where an event is there
    already that was taken for new: doubted, the batch finds its place.
    """
    partition, now = decided.arrived.partition, clock.now()
    rollups = Rollups()
    if decided.prepared is not None:
        rollups.impressions(await _store_events(tx, decided, decided.prepared))
    if decided.decisions:
        await _keep_decisions(tx, partition, decided.decisions, now)
        billed = [decision for decision in decided.decisions if decision.billed_cents]
        if billed:
            await write_spends(tx, billed, now)
    rollups.decided(decided.decisions)
    rollups.duplicates(clicked.click for clicked in decided.plan.duplicates)
    if rollups:
        await _queries.add_to_rollups(tx, **rollups.columns())
    if decided.arrived.controls:
        await _keep_controls(tx, partition, decided.arrived.controls, clock)


async def _store_events(tx: Tx, decided: Decided, prepared: Prepared) -> Sequence[Counted]:
    """Copies what is surely new and asks about the rest; the impressions that are new."""
    partition = decided.arrived.partition
    types = {decision.row: decision.event_type for decision in decided.decisions}
    if decided.doubted:
        return await _store_doubtful(tx, partition, copying.retyped(prepared, types))
    clicks = copying.typed(prepared.clicks, [types.get(row) for row in prepared.rows])
    await EVENTS.copy(tx, (*prepared.impressions, *EVENTS.packed(clicks)))
    if prepared.doubtful.num_rows:
        return (*prepared.counted, *await _store_doubtful(tx, partition, prepared.doubtful))
    return prepared.counted


async def _store_doubtful(tx: Tx, partition: int, events: pa.RecordBatch) -> list[Counted]:
    found = await _queries.store_doubtful(
        tx,
        partition=partition,
        event_ids=events["event_id"].to_pylist(),
        campaign_ids=events["campaign_id"].to_pylist(),
        impression_ids=events["impression_id"].to_pylist(),
        types=events["type"].to_pylist(),
        roles=events["role"].to_pylist(),
        cities=events["city"].to_pylist(),
        query_hashes=events["query_hash"].to_pylist(),
        user_ids=events["user_id"].to_pylist(),
        fingerprints=events["anon_fp_hash"].to_pylist(),
        ip_hashes=events["ip_hash"].to_pylist(),
        ua_hashes=events["ua_hash"].to_pylist(),
        received=events["received_at"].to_pylist(),
        extras=events["extra_json"].to_pylist(),
        offsets=events["log_offset"].to_pylist(),
        indexes=events["log_index"].to_pylist(),
        rule_times=events["rule_ts"].to_pylist(),
    )
    return [
        Counted(row["campaign_id"], round(row["bucket_start"].timestamp()) * 1_000_000, row["impressions"])
        for row in found
    ]


async def _keep_decisions(tx: Tx, partition: int, decisions: Sequence[Decision], now: datetime) -> None:
    deciding = [decision.considered.judged.decided_by for decision in decisions]
    clicks = [decision.click for decision in decisions]
    await _DECISIONS.copy_columns(
        tx,
        {
            "campaign_id": [click.campaign_id for click in clicks],
            "event_id": [click.event_id for click in clicks],
            "verdict": [decision.verdict.value for decision in decisions],
            "rule": [hit.rule.value if hit else None for hit in deciding],
            "rule_version": [hit.version if hit else None for hit in deciding],
            "versions": [versions(decision) for decision in decisions],
            "hits": [hits_text(decision.considered.judged.hits) for decision in decisions],
            "evidence": [evidence_text(decision) for decision in decisions],
            "click_key": [decision.key for decision in decisions],
            "budget_day": [decision.considered.budget_day for decision in decisions],
            "price_cents": [click.price_cents for click in clicks],
            "billed_cents": [decision.billed_cents for decision in decisions],
            "log_partition": [partition] * len(clicks),
            "log_offset": [click.place.offset for click in clicks],
            "log_index": [click.place.row for click in clicks],
            "facts": [facts_of(click) for click in clicks],
            "decided_at": [now] * len(clicks),
        },
    )


async def _keep_controls(tx: Tx, partition: int, arrived: Sequence[Control], clock: Clock) -> None:
    """Keeps what is new, and does what it asks for in the log's order."""
    controls = newer(arrived)
    kept = {
        row["log_offset"]
        for row in await _queries.store_controls(
            tx,
            partition=partition,
            offsets=[control.offset for control in controls],
            kinds=[control.kind.value for control in controls],
            keys=[control.key for control in controls],
            versions=[control.version for control in controls],
            payloads=[json.dumps(control.payload) for control in controls],
            received=[control.received_at for control in controls],
        )
    }
    for control in controls:
        if control.kind is ControlKind.DEBIT and control.offset in kept:
            await settle(tx, partition, debit_of(control), clock)
