"""`callsheet doctor`: configuration, every dependency, every invariant, and what to do about each that is wrong."""

import asyncio
import smtplib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from urllib.parse import urlsplit

import boto3
import redis.asyncio as redis
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table

from callsheet.sql.core import Queries
from server.adapters.budgets.valkey import valkey_budgets
from server.config import Settings
from server.core import db
from server.core.clock import SystemClock
from server.core.errors import Failure
from server.core.invariants import broken_invariants, load_invariants

_queries = db.load_queries("server.core", Queries)

PATIENCE_SECONDS = 5.0
OLD_OUTBOX_SECONDS = 60.0


class Wrong(Exception):
    """Something is not as it should be; the second sentence says what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Finding:
    """What an examination found."""

    name: str
    well: bool
    words: str
    remedy: str = ""


Examination = Callable[[Settings], Awaitable[str]]


async def configuration(settings: Settings) -> str:
    """What every process needs is set."""
    missing = settings.missing(
        "database_url",
        "stream_database_url",
        "jwt_key|jwks_url",
        "personal_data_key",
        "pepper",
        "page_token_key",
        "impression_token_keys",
    )
    if missing:
        raise Wrong(f"not set: {', '.join(missing)}", "set them, or use `make up`, which sets all of them")
    return "everything that is needed is set"


async def postgresql(settings: Settings) -> str:
    """The database answers under the server's role, and its migrations are there."""
    async with _database(settings) as database, database.read() as tx:
        version = await tx.fetchval("select current_setting('server_version')")
        newest = await tx.fetchval("select max(version) from public.schema_migrations")
    return f"PostgreSQL {version}, migrated to {newest}"


async def event_log(settings: Settings) -> str:
    """The log is durable: it writes before it answers, and forgets nothing by itself."""
    wanted = {"appendfsync": "always", "appendonly": "yes", "maxmemory-policy": "noeviction"}
    found = await _redis_settings(settings.log_url.get_secret_value(), wanted)
    wrong = [f"{name} is {found[name]}, not {value}" for name, value in wanted.items() if found[name] != value]
    if wrong:
        raise Wrong(
            "; ".join(wrong), "set them in the instance behind CALLSHEET_LOG_URL: acknowledged events depend on it"
        )
    return "durable"


async def budgets(settings: Settings) -> str:
    """The live view of budgets answers, and is what settings say. It may be empty: it is rebuilt from the ledger."""
    url = settings.budget_url.get_secret_value()
    is_cluster = (await _redis_settings(url, ["cluster-enabled"]))["cluster-enabled"] == "yes"
    if is_cluster != settings.budget_cluster:
        raise Wrong(
            "a cluster's server" if is_cluster else "no cluster",
            f"set CALLSHEET_BUDGET_CLUSTER={str(is_cluster).lower()} for servers, workers and the stream",
        )
    async with valkey_budgets(url, cluster=is_cluster) as opened:
        await opened.check()
    return "a cluster answers" if is_cluster else "answers"


async def viewings(settings: Settings) -> str:
    """What viewers were shown is counted by all servers together, where there are several."""
    url = settings.viewings_url.get_secret_value()
    if not url:
        return "each process counts alone; several need CALLSHEET_VIEWINGS_URL"
    await _redis_settings(url, {"maxmemory-policy": ""})
    return "answers"


async def objects(settings: Settings) -> str:
    """The bucket is there."""

    def look() -> str:
        client = boto3.client(
            "s3",
            endpoint_url=settings.s3_endpoint or None,
            config=Config(connect_timeout=PATIENCE_SECONDS, read_timeout=PATIENCE_SECONDS, retries={"max_attempts": 1}),
        )
        client.head_bucket(Bucket=settings.s3_bucket)
        return f"bucket {settings.s3_bucket}"

    try:
        return await asyncio.to_thread(look)
    except (BotoCoreError, ClientError) as error:
        raise Wrong(
            type(error).__name__, "check CALLSHEET_S3_ENDPOINT, CALLSHEET_S3_BUCKET and the credentials"
        ) from error


