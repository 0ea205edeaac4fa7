"""Asks everybody who counts money whether they count the same: ledger, decisions, counters, budgets and the log."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

from callsheet.sql.promo_audit import Queries
from server.adapters.budgets.port import Budgets, HeldClaim, View
from server.adapters.eventlog.errors import LogBroken
from server.adapters.eventlog.port import EventLog, Partition
from server.core.db import Database, Record, load_queries
from server.promo.domain.partitions import CLICK_LOG, partition_of

_queries = load_queries("server.promo.audit", Queries)

PAGE = 200
Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two that should say the same, and do not."""

    subject: str
    what: str


@dataclass(slots=True)
class Reconciled:
    """What was asked, and who says something else."""

    campaigns: int = 0
    unseen: int = 0
    """Campaigns that the budgets know nothing of: they are loaded with the next click."""
    under_way: int = 0
    """Claims that are not committed yet."""
    lag: dict[int, int] = field(default_factory=dict)
    """Records of each partition that wait for the stream."""
    differences: list[Difference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sides:
    """Whom to ask."""

    database: Database
    budgets: Budgets
    log: EventLog
    partitions: int


async def size(database: Database) -> int:
    """How many campaigns there are to ask about."""
    async with database.read() as tx:
        return cast("int", await _queries.clicked_campaigns_in_all(tx))


async def reconcile(sides: Sides, told: Told) -> Reconciled:
    """Asks all of them. The stream may go on meanwhile: what it has under way is told apart from drift."""
    found = Reconciled()
    async with sides.database.read() as tx:
        rows = await _queries.sums_that_differ(tx)
    found.differences += [Difference(row["campaign_id"], _sums(row)) for row in rows]
    await _log(sides, found)
    behind = ""
    while True:
        async with sides.database.read() as tx:
            page = await _queries.clicked_campaigns(tx, campaign_id=behind, limit=PAGE)
        if not page:
            return found
        behind = page[-1]["campaign_id"]
        await _budgets(sides, [row["campaign_id"] for row in page], found)
        found.campaigns += len(page)
        told(len(page))


async def _budgets(sides: Sides, campaigns: Sequence[str], found: Reconciled) -> None:
    views = await sides.budgets.views(campaigns)
    found.unseen += len(campaigns) - len(views)
    for campaign, view in views.items():
        held = await sides.budgets.held(campaign)
        await _campaign(sides, campaign, view, held, found)


async def _campaign(sides: Sides, campaign: str, view: View, held: Sequence[HeldClaim], found: Reconciled) -> None:
    """Claims were read first, then the ledger and the offset at one instant: a claim at or below the offset that the
    ledger does not have is drift. What was committed meanwhile is in the ledger, and above the view.
    """
    async with sides.database.snapshot() as tx:
        offsets = {row["partition"]: row["last_offset"] for row in await _queries.partitions(tx)}
        rows = await _queries.charged_among(tx, campaign_id=campaign, click_keys=[claim.key for claim in held])
        written = cast("int", await _queries.clicked(tx, campaign_id=campaign))
    charged = {row["click_key"] for row in rows}
    committed = offsets.get(partition_of(campaign, sides.partitions), 0)
    open_claims = [claim for claim in held if claim.key not in charged]
    found.under_way += sum(claim.offset > committed for claim in open_claims)
    for claim in open_claims:
        if claim.offset <= committed:
            what = f"claim of {claim.price_cents} at offset {claim.offset} never reached the ledger"
            found.differences.append(Difference(campaign, what))
    known = view.spent.total_cents - sum(claim.price_cents for claim in open_claims)
    if known > written:
        found.differences.append(Difference(campaign, f"the budgets know of {known} spent, the ledger of {written}"))


async def _log(sides: Sides, found: Reconciled) -> None:
    async with sides.database.read() as tx:
        rows = await _queries.partitions(tx)
    for row in rows:
        partition = Partition(CLICK_LOG, row["partition"])
        try:
            window = await sides.log.read(partition, after=row["last_offset"], limit=1)
        except LogBroken as error:
            found.differences.append(Difference(str(partition), str(error)))
            continue
        if row["generation"] not in (None, window.generation):
            found.differences.append(Difference(str(partition), "is another log than the one that was read"))
        found.lag[row["partition"]] = window.newest - row["last_offset"]


def _sums(row: Record) -> str:
    return (
        f"ledger {row['ledger_cents']} for {row['ledger_clicks']} clicks, decisions {row['decided_cents']} for "
        f"{row['decided_clicks']}, counters {row['rollup_cents']} for {row['rollup_clicks']}"
    )
