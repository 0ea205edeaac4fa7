"""`callsheet`: the commands of the server side.

Each command imports what it runs when it is called: a stream that starts again should not first load the server.
"""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from server.config import LogFormat, Settings, dataflow_api_asked, environment_with
from server.core import crash, logs
from server.core.call import Role
from server.core.clock import SystemClock
from server.core.errors import Failure

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="The Callsheet backend."
)
jobs_app = typer.Typer(no_args_is_help=True, help="Jobs that need a person.")
app.add_typer(jobs_app, name="jobs")
letters_app = typer.Typer(no_args_is_help=True, help="What the click stream could not read or store.")
app.add_typer(letters_app, name="dead-letters")
log_app = typer.Typer(no_args_is_help=True, help="The click log.")
app.add_typer(log_app, name="log")
rules_app = typer.Typer(no_args_is_help=True, help="The rules by which clicks are invalid.")
app.add_typer(rules_app, name="rules")
storage_app = typer.Typer(no_args_is_help=True, help="The bucket that keeps files.")
app.add_typer(storage_app, name="storage")
demo_app = typer.Typer(no_args_is_help=True, help="Stories that are played against a running stack.")
app.add_typer(demo_app, name="demo")
output = Console()
errors = Console(stderr=True)


@app.command()
def serve(
    processes: Annotated[int, typer.Option(min=1, max=64, help="How many processes share the port.")] = 1,
    member: Annotated[bool, typer.Option(hidden=True, help="One of several; the first one started it.")] = False,
) -> None:
    """Answer gRPC calls."""
    from server import fleet
    from server import processes as running

    settings = _settings(
        "database_url", "jwt_key|jwks_url", "personal_data_key", "pepper", "page_token_key", "impression_token_keys"
    )
    if processes > 1:
        sys.exit(fleet.serve(settings, processes))
    asyncio.run(running.serve(settings, alone=not member))


@app.command()
def worker() -> None:
    """Work off jobs and schedules, and relay outgoing events."""
    from server import processes as running

    settings = _settings("database_url", "personal_data_key", "pepper", "page_token_key", "impression_token_keys")
    asyncio.run(running.work(settings))


@app.command()
def stream(
    processes: Annotated[int, typer.Option(min=1, max=64, help="How many processes share the partitions.")] = 1,
    member: Annotated[int | None, typer.Option(hidden=True, help="Which of several; the first one started it.")] = None,
    address: Annotated[list[str] | None, typer.Option(hidden=True, help="Where each of them listens.")] = None,
) -> None:
    """Turn the log of clicks into decisions."""
    if dataflow_api_asked():
        errors.print("[red]unset BYTEWAX_DATAFLOW_API_ENABLED[/]: Bytewax opens that API to everybody; see /metrics")
        raise typer.Exit(2)
    from streams.clicks import launch

    settings = _settings("stream_database_url")
    logs.configure(as_json=settings.log_format is LogFormat.JSON, level=settings.log_level, process="stream")
    crash.arm(settings.crash_point)
    options = launch.Options(
        database_url=settings.stream_database_url.get_secret_value(),
        log=settings.log_place,
        budget_url=settings.budget_url.get_secret_value(),
        budget_cluster=settings.budget_cluster,
        partitions=settings.log_partitions,
        state_dir=settings.state_dir,
        status_host=settings.metrics_host,
        status_port=settings.stream_port,
    )
    if member is not None:
        sys.exit(launch.one_of_several(options, member, address or []))
    sys.exit(launch.alone(options) if processes == 1 else launch.several(options, processes, environment_with))


@app.command()
def replay(
    since: Annotated[str, typer.Option("--from", help="A day, or an instant; UTC where it does not say.")],
    until: Annotated[str, typer.Option("--to", help="A day after it where it is not given.")] = "",
    rules: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Other rules, as TOML.")] = None,
    shadow: Annotated[bool, typer.Option(help="As if versions in shadow were switched on.")] = False,
) -> None:
    """Decide stored clicks again and tell what differs; nothing is written."""
    from streams.clicks.replay import report
    from streams.clicks.rules import facts

    settings = _settings("stream_database_url")
    try:
        chosen, begin, end = report.rules_from(rules, shadow), report.day_of(since), report.day_of(until or since)
    except ValueError as invalid:
        errors.print(f"[red]{invalid}[/]", highlight=False)
        raise typer.Exit(2) from None
    url = settings.stream_database_url.get_secret_value()
    try:
        compared = asyncio.run(report.run(url, begin, end if until else None, chosen, output))
    except facts.FactsMissing as missing:
        errors.print(f"[red]{missing}[/]", highlight=False)
        raise typer.Exit(1) from None
    if not (compared.same or rules or shadow):
        raise typer.Exit(1)


