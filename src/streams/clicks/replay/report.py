"""Tells a person what a replay found."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from server.core import db
from streams.clicks.replay.deciding import Rules
from streams.clicks.replay.running import Compared, replay, spans
from streams.clicks.rules.book_text import read_toml

EXAMPLES = 10


def rules_from(file: Path | None, shadow: bool) -> Rules:
    """By which rules to decide: a file's, or those that stood in the log."""
    instead = read_toml(file.read_text(encoding="utf-8"), version=1) if file else None
    return Rules(instead, promoted=shadow)


def day_of(text: str) -> datetime:
    """A day or an instant, in UTC where it does not say."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is neither a day (2026-11-01) nor an instant (2026-11-01T12:00+01:00)") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


async def run(database_url: str, since: datetime, until: datetime | None, rules: Rules, console: Console) -> Compared:
    """Replays and shows; what differs is in the answer."""
    end = until or since + timedelta(days=1)
    async with db.connect(database_url, application="callsheet-replay", size=2) as database:
        parts = await spans(database, since, end)
        with _progress(console) as progress:
            task = progress.add_task("deciding again", total=sum(span.clicks for span in parts))
            compared = await replay(database, parts, rules, since, end, lambda clicks: progress.advance(task, clicks))
    show(compared, console)
    return compared


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
    )


def show(compared: Compared, console: Console) -> None:
    """What was decided otherwise, what that is in money, and whether the chains are the same."""
    since, until = (at.isoformat(sep=" ", timespec="minutes") for at in (compared.since, compared.until))
    console.print(f"clicks {compared.clicks:,}, from {since} to {until}")
    if not compared.clicks:
        console.print("[yellow]nothing was clicked on then[/]")
        return
    difference = compared.billed_now - compared.billed_then
    console.print(f"billed then {compared.billed_then:,} cents, now {compared.billed_now:,} ({difference:+,})")
    if compared.changes:
        table = Table("was", "is", "clicks", box=None, header_style="dim")
        for (then, now), clicks in compared.changes.most_common():
            table.add_row(then, now, f"{clicks:,}")
        console.print(table)
        for again in compared.examples[:EXAMPLES]:
            then, now = again.words
            console.print(f"  {again.stored.click.event_id} on {again.stored.click.campaign_id}: {then} → {now}")
    else:
        console.print("[green]✓[/] every verdict is the same")
    if compared.broken:
        console.print(f"[yellow]of {compared.chains:,} spend chains {len(compared.broken):,} differ[/]")
        for campaign, where in list(compared.broken.items())[:EXAMPLES]:
            console.print(f"  {campaign}: {where}")
    else:
        console.print(f"[green]✓[/] every spend chain ({compared.chains:,}) is the same to the last bit")
