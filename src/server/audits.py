"""`callsheet verify-ledger`, `reconcile` and `dead-letters`: money as it was written down, and what was set aside."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from server.adapters.budgets.valkey import valkey_budgets
from server.adapters.eventlog.opening import open_log
from server.adapters.eventlog.port import EventLog
from server.config import Settings
from server.core import db
from server.core.clock import SystemClock
from server.core.db import Database
from server.promo.audit import chains, reconciling
from server.promo.audit.letters import Letter, give_back, letters
from server.promo.audit.reconciling import Sides

SHOWN = 50


async def verify_ledger(settings: Settings, console: Console) -> bool:
    """Follows every chain and every checkpoint; False where something is not as it was written down."""
    async with _database(settings) as database:
        with _progress(console) as progress:
            task = progress.add_task("following chains", total=await chains.size(database))
            verified = await chains.verify(database, lambda entries: progress.advance(task, entries))
    console.print(f"entries {verified.entries:,}, chains {verified.chains:,}, checkpoints {verified.checkpoints:,}")
    for finding in verified.findings[:SHOWN]:
        console.print(f"[red]✗[/] {finding.campaign_id} {finding.chain} {finding.sequence}: {finding.what}")
    if not verified.findings:
        console.print("[green]✓[/] the ledger is what was written down")
    return not verified.findings


async def reconcile_all(settings: Settings, console: Console) -> bool:
    """Compares everybody who counts; False where one of them says something else."""
    async with (
        _database(settings) as database,
        _log(settings) as log,
        valkey_budgets(settings.budget_url.get_secret_value(), cluster=settings.budget_cluster) as budgets,
    ):
        sides = Sides(database, budgets, log, settings.log_partitions)
        with _progress(console) as progress:
            task = progress.add_task("asking budgets", total=await reconciling.size(database))
            found = await reconciling.reconcile(sides, lambda campaigns: progress.advance(task, campaigns))
    lag = ", ".join(f"{partition}: {records:,}" for partition, records in sorted(found.lag.items()))
    console.print(f"campaigns {found.campaigns:,}, of which the budgets have not loaded {found.unseen:,}")
    console.print(f"claims under way {found.under_way:,}; records behind, by partition: {lag or 'none'}")
    for difference in found.differences[:SHOWN]:
        console.print(f"[red]✗[/] {difference.subject}: {difference.what}")
    if not found.differences:
        console.print("[green]✓[/] ledger, decisions, counters, budgets and log agree")
    return not found.differences


async def list_letters(settings: Settings, console: Console) -> None:
    """What was set aside, newest last."""
    async with _log(settings) as log:
        kept = await letters(log, SystemClock().now())
    if not kept:
        console.print("[green]✓[/] nothing is set aside")
        return
    names = ("letter", "from", "offset", "row", Column("reason", no_wrap=True), "bytes", "set aside at", "given back")
    table = Table(*names, box=None, header_style="dim")
    for letter in kept[-SHOWN:]:
        row = "" if letter.index is None else str(letter.index)
        table.add_row(
            *(str(letter.number), str(letter.place), str(letter.offset), row, letter.reason, str(len(letter.record))),
            *(_moment(letter.set_aside_at), _given_back(letter)),
        )
    console.print(table)


async def replay_letters(settings: Settings, numbers: Collection[int], console: Console) -> bool:
    """Gives letters back to the log, where none is named all that were not given back yet; False where one is not
    there.
    """
    async with _log(settings) as log:
        kept = await letters(log, SystemClock().now())
        chosen = [letter for letter in kept if (letter.number in numbers if numbers else not letter.given_back)]
        missing = sorted(set(numbers) - {letter.number for letter in chosen})
        if missing:
            console.print(f"[red]no letter is called {', '.join(map(str, missing))}[/]; nothing was given back")
            return False
        if not chosen:
            console.print("[green]✓[/] nothing waits to be given back")
            return True
        await _give_back(log, chosen, console)
    return True


async def _give_back(log: EventLog, chosen: list[Letter], console: Console) -> None:
    with _progress(console) as progress:
        task = progress.add_task("giving back", total=len(chosen))
        for letter in chosen:
            await give_back(log, [letter], SystemClock().now())
            progress.advance(task)
    console.print(f"{len(chosen)} given back; what still cannot be read is set aside again")
    for letter in chosen:
        if letter.given_back:
            console.print(
                f"letter {letter.number} had been given back before ({_given_back(letter)}): nothing takes effect twice"
            )


def _given_back(letter: Letter) -> str:
    if letter.given_back_at is None:
        return ""
    times = "once" if letter.given_back == 1 else f"{letter.given_back} times"
    return f"{times}, last {_moment(letter.given_back_at)}"


def _moment(at: datetime) -> str:
    return at.isoformat(sep=" ", timespec="seconds")


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Database]:
    url = settings.database_url.get_secret_value()
    async with db.connect(url, application="callsheet-audit", size=2) as database:
        yield database


@asynccontextmanager
async def _log(settings: Settings) -> AsyncIterator[EventLog]:
    async with open_log(settings.log_place, SystemClock()) as log:
        yield log


def _progress(console: Console) -> Progress:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console)