@app.command("verify-ledger")
def verify_ledger() -> None:
    """Follow every chain of the ledger from its first entry, and every checkpoint to what it saw."""
    from server import audits

    if not asyncio.run(audits.verify_ledger(_settings("database_url"), output)):
        raise typer.Exit(1)


@app.command()
def reconcile() -> None:
    """Compare ledger, decisions, counters, budgets and log."""
    from server import audits

    if not asyncio.run(audits.reconcile_all(_settings("database_url"), output)):
        raise typer.Exit(1)


@letters_app.command("list")
def list_letters() -> None:
    """Tell what was set aside, and why."""
    from server import audits

    asyncio.run(audits.list_letters(_settings(), output))


@letters_app.command("replay")
def replay_letters(
    number: Annotated[list[int] | None, typer.Argument(help="As `dead-letters list` tells.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that were not given back yet.")] = False,
) -> None:
    """Give letters back to the log. What had its effect already has none again."""
    from server import audits

    if bool(number) == everything:
        errors.print("[red]name letters, or say --all[/]")
        raise typer.Exit(2)
    if not asyncio.run(audits.replay_letters(_settings(), number or [], output)):
        raise typer.Exit(1)


@app.command()
def token(
    user: Annotated[str, typer.Option(help="usr_… or svc_…")],
    role: Annotated[list[Role], typer.Option(help="May be given several times.")] = [Role.USER],  # noqa: B006
    hours: Annotated[int, typer.Option(min=1, max=24 * 365)] = 12,
) -> None:
    """Print a token signed with the development key."""
    from server.core.grpc.auth import Expected, issue_development_token

    settings = _settings("jwt_key")
    typer.echo(
        issue_development_token(
            settings.jwt_key.get_secret_value(),
            Expected(settings.jwt_issuer, settings.jwt_audience),
            subject=user,
            roles=role,
            now=SystemClock().now(),
            lifetime=timedelta(hours=hours),
        )
    )


@app.command()
def doctor() -> None:
    """Look at configuration, dependencies and invariants, and say what to do."""
    from server import doctor as diagnosis

    settings = _settings()
    if not diagnosis.show(asyncio.run(diagnosis.examine(settings)), output):
        raise typer.Exit(1)


@app.command()
def explain(identifier: Annotated[str, typer.Argument(help="ord_…, pcmp_…, sca_…, or usr_… for credit")]) -> None:
    """Tell everything that happened to one thing, with every sum."""
    from server import explain as stories

    settings = _settings("database_url", "personal_data_key", "pepper", "page_token_key", "impression_token_keys")
    if not asyncio.run(stories.explain(settings, identifier, output)):
        raise typer.Exit(1)


@jobs_app.command("held")
def held_jobs() -> None:
    """List the jobs that wait for a person."""
    from server import held

    asyncio.run(held.show(_settings("database_url"), output))


@jobs_app.command("retry")
def retry_jobs(kind: Annotated[str, typer.Argument(help="As `callsheet jobs held` lists it.")]) -> None:
    """Queue the held jobs of a kind again."""
    from server import held

    asyncio.run(held.retry(_settings("database_url"), kind, output))


@rules_app.command("show")
def show_rules() -> None:
    """Tell which rules decide, and how strict they are."""
    from server import rulebooks
    from streams.clicks.rules import book, book_text

    default = book_text.book_text(book.DEFAULT_BOOK)
    asyncio.run(rulebooks.show(_settings("database_url"), default, output))


