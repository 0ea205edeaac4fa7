"""What Callsheet's processes need around them: the parts the environment names, and ours in place of the others."""

import asyncio
import secrets
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from devstack import valkey
from devstack.configuration import BadConfiguration, Configuration
from devstack.mail.program import MailCatcher
from devstack.migrate import migrate
from devstack.ports import LOOPBACK
from devstack.postgres import open_cluster
from devstack.probes import http_answers
from devstack.program import Program
from devstack.roles import DEFAULT_DATABASE, MAINTENANCE_DATABASE, Administration, DatabaseUrls, ensure_database
from devstack.s3 import embedded_s3
from devstack.state import State
from devstack.valkey import Valkey

DATABASE, MIGRATION, STREAM = "CALLSHEET_DATABASE_URL", "CALLSHEET_MIGRATION_URL", "CALLSHEET_STREAM_DATABASE_URL"
LOG, KAFKA, BUDGETS = "CALLSHEET_LOG_URL", "CALLSHEET_KAFKA_BROKERS", "CALLSHEET_BUDGET_URL"
S3, SMTP = "CALLSHEET_S3_ENDPOINT", "CALLSHEET_SMTP_URL"
STRIPE_KEY, STRIPE_BASE, STRIPE_SECRET = (
    "STRIPE_API_KEY",
    "CALLSHEET_STRIPE_API_BASE",
    "CALLSHEET_STRIPE_WEBHOOK_SECRET",
)


@dataclass(frozen=True, slots=True)
class Part:
    """One thing the stack needs. Without a program it is somebody else's, and the environment names it already.

    `where` is for people, `environment` for Callsheet's processes; `remark` says what this one lacks.
    """

    name: str
    where: str
    program: Program | None = None
    environment: Mapping[str, str] | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class DatabasePart:
    """PostgreSQL, and how to get a database there with its three roles, once it answers."""

    part: Part
    urls: Callable[[], Awaitable[DatabaseUrls]]

    async def migrated(self, migrations: Path) -> dict[str, str]:
        """Bring the schema up to date; tells how each role reaches it."""
        try:
            urls = await self.urls()
        except (asyncpg.PostgresError, OSError) as refusal:
            raise BadConfiguration(f"the database at {self.part.where} refused: {refusal}") from None
        await asyncio.to_thread(migrate, urls, migrations)
        return {DATABASE: urls.app_url, MIGRATION: urls.owner_url, STREAM: urls.stream_url}


def database(configuration: Configuration, state: State) -> DatabasePart:
    """Three URLs are used as they are; one alone is taken for an administrator's; with none, PostgreSQL is embedded."""
    app, owner, stream = (configuration.given(name) for name in (DATABASE, MIGRATION, STREAM))
    seed = state.secret("database-roles")
    if app and owner and stream:
        return DatabasePart(Part("postgres", _place(app)), _as_given(DatabaseUrls(owner, app, stream)))
    if app and not owner and not stream:
        return DatabasePart(Part("postgres", f"{_place(app)}, as its administrator"), _made_by(app, seed))
    if owner or stream:
        raise BadConfiguration(f"{DATABASE}, {MIGRATION} and {STREAM} come together; or set {DATABASE} alone")
    password = state.secret("database-administrator")
    cluster = open_cluster(state.part("postgres"), port=state.port("postgres"), password=password, durable=True)
    cluster.initialise()
    part = Part("postgres", f"{LOOPBACK}:{cluster.port}", cluster.postmaster())
    return DatabasePart(part, _made_by(cluster.administrator_url, seed))


def _as_given(urls: DatabaseUrls) -> Callable[[], Awaitable[DatabaseUrls]]:
    async def known() -> DatabaseUrls:
        return urls

    return known


def _made_by(administrator_url: str, seed: str) -> Callable[[], Awaitable[DatabaseUrls]]:
    return partial(ensure_database, Administration(administrator_url, seed), _database_named_by(administrator_url))


def event_log(configuration: Configuration, state: State) -> Part:
    for variable in (KAFKA, LOG):
        if configuration.given(variable):
            return Part("log", _place(configuration.given(variable)))
    return _valkey_part(LOG, valkey.event_log(state.part("log"), state.port("log")))


def budgets(configuration: Configuration, state: State) -> Part:
    if configuration.given(BUDGETS):
        return Part("budgets", _place(configuration.given(BUDGETS)))
    return _valkey_part(BUDGETS, valkey.budgets(state.part("budgets"), state.port("budgets")))


def object_storage(configuration: Configuration, state: State) -> Part:
    """The first run builds it, which takes a minute."""
    if configuration.given(S3):
        return Part("s3", configuration.given(S3))
    embedded = embedded_s3(state.part("s3"), state.port("s3"), access_key="callsheet", secret_key=state.secret("s3"))
    storage = embedded.storage
    remark = f"moto: objects are lost at the end, uploads are not checked ({embedded.forgetful})"
    return Part(
        "s3",
        f"{storage.endpoint} bucket {storage.bucket}",
        embedded.program,
        storage.environment(),
        remark if embedded.forgetful else "",
    )


def stripe(configuration: Configuration, state: State, webhook_url: str) -> Part:
    """The sandbox; it sends webhooks where there is a gateway that takes them."""
    if configuration.given(STRIPE_KEY) or configuration.given(STRIPE_BASE):
        return Part("stripe", configuration.given(STRIPE_BASE) or "the processor itself, with the key given")
    port = state.port("stripe")
    secret = state.secret("stripe-webhooks", lambda: f"whsec_{secrets.token_hex(24)}")
    state.part("stripe").mkdir(exist_ok=True)
    arguments = ["--port", str(port), "--state", str(state.part("stripe") / "sandbox.sqlite")]
    if webhook_url:
        arguments += ["--webhook-url", webhook_url, "--webhook-secret", secret]
    base = f"http://{LOOPBACK}:{port}"
    return Part(
        "stripe",
        f"{base} (sandbox)",
        Program(
            name="stripe",
            argv=(sys.executable, "-m", "devstack.stripe_sandbox", *arguments),
            probe=http_answers(f"{base}/_sandbox/health"),
        ),
        {
            STRIPE_KEY: state.secret("stripe-key", lambda: f"sk_test_{secrets.token_hex(24)}"),
            STRIPE_BASE: base,
            STRIPE_SECRET: secret,
        },
    )


def mail(configuration: Configuration, state: State) -> Part:
    if configuration.given(SMTP):
        return Part("mail", _place(configuration.given(SMTP)))
    catcher = MailCatcher(state.part("mail"), state.port("smtp"), state.port("mail"))
    return Part("mail", f"{catcher.page} shows what was sent", catcher.program(), {SMTP: catcher.smtp_url})


def _valkey_part(variable: str, server: Valkey) -> Part:
    return Part(server.name, f"{LOOPBACK}:{server.port}", server.program(), {variable: server.url})


def _database_named_by(url: str) -> str:
    """An administrator's URL may name the database to use; the one for maintenance is never it."""
    name = urlsplit(url).path.strip("/")
    return DEFAULT_DATABASE if name in {"", MAINTENANCE_DATABASE} else name


def _place(url: str) -> str:
    """Where a URL leads, without the password in it."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] + parts.path if parts.netloc else url
