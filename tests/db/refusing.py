"""Runs statements that must be refused, each undone again, and tells what refused them."""

import asyncpg

from tests.db.connecting import Connection


async def refusal(connection: Connection, statement: str) -> str:
    """What stopped a statement: a constraint or a column by name, else the condition; empty where nothing did."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(statement)
    except asyncpg.PostgresError as error:
        return error.constraint_name or error.column_name or type(error).__name__
    finally:
        await transaction.rollback()
    return ""