@rules_app.command("publish")
def publish_rules(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="TOML: [[settings]] in their order.")],
    after: Annotated[int, typer.Option(min=0, help="The version that it is to follow, as `rules show` tells.")],
    note: Annotated[str, typer.Option(help="What changes, and why.")],
    by: Annotated[str, typer.Option(help="Who publishes it.")],
    check: Annotated[bool, typer.Option("--check", help="Only look whether the file can be published.")] = False,
) -> None:
    """Put other rules in force, from where each partition of the log hears of them."""
    from server import rulebooks
    from streams.clicks.rules import book_text

    try:
        book = book_text.read_toml(file.read_text(encoding="utf-8"), version=after + 1)
    except book_text.BookInvalid as invalid:
        errors.print(f"[red]{file.name}[/]: {invalid}", highlight=False)
        raise typer.Exit(1) from None
    if check:
        output.print(f"[green]✓[/] {len(book.settings)} settings can be published")
        return
    written = book_text.numbered(book)
    publishing = rulebooks.publish_book(
        _settings("database_url"), written, after=after, note=note, by=by, console=output
    )
    if not asyncio.run(publishing):
        raise typer.Exit(1)


@log_app.command("show")
def show_log(
    partition: Annotated[int | None, typer.Option(min=0, help="Only this one.")] = None,
    after: Annotated[int | None, typer.Option(min=0, help="From behind this offset on, instead of the newest.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many records of each partition.")] = 20,
    dead: Annotated[bool, typer.Option(help="What the stream could not read, instead of the log.")] = False,
    heartbeats: Annotated[bool, typer.Option(help="Heartbeats as well.")] = False,
) -> None:
    """Print records of the click log, event by event."""
    from server import logbook

    wanted = logbook.Wanted(partition, after, limit, dead, heartbeats)
    if not asyncio.run(logbook.show(_settings("log_url|kafka_brokers"), wanted, output)):
        raise typer.Exit(1)


@storage_app.command("create")
def create_storage() -> None:
    """Make the bucket where there is none, set it up, and look whether it is right."""
    from server import storage

    if not storage.create(_settings("s3_bucket"), output):
        raise typer.Exit(1)


@storage_app.command("verify")
def verify_storage() -> None:
    """Look whether the bucket keeps versions, locks, ages and privacy as it must."""
    from server import storage

    if not storage.verify(_settings("s3_bucket"), output):
        raise typer.Exit(1)


@demo_app.command("booking")
def demo_booking() -> None:
    """Four bookings from a quote to a payout: instant, negotiated, invited, disputed; and where every cent is."""
    from server.demo import booking as story

    if not asyncio.run(story.play(_settings("jwt_key", "stripe_api_base"), output)):
        raise typer.Exit(1)


@demo_app.command("growth")
def demo_growth() -> None:
    """Saved searches, the feed and credit, and a mail to open."""
    from server.demo import growth as story

    settings = _settings(
        "database_url", "jwt_key", "personal_data_key", "pepper", "page_token_key", "impression_token_keys"
    )
    if not asyncio.run(story.play(settings, output)):
        raise typer.Exit(1)


@demo_app.command("promo")
def demo_promo() -> None:
    """A campaign is shown, clicked on, and pays for what its clicks were worth."""
    from server.demo import promo as story

    if not asyncio.run(story.play(_settings("jwt_key", "stripe_api_base"), output)):
        raise typer.Exit(1)


@demo_app.command("support")
def demo_support() -> None:
    """A no-show from a complaint to its refund, and a chargeback to its answer, with every clock and cent."""
    from server.demo import support as story

    if not asyncio.run(story.play(_settings("jwt_key", "stripe_api_base"), output)):
        raise typer.Exit(1)


def _settings(*needed: str) -> Settings:
    """The settings, or an end with a sentence for each that is wrong or missing."""
    try:
        settings = Settings()
    except ValidationError as error:
        for problem in error.errors():
            place = ".".join(str(part) for part in problem["loc"]) or "settings"
            errors.print(f"[red]CALLSHEET_{place.upper()}[/]: {problem['msg']}")
        raise typer.Exit(2) from None
    missing = settings.missing(*needed)
    for name in missing:
        errors.print(f"[red]{name}[/] is not set; `make up` sets it for a stack on this machine")
    if missing:
        raise typer.Exit(2)
    return settings


def main() -> None:
    """The entry point of the `callsheet` command. What is known to fail is said in a sentence."""
    try:
        app()
    except Failure as failure:
        errors.print(f"[red]{escape(failure.message)}[/]", highlight=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