async def mail(settings: Settings) -> str:
    """The mail server greets."""
    url = urlsplit(settings.smtp_url.get_secret_value())
    if not url.hostname:
        raise Wrong("CALLSHEET_SMTP_URL is not set", "set it to smtp://host:port; without it no alert is mailed")

    def greet() -> str:
        with smtplib.SMTP(url.hostname or "", url.port or 25, timeout=PATIENCE_SECONDS) as server:
            server.noop()
        return f"{url.hostname} greets"

    return await asyncio.to_thread(greet)


async def jobs(settings: Settings) -> str:
    """No job is held, and outgoing events get out."""
    async with _database(settings) as database, database.read() as tx:
        now = SystemClock().now()
        counts = await _queries.job_counts(tx, now=now)
        lags = await _queries.outbox_lag(tx, now=now)
    held = [f"{row['jobs']} × {row['kind']}" for row in counts if row["status"] == "held"]
    if held:
        raise Wrong(
            f"held: {', '.join(held)}", "see `callsheet jobs held`, mend the cause, then `callsheet jobs retry KIND`"
        )
    late = [
        f"{row['topic']} by {row['oldest_seconds']:.0f} s" for row in lags if row["oldest_seconds"] > OLD_OUTBOX_SECONDS
    ]
    if late:
        raise Wrong(
            f"outgoing events wait: {', '.join(late)}", "is a worker running, and does the event log answer it?"
        )
    return "none held, outgoing events flow"


async def invariants(settings: Settings) -> str:
    """Every invariant of the data holds."""
    known = load_invariants(settings.invariants)
    async with _database(settings) as database, database.snapshot() as tx:
        broken = await broken_invariants(tx, known)
    if broken:
        raise Wrong(
            "\n".join(broken), "docs/runbook.md says for each what it means; `callsheet explain ID` tells the story"
        )
    return f"all {len(known)} hold"


EXAMINATIONS: tuple[Examination, ...] = (
    configuration,
    postgresql,
    event_log,
    budgets,
    viewings,
    objects,
    mail,
    jobs,
    invariants,
)


async def examine(settings: Settings, examinations: Sequence[Examination] = EXAMINATIONS) -> list[Finding]:
    """Every examination, one after the other, none of which stops the next."""
    return [await _finding(settings, examination) for examination in examinations]


async def _finding(settings: Settings, examination: Examination) -> Finding:
    name = examination.__name__.replace("_", " ")
    try:
        async with asyncio.timeout(PATIENCE_SECONDS * 2):
            return Finding(name, well=True, words=await examination(settings))
    except Wrong as wrong:
        return Finding(name, well=False, words=wrong.what, remedy=wrong.remedy)
    except Failure as failure:
        return Finding(name, well=False, words=failure.message, remedy="is it running, and is its address right?")
    except (OSError, redis.RedisError, TimeoutError, smtplib.SMTPException) as error:
        return Finding(name, well=False, words=type(error).__name__, remedy="is it running, and is its address right?")


def show(findings: Sequence[Finding], console: Console) -> bool:
    """Prints what was found; tells whether all is well."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        mark = "[green]✓[/]" if finding.well else "[bold red]✗[/]"
        words = finding.words + (f"\n[yellow]→ {finding.remedy}[/]" if finding.remedy else "")
        table.add_row(mark, f"[bold]{finding.name}[/]", words)
    console.print(table)
    return all(finding.well for finding in findings)


def _database(settings: Settings) -> AbstractAsyncContextManager[db.Database]:
    return db.connect(settings.database_url.get_secret_value(), application="callsheet-doctor", size=1)


async def _redis_settings(url: str, names: Iterable[str]) -> dict[str, str]:
    client = redis.from_url(url, decode_responses=True, socket_connect_timeout=PATIENCE_SECONDS)
    try:
        return {name: (await client.config_get(name)).get(name) or "" for name in names}
    finally:
        await client.aclose()
