"""What the database fixture promises to every other test."""

import asyncpg
import pytest

from devstack.roles import DatabaseUrls


async def role_of(url: str) -> tuple[str, bool]:
    connection = await asyncpg.connect(url)
    try:
        row = await connection.fetchrow("select rolname::text, rolsuper from pg_roles where rolname = current_user")
        assert row is not None
        return row[0], row[1]
    finally:
        await connection.close()


async def test_each_role_logs_in_as_itself_and_none_is_a_superuser(database: DatabaseUrls) -> None:
    assert await role_of(database.owner_url) == ("callsheet_owner", False)
    assert await role_of(database.app_url) == ("callsheet_app", False)
    assert await role_of(database.stream_url) == ("callsheet_stream", False)


@pytest.mark.parametrize("attempt", [1, 2])
async def test_no_test_sees_what_another_wrote(database: DatabaseUrls, attempt: int) -> None:
    connection = await asyncpg.connect(database.owner_url)
    try:
        await connection.execute(f"create table left_behind as select {attempt} as attempt")
        assert await connection.fetchval("select attempt from left_behind") == attempt
    finally:
        await connection.close()


async def test_the_database_is_migrated(database: DatabaseUrls) -> None:
    connection = await asyncpg.connect(database.owner_url)
    try:
        assert await connection.fetchval("select count(*) from schema_migrations") > 0
    finally:
        await connection.close()
