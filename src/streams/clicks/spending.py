"""What billed clicks cost, written to the spend chains of their campaigns, in the transaction of their batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

import pyarrow as pa

from callsheet.sql.clicks import Queries
from server.core.db import Tx, load_queries
from server.core.ids import encode_number
from server.promo.domain.funds import Funds
from server.promo.domain.ledger import Chain, EntryKind, Head, Link, Movement, link
from streams.clicks.deciding import Decision
from streams.clicks.packing import INSTANT, Packing, columns

_queries = load_queries("streams.clicks", Queries)
_ENTRIES = Packing(
    "promo_budget_ledger",
    columns(
        {
            "entry_id": pa.string(),
            "campaign_id": pa.string(),
            "kind": pa.string(),
            "amount_cents": pa.int32(),
            "promo_cents": pa.int32(),
            "cash_cents": pa.int32(),
            "chain": pa.string(),
            "sequence": pa.int64(),
            "click_key": pa.string(),
            "budget_day": pa.date32(),
            "previous_hash": pa.binary(),
            "hash": pa.binary(),
            "created_at": INSTANT,
        }
    ),
)


def entry_id(key: str) -> str:
    """The id of the entry that bills a click: it follows from what is billed, so that it cannot be billed twice."""
    return f"pble_{encode_number(int.from_bytes(blake2b(key.encode(), digest_size=16).digest()))}"


def spend(decision: Decision, entry: str, head: Head) -> Link:
    """The chain's next link. Promotional credit goes first, as far as it had been granted where the click stands."""
    click = decision.click
    promo = min(click.price_cents, max(0, decision.funded.promo_cents + head.funds.promo_cents))
    movement = Movement(
        entry_id=entry,
        campaign_id=click.campaign_id,
        kind=EntryKind.SPEND,
        funds=Funds(-promo, promo - click.price_cents),
        click_key=decision.key,
        budget_day=decision.considered.budget_day,
    )
    return link(head, movement)


@dataclass(frozen=True, slots=True)
class Chains:
    """Links to be written, and where their chains stand behind them."""

    links: Sequence[Link]
    heads: Mapping[str, Head]


def chained(billed: Mapping[str, Decision], heads: Mapping[str, Head], there: frozenset[str]) -> Chains:
    """The links of those clicks, by their entries' ids, that are not written yet, in the log's order."""
    moved = dict(heads)
    links = []
    for entry, decision in billed.items():
        if entry not in there:
            head = moved[decision.click.campaign_id]
            following = spend(decision, entry, head)
            links.append(following)
            moved[head.campaign_id] = following.head(head)
    return Chains(links, {name: head for name, head in moved.items() if head is not heads[name]})


async def write_spends(tx: Tx, decisions: Sequence[Decision], now: datetime) -> None:
    """Writes what the clicks cost. Whatever is there already is left out; what nobody saw there a moment ago fails the
    transaction, which is then done anew. Locks: campaign heads, ascending.
    """
    billed = {entry_id(decision.key): decision for decision in decisions}
    campaigns = sorted({decision.click.campaign_id for decision in decisions})
    heads = await _lock_heads(tx, campaigns)
    if len(heads) < len(campaigns):
        await _queries.open_spend_heads(tx, campaign_ids=campaigns)
        heads = await _lock_heads(tx, campaigns)
    there = frozenset(row["entry_id"] for row in await _queries.entries_there(tx, entry_ids=list(billed)))
    await _write(tx, chained(billed, heads, there), now)


async def _lock_heads(tx: Tx, campaigns: Sequence[str]) -> dict[str, Head]:
    return {
        row["campaign_id"]: Head(
            row["campaign_id"], row["sequence"], Funds(row["promo_cents"], row["cash_cents"]), row["hash"]
        )
        for row in await _queries.lock_spend_heads(tx, campaign_ids=campaigns)
    }


async def _write(tx: Tx, chains: Chains, now: datetime) -> None:
    links = chains.links
    moved = [there.movement for there in links]
    await _ENTRIES.copy_columns(
        tx,
        {
            "entry_id": [movement.entry_id for movement in moved],
            "campaign_id": [movement.campaign_id for movement in moved],
            "kind": [EntryKind.SPEND.value] * len(moved),
            "amount_cents": [movement.funds.total_cents for movement in moved],
            "promo_cents": [movement.funds.promo_cents for movement in moved],
            "cash_cents": [movement.funds.cash_cents for movement in moved],
            "chain": [Chain.SPEND.value] * len(moved),
            "sequence": [there.sequence for there in links],
            "click_key": [movement.click_key for movement in moved],
            "budget_day": [movement.budget_day for movement in moved],
            "previous_hash": [there.previous_hash for there in links],
            "hash": [there.hash for there in links],
            "created_at": [now] * len(moved),
        },
    )
    heads = chains.heads.values()
    await _queries.move_spend_heads(
        tx,
        campaign_ids=[head.campaign_id for head in heads],
        sequences=[head.sequence for head in heads],
        promo_cents=[head.funds.promo_cents for head in heads],
        cash_cents=[head.funds.cash_cents for head in heads],
        hashes=[head.hash for head in heads],
        now=now,
    )
