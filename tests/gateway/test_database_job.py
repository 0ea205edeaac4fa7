"""What the compose file does to an empty PostgreSQL: its script makes the roles, its job migrates as their owner."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from devstack.codegen.layout import MIGRATIONS, ROOT
from devstack.migrate import migrate
from devstack.ports import LOOPBACK, free_port
from devstack.postgres import ADMINISTRATOR, Cluster, open_cluster
from devstack.program import running
from devstack.roles import DatabaseUrls

PASSWORDS = {
    "CALLSHEET_OWNER_PASSWORD": "of-the-owner",
    "CALLSHEET_APP_PASSWORD": "of-the-app",
    "CALLSHEET_STREAM_PASSWORD": "it's-the-stream's",
}


@pytest.fixture(scope="module")
def empty_postgres() -> Iterator[Cluster]:
    """A PostgreSQL as an image makes it: an administrator and nothing else."""
    with tempfile.TemporaryDirectory(prefix="callsheet-test-") as name:
        directory = Path(name)
        directory.chmod(0o711)
        cluster = open_cluster(directory / "cluster", port=free_port(), password="administrator", durable=False)
        try:
            cluster.initialise()
            with running(cluster.postmaster(), directory / "log"):
                yield cluster
        finally:
            shutil.rmtree(cluster.home)


@pytest.fixture(scope="module")
def urls(empty_postgres: Cluster) -> DatabaseUrls:
    """The roles' ways into the database that the script made and the job migrated."""
    binaries = str(empty_postgres.installation.binaries)
    environment = {
        "PATH": os.pathsep.join((binaries, os.environ["PATH"])),
        "PGHOST": LOOPBACK,
        "PGPORT": str(empty_postgres.port),
        "PGPASSWORD": empty_postgres.password,
        "POSTGRES_USER": ADMINISTRATOR,
        **PASSWORDS,
    }
    subprocess.run(["sh", ROOT / "docker" / "postgres" / "roles.sh"], env=environment, cwd="/", check=True)
    place = f"{LOOPBACK}:{empty_postgres.port}/callsheet"
    made = DatabaseUrls(
        owner_url=f"postgresql://callsheet_owner:of-the-owner@{place}",
        app_url=f"postgresql://callsheet_app:of-the-app@{place}",
        stream_url=f"postgresql://callsheet_stream:it%27s-the-stream%27s@{place}",
    )
    migrate(made, MIGRATIONS)
    return made


async def test_the_app_works_and_owns_nothing(urls: DatabaseUrls) -> None:
    connection = await asyncpg.connect(urls.app_url)
    try:
        assert await connection.fetchval('select count(*) from booking."order"') == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("create table public.sneaked_in (id int)")
    finally:
        await connection.close()


async def test_the_stream_gets_in_with_a_password_that_needs_quoting(urls: DatabaseUrls) -> None:
    connection = await asyncpg.connect(urls.stream_url)
    try:
        assert await connection.fetchval("select current_user") == "callsheet_stream"
    finally:
        await connection.close()
