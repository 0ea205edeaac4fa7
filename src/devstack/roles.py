"""The database and its roles: owner (migrations), app (server and worker) and stream.

Roles are made here and by an init job of the compose file, never by a migration: a role belongs to a whole cluster.
"""

import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

import asyncpg

MAINTENANCE_DATABASE = "postgres"
DEFAULT_DATABASE = "callsheet"
ROLES_LOCK = 7_220_451
"""An advisory lock around the making of roles: `create role if not exists` does not exist, and two may try at once."""


class Role(StrEnum):
    """Who connects: for migrations, as server and worker, as stream."""

    OWNER = "callsheet_owner"
    APP = "callsheet_app"
    STREAM = "callsheet_stream"


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """How each role reaches one database."""

    owner_url: str
    app_url: str
    stream_url: str


@dataclass(frozen=True, slots=True)
class Administration:
    """A PostgreSQL where we may make roles and databases; the roles' passwords follow from one seed."""

    url: str
    seed: str

    def password(self, role: Role) -> str:
        return hmac.new(self.seed.encode(), role.encode(), hashlib.sha256).hexdigest()[:32]

    def urls(self, database: str) -> DatabaseUrls:
        return DatabaseUrls(
            owner_url=self._role_url(Role.OWNER, database),
            app_url=self._role_url(Role.APP, database),
            stream_url=self._role_url(Role.STREAM, database),
        )

    def database_url(self, database: str) -> str:
        """The administrator's own way into one database."""
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{database}"))

    def _role_url(self, role: Role, database: str) -> str:
        parts = urlsplit(self.url)
        place = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{role}:{self.password(role)}@{place}", path=f"/{database}"))

    @asynccontextmanager
    async def connect(self, database: str = MAINTENANCE_DATABASE) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(self.database_url(database))
        try:
            yield connection
        finally:
            await connection.close()


async def ensure_roles(administration: Administration, connection: asyncpg.Connection) -> None:
    """Make the roles that are missing, and give all of them the passwords of the seed."""
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", ROLES_LOCK)
        for role in Role:
            known = await connection.fetchval("select exists (select from pg_roles where rolname = $1)", role)
            template = "alter role %I login password %L" if known else "create role %I login password %L"
            password = administration.password(role)
            statement = await connection.fetchval(f"select format('{template}', $1::text, $2::text)", role, password)
            await connection.execute(statement)
        # An administrator who is no superuser may only make databases for a role it is a member of.
        if not await connection.fetchval("select rolsuper from pg_roles where rolname = current_user"):
            await connection.execute(f"grant {Role.OWNER} to current_user")


async def create_database(connection: asyncpg.Connection, name: str, template: str = "template1") -> None:
    """Make a database of the owner's that only the three roles may enter. Grants are not copied from a template."""
    # Copying files beats logging their pages by far where the template is more than a few of them.
    await connection.execute(f'create database "{name}" owner {Role.OWNER} template "{template}" strategy file_copy')
    await connection.execute(f'revoke all on database "{name}" from public')
    await connection.execute(f'grant connect on database "{name}" to {Role.APP}, {Role.STREAM}')


async def ensure_database(administration: Administration, name: str = DEFAULT_DATABASE) -> DatabaseUrls:
    """The roles and the database, made where they are missing."""
    async with administration.connect() as connection:
        await ensure_roles(administration, connection)
        if not await connection.fetchval("select exists (select from pg_database where datname = $1)", name):
            await create_database(connection, name)
    return administration.urls(name)
