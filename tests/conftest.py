"""Fixtures every test may ask for: a database of its own, and the other embedded parts."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest

from devstack import tether, valkey
from devstack.ports import free_port
from devstack.program import complete
from devstack.roles import DatabaseUrls
from devstack.s3 import EmbeddedS3, ObjectStorage
from devstack.valkey import Valkey
from server.core.invariants import Invariant, load_invariants
from tests.support.database import DatabaseServer, database_server
from tests.support.invariants import INVARIANTS, broken_in
from tests.support.parts import Mailbox, emptied, running_mail, running_s3, running_valkey

FOR_THE_TESTS = {"CALLSHEET_TEST_DATABASE_URL", "CALLSHEET_REQUIRE"}


def pytest_configure(config: pytest.Config) -> None:
    # A developer's own ports and keys are for `make up`; here they would only change what the defaults are.
    for name in [name for name in os.environ if name.startswith(("CALLSHEET_", "STRIPE_"))]:
        if name not in FOR_THE_TESTS:
            del os.environ[name]
    # Everything a test starts dies with its worker, so a worker must not outlive a controller that is killed.
    if hasattr(config, "workerinput"):
        tether.die_with_parent(signal.SIGKILL)


@pytest.fixture(scope="session", name="database_server")
def _database_server() -> Iterator[DatabaseServer]:
    with database_server() as server:
        yield server


@pytest.fixture(scope="session")
def invariants() -> tuple[Invariant, ...]:
    return load_invariants(INVARIANTS)


@pytest.fixture
def database(
    database_server: DatabaseServer, invariants: tuple[Invariant, ...], request: pytest.FixtureRequest
) -> Iterator[DatabaseUrls]:
    """A migrated database of this test's own. Its invariants are checked when the test is over."""
    name = f"callsheet_test_{os.getpid()}_{id(request.node):x}"
    with database_server.clone(name) as urls:
        yield urls
        if request.node.get_closest_marker("breaks_invariants") is None:
            broken = complete(broken_in(database_server.administration.database_url(name), invariants))
            assert not broken, "the test left the database with broken invariants:\n" + "\n".join(broken)


@pytest.fixture(scope="session")
def event_log_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    with running_valkey(valkey.event_log(tmp_path_factory.mktemp("valkey") / "log", free_port())) as server:
        yield server


@pytest.fixture
def valkey_log(event_log_server: Valkey) -> Valkey:
    """An empty, durable Valkey as the event log; `.url` reaches it."""
    return emptied(event_log_server)


@pytest.fixture(scope="session")
def budget_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    with running_valkey(valkey.budgets(tmp_path_factory.mktemp("valkey") / "budgets", free_port())) as server:
        yield server


@pytest.fixture
def valkey_budget(budget_server: Valkey) -> Valkey:
    """An empty Valkey for budgets; `.url` reaches it."""
    return emptied(budget_server)


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedS3]:
    with running_s3(tmp_path_factory.mktemp("s3") / "data") as server:
        yield server


@pytest.fixture(scope="session")
def bucket_numbers() -> Iterator[int]:
    return count(1)


@pytest.fixture
def s3(s3_server: EmbeddedS3, bucket_numbers: Iterator[int]) -> ObjectStorage:
    """Object storage with an empty bucket of this test's own: locked objects of another cannot be deleted."""
    storage = replace(s3_server.storage, bucket=f"callsheet-{next(bucket_numbers)}")
    storage.ensure_bucket()
    return storage


@pytest.fixture(scope="session")
def mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    with running_mail(tmp_path_factory.mktemp("mail") / "kept") as server:
        yield server


@pytest.fixture
def mail(mail_server: Mailbox) -> Mailbox:
    """A mail server whose mailbox is empty."""
    mail_server.store.clear()
    return mail_server
