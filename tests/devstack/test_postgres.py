"""The embedded PostgreSQL keeps its data, wherever the checkout is and whatever ended it."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from devstack.ports import LOOPBACK, free_port
from devstack.postgres import Cluster, open_cluster, remove_private_home
from devstack.program import ProgramFailed, complete, running
from devstack.roles import Administration, ensure_database

PASSWORD = "it's a p@ss/word: 100%"


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder whose parents everybody may pass, unlike pytest's own."""
    with TemporaryDirectory(prefix="callsheet-test-") as directory:
        Path(directory).chmod(0o755)
        yield Path(directory)


@contextmanager
def cluster_in(home: Path) -> Iterator[Cluster]:
    cluster = open_cluster(home, port=free_port(), password=PASSWORD, durable=False)
    try:
        cluster.initialise()
        yield cluster
    finally:
        remove_private_home(home)


def query(cluster: Cluster, statement: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(cluster.administrator_url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return complete(ask())


def test_data_survives_a_restart(place: Path) -> None:
    with cluster_in(place / "postgres") as cluster:
        with running(cluster.postmaster(), place / "log"):
            query(cluster, "create table kept as select 7 as number")
        cluster.initialise()
        with running(cluster.postmaster(), place / "log"):
            assert query(cluster, "select number from kept") == 7


def test_data_survives_sigkill_of_the_postmaster(place: Path) -> None:
    with cluster_in(place / "postgres") as cluster:
        with running(cluster.postmaster(), place / "log") as postmaster:
            query(cluster, "create table kept as select 7 as number")
            postmaster.send_signal(signal.SIGKILL)
            postmaster.wait()
        with running(cluster.postmaster(), place / "log"):
            assert query(cluster, "select number from kept") == 7


@pytest.mark.parametrize("content", ["the pid of a living program", "no pid", ""])
def test_a_stale_lock_is_removed_even_when_its_pid_lives_again(place: Path, content: str) -> None:
    with cluster_in(place / "postgres") as cluster:
        (cluster.data / "postmaster.pid").write_text(content.replace("the pid of a living program", str(os.getpid())))
        with running(cluster.postmaster(), place / "log"):
            assert query(cluster, "select 1") == 1


@pytest.mark.parametrize("folder", ["with a space", "ümlaut and 'quote'", "/".join(["long" * 20] * 5)])
def test_it_runs_wherever_the_checkout_is(place: Path, folder: str) -> None:
    home = place / folder / "postgres"
    home.parent.mkdir(parents=True)
    with cluster_in(home) as cluster, running(cluster.postmaster(), place / "log"):
        assert cluster.home == home
        assert query(cluster, "select 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs PostgreSQL as itself")
def test_where_its_user_cannot_go_its_data_lives_elsewhere(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    home = closed / "postgres"
    with cluster_in(home) as cluster:
        assert closed not in cluster.home.parents
        with running(cluster.postmaster(), place / "log"):
            query(cluster, "create table kept as select 7 as number")
        again = open_cluster(home, port=cluster.port, password=PASSWORD, durable=False)
        with running(again.postmaster(), place / "log"):
            assert query(again, "select number from kept") == 7
        remove_private_home(home)
        assert not cluster.home.exists()
    assert closed.stat().st_mode & 0o777 == 0o700


def test_an_interrupted_beginning_is_begun_again(place: Path) -> None:
    home = place / "postgres"
    (home / "data.new").mkdir(parents=True)
    (home / "data.new" / "PG_VERSION").write_text("18\n")
    with cluster_in(home) as cluster, running(cluster.postmaster(), place / "log"):
        assert query(cluster, "select 1") == 1


def test_a_wrong_password_is_refused_and_no_socket_is_open(place: Path) -> None:
    with cluster_in(place / "postgres") as cluster, running(cluster.postmaster(), place / "log"):
        assert query(cluster, "show unix_socket_directories") == ""
        assert query(cluster, "show listen_addresses") == LOOPBACK
        with pytest.raises(asyncpg.InvalidPasswordError):
            complete(asyncpg.connect(cluster.administrator_url, password="guessed"))


def test_a_taken_port_ends_the_start_with_the_servers_words(place: Path) -> None:
    with cluster_in(place / "one") as one, running(one.postmaster(), place / "log"):
        other = open_cluster(place / "other", port=one.port, password="other", durable=False)
        other.initialise()
        expected = pytest.raises(ProgramFailed, match="could not create any TCP/IP sockets")
        with expected, running(other.postmaster(), place / "other-log"):
            raise AssertionError("two servers had one port")


def test_an_administrator_who_is_no_superuser_can_make_roles_and_database(place: Path) -> None:
    async def use(cluster: Cluster) -> None:
        connection = await asyncpg.connect(cluster.administrator_url)
        await connection.execute("create role manager login createdb createrole password 'secret'")
        await connection.close()
        manager = Administration(f"postgresql://manager:secret@{LOOPBACK}:{cluster.port}/postgres", seed="seed")
        urls = await ensure_database(manager)
        assert await ensure_database(manager) == urls
        owner = await asyncpg.connect(urls.owner_url)
        await owner.execute("create extension btree_gist")
        await owner.execute("create extension pg_trgm")
        await owner.close()

    with cluster_in(place / "postgres") as cluster, running(cluster.postmaster(), place / "log"):
        complete(use(cluster))


def test_only_the_three_roles_enter_a_database(place: Path) -> None:
    async def use(cluster: Cluster) -> None:
        administration = Administration(cluster.administrator_url, seed="seed")
        urls = await ensure_database(administration, "guarded")
        async with administration.connect() as connection:
            await connection.execute("create role stranger login password 'x'")
        for url in (urls.owner_url, urls.app_url, urls.stream_url):
            await (await asyncpg.connect(url)).close()
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(f"postgresql://stranger:x@{LOOPBACK}:{cluster.port}/guarded")

    with cluster_in(place / "postgres") as cluster, running(cluster.postmaster(), place / "log"):
        complete(use(cluster))
