"""`callsheet explain`: one timeline of everything that happened to a thing, with every sum."""

from rich.console import Console
from rich.table import Table

from server.bootstrap.application import application
from server.config import Settings
from server.core.story import Story

GOOD, BAD = "[green]✓[/]", "[bold red]✗[/]"


async def explain(settings: Settings, identifier: str, console: Console) -> bool:
    """Prints the story and tells whether there is one and every sum holds."""
    async with application(settings, "explain") as app:
        prefix = identifier.partition("_")[0]
        teller = app.tellers.get(prefix)
        if teller is None:
            known = ", ".join(f"{name}_…" for name in sorted(app.tellers))
            console.print(f"nothing is known of [bold]{prefix}_…[/]; there are stories of {known}")
            return False
        async with app.core.database.snapshot() as tx:
            story = await teller.tell(tx, identifier)
    if story is None:
        console.print(f"[bold]{identifier}[/] does not exist")
        return False
    _print(story, console)
    return all(total.holds for total in story.sums)


def _print(story: Story, console: Console) -> None:
    console.print(f"[bold]{story.title}[/]")
    for name, value in story.facts:
        console.print(f"  [dim]{name:<10}[/] {value}")
    timeline = Table(box=None, header_style="dim", pad_edge=True)
    for heading in ("when", "what", "details"):
        timeline.add_column(heading)
    for entry in sorted(story.entries, key=lambda entry: entry.at):
        timeline.add_row(entry.at.isoformat(sep=" ", timespec="milliseconds"), entry.what, entry.details)
    console.print(timeline)
    for total in story.sums:
        mark = GOOD if total.holds else f"{BAD} expected {money(total.expected_cents)}"
        console.print(f"  {total.name}: {money(total.cents)} {mark}")


def money(cents: int) -> str:
    """Cents as people read them."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"
