"""`python -m devstack.lint`: every check of style and structure but types, and a summary; `--fix` repairs what it can.

All checks run even when an early one fails, so that one run shows everything there is to mend.
"""

import argparse
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

from devstack.codegen.layout import MIGRATIONS, PROTOS, ROOT
from devstack.codegen.protos import ProtocFailed, build_image


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found: nothing, a complaint, or a reason why there was nothing to look at."""

    passed: bool
    report: str = ""
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """One check by its name, and, where a tool can repair what it finds, how."""

    name: str
    run: Callable[[], Outcome]
    fix: Sequence[str] = ()


def checks(against: str | None) -> list[Check]:
    """Everything `make lint` looks at, quick checks first."""
    python = [name for name in ("src", "tests", "bench", "gateway", "docker") if (ROOT / name).is_dir()]
    return [
        Check("ruff check", lambda: _tool("ruff", "check", *python), ("ruff", "check", "--fix", *python)),
        Check("ruff format", lambda: _tool("ruff", "format", "--diff", *python), ("ruff", "format", *python)),
        Check(
            "buf format",
            lambda: _tool("buf", "format", str(PROTOS), "--diff", "--exit-code"),
            ("buf", "format", str(PROTOS), "--write"),
        ),
        Check("buf lint", lambda: buf_lint(PROTOS)),
        Check("buf breaking", lambda: _breaking_since(against)),
        Check("squawk", _squawk),
        Check("import contracts", lambda: _tool("lint-imports", "--no-logo", "--config", "pyproject.toml")),
    ]


def buf_lint(protos: Path) -> Outcome:
    """Whether the protos below a directory keep buf's rules."""
    with tempfile.TemporaryDirectory(prefix="callsheet-lint-") as directory:
        image = Path(directory) / "now.binpb"
        build_image(image, protos)
        return _tool("buf", "lint", str(image), *_OURS)


def buf_breaking(protos: Path, earlier: Path) -> Outcome:
    """Whether who was built with the earlier protos can talk to who is built with these."""
    with tempfile.TemporaryDirectory(prefix="callsheet-lint-") as directory:
        now, then = Path(directory) / "now.binpb", Path(directory) / "then.binpb"
        build_image(now, protos)
        build_image(then, earlier)
        return _tool("buf", "breaking", str(now), "--against", str(then), *_OURS)


def _breaking_since(commit: str | None) -> Outcome:
    commit = commit or _base_commit()
    if commit is None:
        return Outcome(passed=True, skipped=True, report="no earlier commit to compare the protos with")
    archive = _git("archive", commit, "--", PROTOS.name)
    if archive.returncode != 0:
        return Outcome(passed=True, skipped=True, report=f"no protos at {commit}")
    with tempfile.TemporaryDirectory(prefix="callsheet-lint-") as directory:
        with tarfile.open(fileobj=BytesIO(archive.stdout)) as tar:
            tar.extractall(directory, filter="data")
        return buf_breaking(PROTOS, Path(directory) / PROTOS.name)


# The images carry their imports; buf is to judge our own packages alone.
_OURS = ("--config", "buf.yaml", "--path", "callsheet")


def _base_commit() -> str | None:
    """Where the present branch left the main one; on the main branch itself, its last commit."""
    for main in ("origin/main", "main", "HEAD"):
        result = _git("merge-base", "HEAD", main)
        if result.returncode == 0:
            return result.stdout.decode().strip()
    return None


def _squawk() -> Outcome:
    migrations = sorted(str(path.relative_to(ROOT)) for path in MIGRATIONS.glob("*.sql"))
    if not migrations:
        return Outcome(passed=True, skipped=True, report="no migrations")
    return _tool("squawk", "--config", "db/.squawk.toml", *migrations)


def _tool(name: str, *arguments: str) -> Outcome:
    executable = Path(sys.executable).with_name(name)
    command = [str(executable) if executable.exists() else name, *arguments]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "gen")])}
    if Console().is_terminal:
        environment |= {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return Outcome(passed=result.returncode == 0, report=(result.stdout + result.stderr).strip())


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
    except FileNotFoundError:
        return subprocess.CompletedProcess(arguments, returncode=127, stdout=b"", stderr=b"git is not installed")


def _show(console: Console, check: Check, outcome: Outcome, seconds: float) -> None:
    if outcome.skipped:
        console.print(f"[yellow]–[/] {check.name}: skipped, {outcome.report}")
    elif outcome.passed:
        console.print(f"[green]✓[/] {check.name} [dim]{seconds:.1f} s[/]")
    else:
        console.print(f"[red]✗ {check.name}[/]")
        console.print(Text.from_ansi(outcome.report))


def main() -> int:
    """Runs everything; the exit code is 1 when any check failed."""
    parser = argparse.ArgumentParser(prog="python -m devstack.lint", description=__doc__)
    parser.add_argument("--fix", action="store_true", help="let the tools repair what they can, first")
    parser.add_argument("--against", metavar="COMMIT", help="compare the protos with this commit (default: main)")
    arguments = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    failed: list[str] = []
    for check in checks(arguments.against):
        if arguments.fix and check.fix:
            _tool(*check.fix)
        started = time.monotonic()
        try:
            outcome = check.run()
        except ProtocFailed as failure:
            outcome = Outcome(passed=False, report=str(failure))
        _show(console, check, outcome, time.monotonic() - started)
        if not outcome.passed:
            failed.append(check.name)
    if failed:
        console.print(f"[red]failed: {', '.join(failed)}[/]")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
