"""Every statement of every `queries.sql` fits the schema, and the role that runs it may."""

import aiosql
import asyncpg
import pytest
from aiosql.adapters.asyncpg import AsyncPGAdapter

from devstack.codegen.queries import QueryFile, query_files
from tests.db.connecting import Connection

FILES = query_files()


async def misfit(connection: Connection, name: str, statement: str) -> str | None:
    """Why a statement cannot run, found without running it: preparing checks the schema, explaining the grants."""
    try:
        prepared = await connection.prepare(statement, name=name)
        nothing = ", ".join("null" for _ in prepared.get_parameters())
        await connection.execute(f"explain execute {name}" + (f"({nothing})" if nothing else ""))
    except asyncpg.PostgresError as error:
        return str(error)
    return None


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.slice_name)
async def test_each_statement_fits(file: QueryFile, app: Connection, stream: Connection) -> None:
    connection = stream if "streams" in file.path.parts else app
    statements = aiosql.from_path(file.path, AsyncPGAdapter)
    found = {
        query.name: await misfit(connection, query.name, getattr(statements, query.name).sql) for query in file.queries
    }
    assert {name: problem for name, problem in found.items() if problem} == {}


def test_there_are_statements_to_try() -> None:
    assert {"core", "booking", "directory"} <= {file.slice_name for file in FILES}


async def test_a_statement_that_does_not_fit_is_found(app: Connection, stream: Connection) -> None:
    assert "no_such_column" in str(
        await misfit(app, "a", "select no_such_column from booking.order where order_id = $1")
    )
    assert "permission denied" in str(await misfit(stream, "b", "select status from booking.order where order_id = $1"))
    assert await misfit(app, "c", "select status from booking.order where order_id = $1") is None
