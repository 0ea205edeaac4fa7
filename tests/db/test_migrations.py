"""Migrations apply to an empty database in one go, a second time without effect, and never backwards."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import pytest

from devstack.codegen.layout import MIGRATIONS
from devstack.migrate import MigrationFailed, migrate
from devstack.program import complete
from devstack.roles import DatabaseUrls, Role, create_database
from tests.db.connecting import connected
from tests.support.database import DatabaseServer


@contextmanager
def empty_database(server: DatabaseServer, name: str) -> Iterator[DatabaseUrls]:
    async def administer(statement: str) -> None:
        async with server.administration.connect() as connection:
            await connection.execute(statement)

    async def create() -> None:
        async with server.administration.connect() as connection:
            await create_database(connection, name)

    complete(create())
    try:
        yield server.administration.urls(name)
    finally:
        complete(administer(f'drop database "{name}" with (force)'))


@pytest.fixture
def empty(database_server: DatabaseServer) -> Iterator[DatabaseUrls]:
    with empty_database(database_server, f"callsheet_empty_{os.getpid()}") as urls:
        yield urls


async def applied(url: str) -> list[str]:
    async with connected(url) as connection:
        return [row[0] for row in await connection.fetch("select version from schema_migrations order by version")]


def test_all_apply_at_once_and_again_without_effect(empty: DatabaseUrls) -> None:
    migrate(empty, MIGRATIONS)
    versions = complete(applied(empty.owner_url))
    assert versions == [path.name.partition("_")[0] for path in sorted(MIGRATIONS.glob("*.sql"))]
    migrate(empty, MIGRATIONS)
    assert complete(applied(empty.owner_url)) == versions


def test_everything_belongs_to_the_owner(empty: DatabaseUrls) -> None:
    migrate(empty, MIGRATIONS)

    async def strangers() -> list[asyncpg.Record]:
        async with connected(empty.owner_url) as connection:
            return await connection.fetch("""
                select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname in ('core', 'directory', 'payments', 'booking', 'public')
                  and pg_get_userbyid(c.relowner) <> $1
                  and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
            """, Role.OWNER)  # fmt: skip

    assert complete(strangers()) == []


def test_a_guard_refuses_to_run_over_rows_that_it_cannot_judge(
    empty: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory
) -> None:
    documents_only = tmp_path_factory.mktemp("migrations")
    for path in MIGRATIONS.glob("01*.sql"):
        (documents_only / path.name).write_bytes(path.read_bytes())
    migrate(empty, documents_only)

    async def book() -> None:
        async with connected(empty.owner_url) as connection:
            await connection.execute("""
                insert into booking.order
                  (order_id, buyer_user_id, provider_user_id, service_profile_id, mode, start_ts, end_ts, location_kind)
                values ('ord_1', 'usr_1', 'usr_1', 'srv_1', 'IB', '2026-01-02', '2026-01-01', 'remote')
            """)

    complete(book())
    with pytest.raises(MigrationFailed, match="booking holds rows from before the guards"):
        migrate(empty, MIGRATIONS)


def test_no_migration_goes_backwards() -> None:
    for path in MIGRATIONS.glob("*.sql"):
        up, down = path.read_text(encoding="utf-8").split("-- migrate:down")
        assert up.startswith("-- migrate:up"), path.name
        assert "raise exception 'migrations go forward only'" in down, path.name


def test_names_tell_order_and_content_and_no_number_is_used_twice() -> None:
    names = [path.name for path in sorted(MIGRATIONS.iterdir())]
    assert [name for name in names if not re.fullmatch(r"\d{3}_[a-z0-9_]+\.sql", name)] == []
    numbers = [name[:3] for name in names]
    assert len(set(numbers)) == len(numbers)
    assert names[:4] == [
        "013_booking_core.sql",
        "015_support_core.sql",
        "016_growth_referrals.sql",
        "017_promo_core.sql",
    ]
