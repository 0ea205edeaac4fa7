"""What billed clicks cost, written to the spend chains of their campaigns, in the transaction of their batch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from callsheet.sql.clicks import Queries
from server.core.db import Tx, load_queries
from server.core.ids import encode_number
from server.promo.domain.funds import Funds
from server.promo.domain.ledger import EntryKind, Head, Link, Movement, link
from streams.clicks.deciding import Decision, click_key

_queries = load_queries("streams.clicks", Queries)


class ChainMoved(Exception):
    """An entry that was not there a moment ago is there now, although the chain's head is locked."""


def entry_id(key: str) -> str:
    """The id of the entry that bills a click: it follows from what is billed, so that it cannot be billed twice."""
    return f"pble_{encode_number(int.from_bytes(blake2b(key.encode(), digest_size=16).digest()))}"


def spend(decision: Decision, head: Head) -> Link:
    """The chain's next link. Promotional credit goes first, as far as it had been granted where the click stands."""
    click = decision.click
    promo = min(click.price_cents, max(0, decision.funded.promo_cents + head.funds.promo_cents))
    key = click_key(click)
    movement = Movement(
        entry_id=entry_id(key),
        campaign_id=click.campaign_id,
        kind=EntryKind.SPEND,
        funds=Funds(-promo, promo - click.price_cents),
        click_key=key,
        budget_day=decision.considered.budget_day,
    )
    return link(head, movement)


@dataclass(frozen=True, slots=True)
class Chains:
    """Links to be written, and where their chains stand behind them."""

    links: Sequence[Link]
    heads: Mapping[str, Head]


def chained(billed: Iterable[Decision], heads: Mapping[str, Head], there: frozenset[str]) -> Chains:
    """The links of those clicks that are not written yet, in the log's order."""
    moved = dict(heads)
    links = []
    for decision in billed:
        head = moved[decision.click.campaign_id]
        following = spend(decision, head)
        if following.movement.entry_id not in there:
            links.append(following)
            moved[head.campaign_id] = following.head(head)
    return Chains(links, {name: head for name, head in moved.items() if head is not heads[name]})


async def write_spends(tx: Tx, billed: Sequence[Decision], now: datetime) -> None:
    """Writes what the clicks cost. Locks: campaign heads, ascending."""
    campaigns = sorted({decision.click.campaign_id for decision in billed})
    await _queries.open_spend_heads(tx, campaign_ids=campaigns)
    rows = await _queries.lock_spend_heads(tx, campaign_ids=campaigns)
    heads = {
        row["campaign_id"]: Head(
            row["campaign_id"], row["sequence"], Funds(row["promo_cents"], row["cash_cents"]), row["hash"]
        )
        for row in rows
    }
    ids = [entry_id(click_key(decision.click)) for decision in billed]
    there = frozenset(row["entry_id"] for row in await _queries.entries_there(tx, entry_ids=ids))
    await _write(tx, chained(billed, heads, there), now)


async def _write(tx: Tx, chains: Chains, now: datetime) -> None:
    links = chains.links
    movements = [there.movement for there in links]
    written = await _queries.insert_spends(
        tx,
        entry_ids=[movement.entry_id for movement in movements],
        campaign_ids=[movement.campaign_id for movement in movements],
        promo_cents=[movement.funds.promo_cents for movement in movements],
        cash_cents=[movement.funds.cash_cents for movement in movements],
        click_keys=[movement.click_key for movement in movements],
        budget_days=[movement.budget_day for movement in movements],
        sequences=[there.sequence for there in links],
        previous_hashes=[there.previous_hash for there in links],
        hashes=[there.hash for there in links],
        now=now,
    )
    if len(written) != len(links):
        raise ChainMoved(f"{len(links) - len(written)} entries were written by somebody else")
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
