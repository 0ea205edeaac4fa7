"""Requests to take money out of a budget, applied or refused by what the log had said when they came.

The stream alone takes money, so nobody else can have spent it in between. What was put in is read from the control
records before the request's own offset, what was spent from the chain's head: a replay decides the same.
"""

from dataclasses import dataclass
from enum import StrEnum

from callsheet.sql.clicks import Queries
from server.core.clock import Clock
from server.core.db import Tx, load_queries
from server.promo.domain.funds import Funds
from server.promo.domain.ledger import EntryKind, Head, Link, Movement, link
from streams.clicks.records import Control

_queries = load_queries("streams.clicks", Queries)


class Outcome(StrEnum):
    """What became of a request."""

    APPLIED = "applied"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Debit:
    """A request to take money, as positive amounts."""

    debit_id: str
    campaign_id: str
    asked: Funds
    offset: int


def debit_of(control: Control) -> Debit:
    """The request that a control record makes."""
    campaign_id, promo, cash = (control.payload[name] for name in ("campaign_id", "promo_cents", "cash_cents"))
    if not isinstance(campaign_id, str) or not isinstance(promo, int) or not isinstance(cash, int):
        raise TypeError("a debit is decoded with its campaign and amounts")
    return Debit(control.key, campaign_id, Funds(promo, cash), control.offset)


def covered(asked: Funds, funded: Funds, spent: Funds) -> bool:
    """Whether both kinds of money are there; what was spent is negative."""
    return (
        asked.promo_cents <= funded.promo_cents + spent.promo_cents
        and asked.cash_cents <= funded.cash_cents + spent.cash_cents
    )


def taken(debit: Debit, head: Head) -> Link:
    """The chain's next link. Its id follows from the request's, so that a replay writes the same one."""
    movement = Movement(
        entry_id=f"pble_{debit.debit_id.partition('_')[2]}",
        campaign_id=debit.campaign_id,
        kind=EntryKind.ADJUSTMENT,
        funds=Funds(-debit.asked.promo_cents, -debit.asked.cash_cents),
        reason=debit.debit_id,
    )
    return link(head, movement)


async def settle(tx: Tx, partition: int, debit: Debit, clock: Clock) -> Outcome:
    """Applies a request whole or refuses it, in the transaction of its batch."""
    row = await _queries.funded_at(tx, partition=partition, campaign_id=debit.campaign_id, before=debit.offset)
    entry_id = None
    if row is not None:
        head = await _locked_head(tx, debit.campaign_id)
        if covered(debit.asked, Funds(row["promo_cents"], row["cash_cents"]), head.funds):
            written = taken(debit, head)
            await _write(tx, written, written.head(head), clock)
            entry_id = written.movement.entry_id
    outcome = Outcome.REFUSED if entry_id is None else Outcome.APPLIED
    await _queries.settle_debit(
        tx,
        debit_id=debit.debit_id,
        campaign_id=debit.campaign_id,
        outcome=outcome,
        entry_id=entry_id,
        partition=partition,
        log_offset=debit.offset,
        now=clock.now(),
    )
    return outcome


async def _locked_head(tx: Tx, campaign_id: str) -> Head:
    await _queries.open_spend_head(tx, campaign_id=campaign_id)
    row = await _queries.lock_spend_head(tx, campaign_id=campaign_id)
    if row is None:
        raise AssertionError("the head was made by the statement before")
    return Head(row["campaign_id"], row["sequence"], Funds(row["promo_cents"], row["cash_cents"]), row["hash"])


async def _write(tx: Tx, written: Link, head: Head, clock: Clock) -> None:
    movement = written.movement
    await _queries.insert_taken(
        tx,
        entry_id=movement.entry_id,
        campaign_id=movement.campaign_id,
        amount_cents=movement.funds.total_cents,
        promo_cents=movement.funds.promo_cents,
        cash_cents=movement.funds.cash_cents,
        reason=movement.reason,
        sequence=written.sequence,
        previous_hash=written.previous_hash,
        hash=written.hash,
        now=clock.now(),
    )
    await _queries.move_spend_head(
        tx,
        campaign_id=head.campaign_id,
        sequence=head.sequence,
        promo_cents=head.funds.promo_cents,
        cash_cents=head.funds.cash_cents,
        hash=head.hash,
        now=clock.now(),
    )
