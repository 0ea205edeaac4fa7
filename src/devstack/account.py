"""Who the embedded PostgreSQL runs as: it refuses root, so root lends it an account without rights."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

UNPRIVILEGED_NAME = "nobody"


@dataclass(frozen=True, slots=True)
class Account:
    """A user that a child process changes into before it runs anything."""

    uid: int
    gid: int

    def can_use(self, path: Path) -> bool:
        """Whether this user can pass every parent of `path`, and enter or execute it, as the kernel sees it."""
        probe = ("test", "-x", str(path))
        asked = subprocess.run(probe, check=False, user=self.uid, group=self.gid, extra_groups=(), cwd="/")
        return asked.returncode == 0

    def own(self, directory: Path) -> None:
        """Hand over one directory of ours."""
        os.chown(directory, self.uid, self.gid)


def unprivileged_account() -> Account | None:
    """The account to change into, or None where this process is an ordinary user already."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(UNPRIVILEGED_NAME)
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)
