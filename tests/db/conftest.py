"""A connection under each role, and a database with a little of everything in it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from devstack.roles import DatabaseUrls
from tests.db.connecting import Connection, connected, populate


@pytest.fixture
async def owner(database: DatabaseUrls) -> AsyncIterator[Connection]:
    """As migrations connect: owns everything, and is no superuser."""
    async with connected(database.owner_url) as connection:
        yield connection


@pytest.fixture
async def app(database: DatabaseUrls) -> AsyncIterator[Connection]:
    """As server and worker connect."""
    async with connected(database.app_url) as connection:
        yield connection


@pytest.fixture
async def stream(database: DatabaseUrls) -> AsyncIterator[Connection]:
    """As the stream connects."""
    async with connected(database.stream_url) as connection:
        yield connection


@dataclass(frozen=True, slots=True)
class World:
    """A populated database under each of its roles."""

    owner: Connection
    app: Connection
    stream: Connection


@pytest.fixture
async def world(owner: Connection, app: Connection, stream: Connection) -> World:
    await populate(app, stream)
    return World(owner, app, stream)
