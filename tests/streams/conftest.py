"""A world for tests that let the stream run."""

from pathlib import Path

import pytest

from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from tests.streams.harness import stream_in
from tests.streams.world import World


@pytest.fixture
def world(database: DatabaseUrls, valkey_log: Valkey, valkey_budget: Valkey, tmp_path: Path) -> World:
    return World(database, valkey_log, stream_in(tmp_path, database, valkey_log, valkey_budget))
