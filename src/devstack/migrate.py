"""Migrations, applied by dbmate as the role that owns the schema; the compose file's job runs the same program."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from devstack.program import tethered
from devstack.roles import DatabaseUrls


class MigrationFailed(Exception):
    """A migration was refused; the message is dbmate's, with the file's name and PostgreSQL's words."""


def migrate(urls: DatabaseUrls, migrations: Path) -> None:
    """Bring one database to the newest migration. Concurrent callers wait for each other."""
    command = (
        str(Path(sys.executable).with_name("dbmate")),
        "--env-file=/dev/null",
        f"--migrations-dir={migrations}",
        "--no-dump-schema",
        "--migration-lock",
        "migrate",
    )
    # In the environment and not on the command line: every user of the machine may read the latter.
    environment = {**os.environ, "DATABASE_URL": for_dbmate(urls.owner_url)}
    done = subprocess.run(tethered(command), check=False, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise MigrationFailed(f"{done.stdout}{done.stderr}".strip())


def for_dbmate(url: str) -> str:
    """Dbmate insists on TLS where a URL does not say otherwise; every other client of ours only prefers it."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return urlunsplit(parts._replace(query=urlencode({"sslmode": "disable", **query})))
