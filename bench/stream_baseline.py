"""What the stream is measured against: the same rows, written the usual good way, and written the obvious way.

Both are given what the stream has to find out: their rows are read back from a run of the stream, decided and chained.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import asyncpg

from bench.processes import cpu_seconds

Row: TypeAlias = tuple[object, ...]

BATCH = 2_000
EVENTS = (
    *("event_id", "campaign_id", "impression_id", "type", "role", "city", "query_hash", "user_id", "anon_fp_hash"),
    *("ip_hash", "ua_hash", "ts", "extra_json", "log_partition", "log_offset", "log_index", "rule_ts"),
)
DECISIONS = (
    *("campaign_id", "event_id", "verdict", "rule", "rule_version", "versions", "hits", "evidence", "click_key"),
    *("budget_day", "price_cents", "billed_cents", "log_partition", "log_offset", "log_index"),
)
ENTRIES = (
    *("entry_id", "campaign_id", "kind", "amount_cents", "promo_cents", "cash_cents", "chain", "sequence", "click_key"),
    *("budget_day", "previous_hash", "hash"),
)
COUNTERS = ("impressions", "clicks", "billed_clicks", "invalid_clicks", "over_delivered_clicks", "spend_cents")

_UPSERT_EVENTS = (
    f"insert into promo_event ({', '.join(EVENTS)}) select {', '.join(EVENTS)} from staged on conflict do nothing"
)
_UPSERT_COUNTERS = f"""
    insert into promo_rollup_15m as r (campaign_id, bucket_start, {", ".join(COUNTERS)})
    select * from unnest($1::text[], $2::timestamptz[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
                         $7::bigint[], $8::bigint[])
    on conflict (campaign_id, bucket_start) do update set
      {", ".join(f"{name} = r.{name} + excluded.{name}" for name in COUNTERS)}
"""
_ALL_EVENTS = f"select {', '.join(EVENTS)} from promo_event order by log_offset, log_partition, log_index"
_ALL_DECISIONS = f"select {', '.join(DECISIONS)} from promo_click_decision"
_ALL_ENTRIES = f"""
    select d.event_id, {", ".join(f"l.{name}" for name in ENTRIES)}
    from promo_budget_ledger l join promo_click_decision d using (campaign_id, click_key)
    where l.kind = 'spend' and d.billed_cents > 0
"""
_PARTITION = "insert into stream_partition (partition) values ($1) on conflict do nothing"
_REACHED = "update stream_partition set last_offset = $2 where log = 'clicks' and partition = $1"
_HEAD = "insert into promo_spend_head (campaign_id) values ($1) on conflict do nothing"
_LOCK = "select sequence from promo_spend_head where campaign_id = $1 for no key update"
_MOVE = "update promo_spend_head set sequence = $2, cash_cents = cash_cents + $3, hash = $4 where campaign_id = $1"


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that are written together."""

    events: Sequence[Row]
    decisions: Sequence[Row]
    entries: Sequence[Row]
    counters: Sequence[Row]


async def read_back(url: str, repeated: float) -> list[Batch]:
    """Everything that the stream wrote, in the log's order, cut into batches. A share of the events comes twice."""
    connection = await asyncpg.connect(url)
    try:
        events = [tuple(row) for row in await connection.fetch(_ALL_EVENTS)]
        decisions = [tuple(row) for row in await connection.fetch(_ALL_DECISIONS)]
        entries = {row["event_id"]: tuple(row)[1:] for row in await connection.fetch(_ALL_ENTRIES)}
    finally:
        await connection.close()
    by_event = {row[DECISIONS.index("event_id")]: row for row in decisions}
    chance = random.Random(1)  # noqa: S311  which events come twice, and no secret
    batches = []
    for first in range(0, len(events), BATCH):
        fresh = events[first : first + BATCH]
        again = chance.sample(fresh, round(len(fresh) * repeated))
        decided = [by_event[row[0]] for row in fresh if row[0] in by_event]
        spent = [entries[row[1]] for row in decided if row[1] in entries]
        batches.append(Batch([*fresh, *again], decided, spent, _counters(fresh, decided)))
    return batches


def _counters(events: Sequence[Row], decisions: Sequence[Row]) -> list[Row]:
    """What a batch adds to the counters."""
    counters: dict[tuple[object, datetime], list[int]] = defaultdict(lambda: [0] * len(COUNTERS))
    billed = {row[1]: row[DECISIONS.index("billed_cents")] for row in decisions}
    for row in events:
        at = row[EVENTS.index("ts")]
        assert isinstance(at, datetime)
        bucket = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
        counter = counters[row[1], bucket]
        counter[("impression", "click", "", "invalid_click").index(str(row[3]))] += 1
        cents = billed.get(row[0], 0)
        assert isinstance(cents, int)
        counter[2] += cents > 0
        counter[5] += cents
    return [(campaign, bucket, *counter) for (campaign, bucket), counter in sorted(counters.items(), key=str)]


async def write(url: str, batches: Sequence[Batch]) -> float:
    """One connection: copy to staging, upsert, copy the rest, commit; what its session took of a processor."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("create temp table staged (like promo_event) on commit delete rows")
        for batch in batches:
            async with connection.transaction():
                await connection.copy_records_to_table("staged", records=batch.events, columns=EVENTS)
                await connection.execute(_UPSERT_EVENTS)
                await connection.copy_records_to_table(
                    "promo_click_decision", records=batch.decisions, columns=DECISIONS
                )
                await connection.copy_records_to_table("promo_budget_ledger", records=batch.entries, columns=ENTRIES)
                await connection.execute(_UPSERT_COUNTERS, *map(list, zip(*batch.counters, strict=True)))
        return cpu_seconds(connection.get_server_pid())
    finally:
        await connection.close()


async def write_one_by_one(url: str, batches: Sequence[Batch], events: int) -> None:
    """An event, everything it leads to and how far the log was read, in a transaction of its own: whoever is killed
    goes on behind it. It neither reads nor decodes the log, asks no rule and claims no budget.
    """
    connection = await asyncpg.connect(url)
    store = f"insert into promo_event ({', '.join(EVENTS)}) values ({_places(EVENTS)}) on conflict do nothing"
    decide = f"insert into promo_click_decision ({', '.join(DECISIONS)}) values ({_places(DECISIONS)})"
    spend = f"insert into promo_budget_ledger ({', '.join(ENTRIES)}) values ({_places(ENTRIES)})"
    decisions = {row[1]: row for batch in batches for row in batch.decisions}
    entries = {row[ENTRIES.index("click_key")]: row for batch in batches for row in batch.entries}
    chosen = [event for batch in batches for event in batch.events][:events]
    partition, offset = EVENTS.index("log_partition"), EVENTS.index("log_offset")
    try:
        for number in {event[partition] for event in chosen}:
            await connection.execute(_PARTITION, number)
        for event in chosen:
            async with connection.transaction():
                await connection.execute(_REACHED, event[partition], event[offset])
                if (await connection.execute(store, *event)).endswith("0"):
                    continue
                decision = decisions.get(event[0])
                decided = [] if decision is None else [decision]
                if decision is not None:
                    await connection.execute(decide, *decision)
                    entry = entries.get(decision[DECISIONS.index("click_key")])
                    if entry is not None:
                        await connection.execute(_HEAD, entry[1])
                        await connection.fetchval(_LOCK, entry[1])
                        await connection.execute(spend, *entry)
                        await connection.execute(_MOVE, entry[1], entry[7], entry[3], entry[11])
                await connection.execute(_UPSERT_COUNTERS, *map(list, zip(*_counters([event], decided), strict=True)))
    finally:
        await connection.close()


def _places(columns: Sequence[str]) -> str:
    return ", ".join(f"${number}" for number in range(1, len(columns) + 1))
