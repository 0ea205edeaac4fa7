"""A migrated PostgreSQL for the tests: one template database, and a clone of it for each test.

An embedded cluster is migrated once and its data directory kept in `.cache/`, under a name that changes with every
migration. Each pytest process serves a copy of it, as a child that dies with the process. With
CALLSHEET_TEST_DATABASE_URL, the URL of an administrator of a PostgreSQL 15 to 18, the template is kept over there.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fcntl import LOCK_EX, flock
from pathlib import Path

from devstack import postgres, roles
from devstack.migrate import migrate
from devstack.ports import free_port
from devstack.postgres import Cluster, open_cluster
from devstack.program import complete, running
from devstack.roles import Administration, DatabaseUrls, create_database, ensure_roles

ROOT = Path(__file__).parents[2]
MIGRATIONS = ROOT / "db" / "migrations"
CACHE = ROOT / ".cache" / "test-database"
EMBEDDED_PASSWORD = "loopback-and-one-session-only"
TEMPLATE_LOCK = 7_220_452
DIRECTORY_PREFIX = "callsheet-database-"
MEMORY_NEEDED = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class DatabaseServer:
    """A PostgreSQL with a migrated template database."""

    administration: Administration
    template: str

    @contextmanager
    def clone(self, name: str) -> Iterator[DatabaseUrls]:
        """A database equal to the template, for the length of a `with` block."""
        complete(self._create(name))
        try:
            yield self.administration.urls(name)
        finally:
            complete(self._drop(name))

    async def _create(self, name: str) -> None:
        async with self.administration.connect() as connection:
            await create_database(connection, name, template=self.template)

    async def _drop(self, name: str) -> None:
        async with self.administration.connect() as connection:
            await connection.execute(f'drop database "{name}" with (force)')


@contextmanager
def database_server(*, durable: bool = False) -> Iterator[DatabaseServer]:
    """The PostgreSQL this session tests against, migrated. A durable one lives on a disk and waits for it, as one in
    production does: for measurements.
    """
    outside = os.environ.get("CALLSHEET_TEST_DATABASE_URL")
    if outside:
        yield _migrated(Administration(outside, seed=f"tests of {outside}"))
    else:
        parent = (None if durable else _memory()) or Path(tempfile.gettempdir())
        _remove_abandoned(parent)
        prefix = f"{DIRECTORY_PREFIX}{os.getpid()}-"
        with (
            tempfile.TemporaryDirectory(prefix=prefix, dir=parent) as directory,
            _embedded(Path(directory), durable=durable) as server,
        ):
            yield server


def _remove_abandoned(parent: Path) -> None:
    """Delete what sessions left that were killed: each directory names the process it belonged to."""
    for directory in parent.glob(f"{DIRECTORY_PREFIX}*-*"):
        pid = directory.name.removeprefix(DIRECTORY_PREFIX).partition("-")[0]
        if not Path("/proc", pid).exists():
            shutil.rmtree(directory, ignore_errors=True)


def _memory() -> Path | None:
    """Where files live in memory, if there is such a place with room: a clone is a thousand small files, which a disk
    makes fifty times slower.
    """
    memory = Path("/dev/shm")  # noqa: S108  a directory of our own, with a random name, is made in it
    if not os.access(memory, os.W_OK) or shutil.disk_usage(memory).free < MEMORY_NEEDED:
        return None
    return memory


def _fingerprint() -> str:
    """Changes with every migration, with the code that makes clusters and roles, and with the day: a migrated database
    has partitions for the days around the one it was made on.
    """
    digest = hashlib.sha256(datetime.now(UTC).date().isoformat().encode())
    for file in (*sorted(MIGRATIONS.glob("*.sql")), Path(postgres.__file__), Path(roles.__file__), Path(__file__)):
        digest.update(f"{file.name}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _migrated(administration: Administration) -> DatabaseServer:
    """Make the template where it is missing; sessions that start at once wait for each other."""
    template = f"callsheet_template_{_fingerprint()}"
    complete(_ensure_template(administration, template))
    return DatabaseServer(administration, template)


async def _ensure_template(administration: Administration, template: str) -> None:
    async with administration.connect() as connection:
        await connection.execute("select pg_advisory_lock($1)", TEMPLATE_LOCK)
        if await connection.fetchval("select datistemplate from pg_database where datname = $1", template):
            return
        await connection.execute(f'drop database if exists "{template}" with (force)')
        await ensure_roles(administration, connection)
        await create_database(connection, template)
        migrate(administration.urls(template), MIGRATIONS)
        await connection.execute(f'alter database "{template}" with is_template true')


@contextmanager
def _embedded(directory: Path, *, durable: bool) -> Iterator[DatabaseServer]:
    directory.chmod(0o711)
    cluster = open_cluster(directory / "cluster", port=free_port(), password=EMBEDDED_PASSWORD, durable=durable)
    try:
        CACHE.mkdir(parents=True, exist_ok=True)
        with (CACHE / "lock").open("w") as lock:
            flock(lock, LOCK_EX)
            prepared = CACHE / _fingerprint()
            if not prepared.exists():
                _prepare(cluster, directory / "log", prepared)
            _copy(prepared, cluster.data)
        with running(cluster.postmaster(), directory / "log"):
            yield _migrated(_administration(cluster))
    finally:
        shutil.rmtree(cluster.home)


def _prepare(cluster: Cluster, log: Path, prepared: Path) -> None:
    """Make and migrate a cluster, and keep its stopped data directory; those of earlier migrations go."""
    cluster.initialise()
    with running(cluster.postmaster(), log):
        _migrated(_administration(cluster))
    for outdated in CACHE.iterdir():
        if outdated.is_dir():
            shutil.rmtree(outdated)
    _copy(cluster.data, CACHE / "incomplete")
    (CACHE / "incomplete").rename(prepared)
    shutil.rmtree(cluster.data)


def _administration(cluster: Cluster) -> Administration:
    return Administration(cluster.administrator_url, seed=EMBEDDED_PASSWORD)


def _copy(source: Path, target: Path) -> None:
    """A whole data directory with its owners; sharing blocks where the file system can."""
    subprocess.run(("cp", "-a", "--reflink=auto", str(source), str(target)), check=True)
