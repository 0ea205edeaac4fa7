"""Reads what the database keeps of decided clicks."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter

from callsheet.sql.clicks_replay import Queries
from server.core.db import Record, Tx, load_queries
from server.promo.domain.funds import NOTHING, Funds
from server.promo.domain.ledger import EntryKind, Head
from streams.clicks.in_force import InForce
from streams.clicks.records import Control, ControlKind
from streams.clicks.replay.purse import Purse
from streams.clicks.rules.click import Click, Place
from streams.clicks.rules.facts import StoredEvent, click_of

_queries = load_queries("streams.clicks.replay", Queries)

PAGE = 2_000
WARM_UP = timedelta(hours=29)
"""Rules count a day back, and a little more for tokens of the evening before."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Stored:
    """A click, and what was decided about it when it came."""

    click: Click
    verdict: str
    rule: str | None
    rule_version: int | None
    billed_cents: int


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a partition's log, by offsets: where counting begins, where deciding begins, and where both end."""

    partition: int
    warm: int
    first: int
    end: int | None
    clicks: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A spend entry as it was written."""

    entry_id: str
    previous_hash: bytes
    hash: bytes
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Chain:
    """A campaign's spend chain: where it stood before the replay, and what was written from there on."""

    before: Head
    entries: Sequence[Entry]


async def spans(tx: Tx, since: datetime, until: datetime) -> list[Span]:
    """The part of each partition that holds this time's clicks; partitions without any are left out."""
    found = []
    for row in await _queries.partitions(tx):
        number = row["partition"]
        inside = await _first(tx, number, since, until)
        if inside is not None and inside["log_offset"] is not None:
            warm = await _first(tx, number, since - WARM_UP, until)
            after = await _first(tx, number, until, until + timedelta(days=3650))
            found.append(
                Span(
                    partition=number,
                    warm=inside["log_offset"] if warm is None else warm["log_offset"],
                    first=inside["log_offset"],
                    end=after["log_offset"] if after else None,
                    clicks=inside["clicks"],
                )
            )
    return found


async def _first(tx: Tx, partition: int, since: datetime, until: datetime) -> Record | None:
    return await _queries.first_place(tx, partition=partition, since=since, until=until)


async def page(tx: Tx, span: Span, behind: Place) -> list[Stored]:
    """The next clicks of a partition."""
    rows = await _queries.clicks_from(
        tx, partition=span.partition, log_offset=behind.offset, log_index=behind.row, limit=PAGE
    )
    return [_stored(span.partition, row) for row in rows if span.end is None or row["log_offset"] < span.end]


async def in_force_before(tx: Tx, span: Span) -> InForce:
    """What was in force where deciding begins."""
    found = InForce()
    for row in await _queries.controls_before(tx, partition=span.partition, log_offset=span.first):
        found.apply(_control(row))
    for row in await _queries.taken_before(tx, partition=span.partition, log_offset=span.first):
        found.take(row["campaign_id"], row["cents"])
    return found


async def controls(tx: Tx, span: Span) -> list[Control]:
    """What the log says from where deciding begins."""
    rows = await _queries.controls_from(tx, partition=span.partition, log_offset=span.first)
    return [_control(row) for row in rows if span.end is None or row["log_offset"] < span.end]


async def chains(tx: Tx, span: Span, purse: Purse) -> dict[str, Chain]:
    """The chains that this part of the log wrote to; what was spent before goes into the purse."""
    rows = await _queries.chains_from(tx, partition=span.partition, log_offset=span.first, log_end=span.end)
    written = {campaign: list(entries) for campaign, entries in groupby(rows, key=itemgetter("campaign_id"))}
    before = await _queries.spent_before(
        tx,
        campaign_ids=list(written),
        sequences=[entries[0]["sequence"] for entries in written.values()],
    )
    funds = dict.fromkeys(written, NOTHING)
    for row in before:
        moved = Funds(row["promo_cents"], row["cash_cents"])
        stood = funds[row["campaign_id"]]
        funds[row["campaign_id"]] = Funds(stood.promo_cents + moved.promo_cents, stood.cash_cents + moved.cash_cents)
        if row["kind"] == EntryKind.SPEND:
            purse.spent(row["campaign_id"], row["budget_day"], -moved.total_cents)
    return {
        campaign: Chain(
            Head(campaign, entries[0]["sequence"] - 1, funds[campaign], entries[0]["previous_hash"]),
            [Entry(row["entry_id"], row["previous_hash"], row["hash"], row["amount_cents"]) for row in entries],
        )
        for campaign, entries in written.items()
    }


async def untouched(tx: Tx, campaigns: Sequence[str], purse: Purse) -> dict[str, Head]:
    """Where the chains of campaigns stand that nothing was written to; what they spent goes into the purse."""
    rows = await _queries.standing_heads(tx, campaign_ids=list(campaigns))
    heads = {
        row["campaign_id"]: Head(
            row["campaign_id"], row["sequence"], Funds(row["promo_cents"], row["cash_cents"]), row["hash"]
        )
        for row in rows
    }
    spent = await _queries.spent_before(
        tx, campaign_ids=list(heads), sequences=[head.sequence + 1 for head in heads.values()]
    )
    for row in spent:
        if row["kind"] == EntryKind.SPEND:
            purse.spent(row["campaign_id"], row["budget_day"], -row["promo_cents"] - row["cash_cents"])
    return heads


def _control(row: Record) -> Control:
    return Control(
        offset=row["log_offset"],
        kind=ControlKind(row["kind"]),
        key=row["key"],
        version=row["version"],
        payload=json.loads(row["payload"]),
        received_at=row["received_at"],
    )


def _stored(partition: int, row: Record) -> Stored:
    event = StoredEvent(
        place=Place(partition, row["log_offset"], row["log_index"]),
        event_id=row["event_id"],
        campaign_id=row["campaign_id"],
        impression_id=row["impression_id"],
        rule_ms=(row["rule_ts"] - _EPOCH) // _MILLISECOND,
        received_ms=(row["ts"] - _EPOCH) // _MILLISECOND,
        city=row["city"],
        address=row["ip_hash"],
        agent=row["ua_hash"],
    )
    return Stored(
        click=click_of(event, row["facts"]),
        verdict=row["verdict"],
        rule=row["rule"],
        rule_version=row["rule_version"],
        billed_cents=row["billed_cents"],
    )


async def campaigns(tx: Tx, span: Span) -> list[str]:
    """The campaigns that this part of the log has clicks on."""
    rows = await _queries.campaigns_from(tx, partition=span.partition, log_offset=span.first)
    return [row["campaign_id"] for row in rows]
