"""`callsheet jobs`: what waits for a person, and starting it again once the cause is mended."""

from contextlib import AbstractAsyncContextManager

from rich.console import Console
from rich.table import Table

from callsheet.sql.core import Queries
from server.config import Settings
from server.core import db
from server.core.clock import SystemClock
from server.core.db import Database, load_queries
from server.core.ids import SystemIds
from server.core.jobs import Jobs

_queries = load_queries("server.core", Queries)

SHOWN = 200


async def show(settings: Settings, console: Console) -> None:
    """Lists held jobs with the reason of their last failure."""
    async with _database(settings) as database, database.read() as tx:
        rows = await _queries.held_jobs(tx, limit=SHOWN)
    if not rows:
        console.print("[green]✓[/] no job is held")
        return
    table = Table(box=None, header_style="dim")
    for heading in ("kind", "key", "attempts", "claims", "last error", "held since"):
        table.add_column(heading)
    for row in rows:
        since = row["finished_at"].isoformat(sep=" ", timespec="seconds")
        table.add_row(row["kind"], row["key"], str(row["attempts"]), str(row["claims"]), row["last_error"], since)
    console.print(table)


async def retry(settings: Settings, kind: str, console: Console) -> None:
    """Queues the held jobs of a kind again, with fresh counters."""
    clock = SystemClock()
    jobs = Jobs(clock, SystemIds(clock))
    async with _database(settings) as database:
        released = await database.run(lambda tx: jobs.release_held(tx, kind))
    console.print(f"{released} queued again")


def _database(settings: Settings) -> AbstractAsyncContextManager[Database]:
    return db.connect(settings.database_url.get_secret_value(), application="callsheet-jobs", size=1)
