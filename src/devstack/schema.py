"""`python -m devstack.schema`: writes db/schema.sql, what all migrations together make of an empty database.

The dump is for reading and for review: a change of the schema shows there as what it is, not as how one got there. It
is made with the embedded version's own pg_dump, because versions list the same schema differently.
"""

import os
import re
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from devstack.codegen.layout import MIGRATIONS, ROOT, shown
from devstack.codegen.tree import write_atomically
from devstack.migrate import migrate
from devstack.ports import free_port
from devstack.postgres import installation, open_cluster
from devstack.program import complete, running
from devstack.roles import Administration, ensure_database

SCHEMA = ROOT / "db" / "schema.sql"
HEADER = "-- What db/migrations make of an empty database. Written by `make schema`; change a migration instead.\n\n"

# Days come and go, and dbmate keeps its own book of what was applied.
_EXCLUDED = ("public.promo_event_p*", "public.schema_migrations")
# The key of these lines is random, and the versions are those of whoever dumped.
_PASSING = re.compile(r"^(?:\\(?:un)?restrict .*|-- Dumped (?:from|by) .*)\n", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n{3,}")


class DumpFailed(Exception):
    """pg_dump refused; the message is what it printed."""


def dump(url: str) -> str:
    """The schema of one database as text that depends on nothing but the schema."""
    place = urlsplit(url)
    # In the environment and not on the command line: every user of the machine may read the latter.
    connection = {
        "PGHOST": place.hostname or "",
        "PGPORT": str(place.port or ""),
        "PGUSER": unquote(place.username or ""),
        "PGPASSWORD": unquote(place.password or ""),
        "PGDATABASE": place.path.removeprefix("/"),
    }
    command = [
        installation().program("pg_dump"),
        "--schema-only",
        "--no-owner",
        *(f"--exclude-table={pattern}" for pattern in _EXCLUDED),
    ]
    dumped = subprocess.run(command, check=False, env=os.environ | connection, capture_output=True, text=True)
    if dumped.returncode != 0:
        raise DumpFailed(dumped.stderr.strip())
    return HEADER + _BLANK_LINES.sub("\n\n", _PASSING.sub("", dumped.stdout)).strip() + "\n"


def dump_of_migrations() -> str:
    """The schema that the migrations make, in a cluster that lives only as long as this takes."""
    with tempfile.TemporaryDirectory(prefix="callsheet-schema-") as name:
        directory = Path(name)
        directory.chmod(0o711)
        password = secrets.token_hex()
        cluster = open_cluster(directory / "cluster", port=free_port(), password=password, durable=False)
        cluster.initialise()
        with running(cluster.postmaster(), directory / "log"):
            urls = complete(ensure_database(Administration(cluster.administrator_url, seed=password)))
            migrate(urls, MIGRATIONS)
            return dump(urls.owner_url)


def main() -> int:
    """Writes the file and says whether it changed."""
    changed = write_atomically(SCHEMA, dump_of_migrations().encode())
    print(f"{shown(SCHEMA)}: {'written' if changed else 'unchanged'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
