"""`callsheet rules`: what decides about clicks, and publishing something else."""

import json
from collections.abc import Callable, Mapping, Sequence

from rich.console import Console
from rich.table import Table

from server.config import Settings
from server.core import db
from server.core.clock import SystemClock
from server.core.outbox import Outbox
from server.promo.outgoing import ControlFeed
from server.promo.rules.publishing import BookMoved, Published, newest, publish

Written = Callable[[int], str]


async def show(settings: Settings, default: str, console: Console) -> None:
    """The rules in force, in their order."""
    async with db.connect(settings.database_url.get_secret_value(), application="callsheet-rules", size=1) as database:
        stands = await newest(database)
    console.print(_headline(stands))
    table = Table(box=None, header_style="dim")
    for heading in ("rule", "version", "mode", "limits"):
        table.add_column(heading)
    for setting in _settings(stands.book if stands else default):
        limits = ", ".join(f"{name} {_plain(value)}" for name, value in setting["limits"].items())
        table.add_row(str(setting["rule"]), str(setting["version"]), str(setting["mode"]), limits)
    console.print(table)


async def publish_book(
    settings: Settings, written: Written, *, after: int, note: str, by: str, console: Console
) -> bool:
    """Publishes what follows that version; False, with the reason, where another stands."""
    clock = SystemClock()
    feed = ControlFeed(Outbox(clock), clock)
    async with db.connect(settings.database_url.get_secret_value(), application="callsheet-rules", size=1) as database:
        try:
            version = await publish(database, feed, clock, written=written, after=after, note=note, by=by)
        except BookMoved as moved:
            console.print(f"[red]not published[/]: {moved}; look at `callsheet rules show` first")
            return False
    console.print(f"[green]✓[/] version {version} is on its way to every partition")
    return True


def _headline(stands: Published | None) -> str:
    if stands is None:
        return "version 0: the rules that come with the program; nothing was ever published"
    at = stands.published_at.isoformat(sep=" ", timespec="seconds")
    return f"version {stands.version}, published by {stands.published_by} at {at}: {stands.note}"


def _settings(book: str) -> Sequence[Mapping[str, Mapping[str, object]]]:
    settings: Sequence[Mapping[str, Mapping[str, object]]] = json.loads(book)["settings"]
    return settings


def _plain(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(", ".join(f"{name} {one}" for name, one in rate.items()) for rate in value)
    return str(value)
