"""Follows every chain of the ledger from its beginning, and every checkpoint to the entries that it saw."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import cast

from callsheet.sql.promo_audit import Queries
from server.core.db import Database, Record, Tx, load_queries
from server.promo.domain.auditing import ChainAudit, Finding, Standing, digest_of
from server.promo.domain.funds import Funds
from server.promo.domain.ledger import Chain, CreditSource, EntryKind, Head, Link, Movement

_queries = load_queries("server.promo.audit", Queries)

PAGE = 5_000
CHECKPOINTS = 500
Told = Callable[[int], None]


@dataclass(slots=True)
class Verified:
    """What was looked at, and what is not as it was."""

    entries: int = 0
    chains: int = 0
    checkpoints: int = 0
    findings: list[Finding] = field(default_factory=list)


async def size(database: Database) -> int:
    """How many entries there are to follow."""
    async with database.read() as tx:
        return cast("int", await _queries.ledger_size(tx))


async def verify(database: Database, told: Told) -> Verified:
    """Looks at the whole ledger, as it stands at one instant."""
    verified = Verified()
    async with database.snapshot() as tx:
        heads = {(row["campaign_id"], Chain(row["chain"])): _head(row) for row in await _queries.heads(tx)}
        followed = await _follow(tx, verified, told)
        for key in heads.keys() | followed.keys():
            audit = followed.get(key) or ChainAudit(*key)
            verified.findings += audit.end(heads.get(key, Head(key[0])))
        verified.chains = len(heads.keys() | followed.keys())
        await _look_back(tx, verified)
    return verified


async def _follow(tx: Tx, verified: Verified, told: Told) -> dict[tuple[str, Chain], ChainAudit]:
    audits: dict[tuple[str, Chain], ChainAudit] = {}
    campaign, chain, sequence = "", "", 0
    while rows := await _queries.ledger_page(tx, campaign_id=campaign, chain=chain, sequence=sequence, limit=PAGE):
        for row in rows:
            campaign, chain, sequence = row["campaign_id"], row["chain"], row["sequence"]
            key = (campaign, Chain(chain))
            audit = audits.setdefault(key, ChainAudit(*key))
            verified.findings += audit.follow(_link(row))
        verified.entries += len(rows)
        told(len(rows))
    return audits


async def _look_back(tx: Tx, verified: Verified) -> None:
    """A chain that was written anew from its beginning is whole; but not what a checkpoint saw of it."""
    advertiser, day = "", date.min
    while rows := await _queries.checkpoints(tx, advertiser_id=advertiser, day=day, limit=CHECKPOINTS):
        advertiser, day = rows[-1]["advertiser_id"], rows[-1]["day"]
        verified.checkpoints += len(rows)
        for row in rows:
            seen = list(read_heads(row["heads"]))
            if digest_of(seen) != row["digest"]:
                what = f"was seen otherwise at the checkpoint of {row['day']}: its digest is another"
                verified.findings += [
                    Finding(one.head.campaign_id, one.chain, one.head.sequence, what) for one in seen[:1]
                ]
            verified.findings += await _gone(tx, seen, row["day"])


async def _gone(tx: Tx, seen: Sequence[Standing], day: date) -> list[Finding]:
    reached = [one for one in seen if one.head.sequence]
    rows = await _queries.entries_at(
        tx,
        campaign_ids=[one.head.campaign_id for one in reached],
        chains=[one.chain.value for one in reached],
        sequences=[one.head.sequence for one in reached],
    )
    there = {(row["campaign_id"], row["chain"]): row["hash"] for row in rows}
    return [
        Finding(one.head.campaign_id, one.chain, one.head.sequence, f"is another entry than at the checkpoint of {day}")
        for one in reached
        if there.get((one.head.campaign_id, one.chain.value)) != one.head.hash
    ]


async def make_checkpoints(database: Database, day: date, now: datetime) -> int:
    """Keeps where every advertiser's chains stand; the number of advertisers. Run twice, the first of a day stands."""

    async def work(tx: Tx) -> int:
        standings: dict[str, list[Standing]] = {}
        for row in await _queries.heads(tx):
            standings.setdefault(row["advertiser_id"], []).append(Standing(Chain(row["chain"]), _head(row)))
        for advertiser, heads in sorted(standings.items()):
            await _queries.make_checkpoint(
                tx, advertiser_id=advertiser, day=day, heads=write_heads(heads), digest=digest_of(heads), now=now
            )
        return len(standings)

    return await database.run(work)


def write_heads(standings: Sequence[Standing]) -> str:
    """Where chains stand, as JSON."""
    return json.dumps([standing.line().split(" ") for standing in standings], separators=(",", ":"))


def read_heads(text: str) -> Iterator[Standing]:
    for campaign, chain, sequence, promo, cash, digest in json.loads(text):
        yield Standing(Chain(chain), Head(campaign, int(sequence), Funds(int(promo), int(cash)), bytes.fromhex(digest)))


def _head(row: Record) -> Head:
    return Head(row["campaign_id"], row["sequence"], Funds(row["promo_cents"], row["cash_cents"]), row["hash"])


def _link(row: Record) -> Link:
    movement = Movement(
        entry_id=row["entry_id"],
        campaign_id=row["campaign_id"],
        kind=EntryKind(row["kind"]),
        funds=Funds(row["promo_cents"], row["cash_cents"]),
        processor_ref=row["processor_ref"],
        click_key=row["click_key"],
        budget_day=row["budget_day"],
        credit_source=CreditSource(row["credit_source"]) if row["credit_source"] else None,
        reverses_entry_id=row["reverses_entry_id"],
    )
    return Link(movement, row["sequence"], row["previous_hash"], row["hash"])
