"""db/schema.sql is what the migrations make."""

import os

import pytest

from devstack.roles import DatabaseUrls
from devstack.schema import SCHEMA, dump

OUTSIDE = "CALLSHEET_TEST_DATABASE_URL"


@pytest.mark.skipif(OUTSIDE in os.environ, reason=f"{OUTSIDE} is set, and each version lists a schema in its own way")
def test_the_dump_is_up_to_date(database: DatabaseUrls) -> None:
    assert dump(database.owner_url) == SCHEMA.read_text(encoding="utf-8"), "run `make schema`"
