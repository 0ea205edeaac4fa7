"""Reads the project as files: what is tracked, what a module says."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from devstack.codegen.layout import ROOT

SLICES = ("directory", "payments", "booking", "growth", "promo", "support")


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that is tracked or would be, by git's own judgement."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = (ROOT / name for name in listed.split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file()))


def files_below(*folders: str, suffix: str) -> list[Path]:
    """The project's files of one kind below some of its folders."""
    roots = [ROOT / folder for folder in folders]
    return [
        path for path in project_files() if path.suffix == suffix and any(path.is_relative_to(root) for root in roots)
    ]


def tree(path: Path) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def place(path: Path, node: ast.AST | None = None) -> str:
    """Where a finding is, as an editor opens it."""
    line = f":{node.lineno}" if isinstance(node, ast.stmt | ast.expr) else ""
    return f"{path.relative_to(ROOT)}{line}"


def classes(module: ast.Module) -> Iterator[ast.ClassDef]:
    """The classes of a module, nested ones included."""
    return (node for node in ast.walk(module) if isinstance(node, ast.ClassDef))
