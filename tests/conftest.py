"""Fixtures every test may ask for: a database of its own, and the other embedded parts."""

import os
from collections.abc import Iterator

import pytest

from devstack.program import complete
from devstack.roles import DatabaseUrls
from tests.support.database import DatabaseServer, database_server
from tests.support.invariants import Invariant, broken_invariants, load_invariants


@pytest.fixture(scope="session", name="database_server")
def _database_server() -> Iterator[DatabaseServer]:
    with database_server() as server:
        yield server


@pytest.fixture(scope="session")
def invariants() -> tuple[Invariant, ...]:
    return load_invariants()


@pytest.fixture
def database(
    database_server: DatabaseServer, invariants: tuple[Invariant, ...], request: pytest.FixtureRequest
) -> Iterator[DatabaseUrls]:
    """A migrated database of this test's own. Its invariants are checked when the test is over."""
    name = f"callsheet_test_{os.getpid()}_{id(request.node):x}"
    with database_server.clone(name) as urls:
        yield urls
        if request.node.get_closest_marker("breaks_invariants") is None:
            broken = complete(broken_invariants(database_server.administration.database_url(name), invariants))
            assert not broken, "the test left the database with broken invariants:\n" + "\n".join(broken)
