"""A workplace for tests that kill workers."""

from pathlib import Path

import pytest

from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from tests.crash.victim import Workplace


@pytest.fixture
def workplace(database: DatabaseUrls, valkey_log: Valkey, tmp_path: Path) -> Workplace:
    return Workplace(database, valkey_log, tmp_path / "worker.log")
