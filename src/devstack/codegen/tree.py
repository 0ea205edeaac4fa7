"""Brings a directory to a wanted content with as few writes as possible."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Changes:
    """What a synchronisation did."""

    written: tuple[Path, ...]
    removed: tuple[Path, ...]
    unchanged: int


def write_atomically(path: Path, content: bytes) -> bool:
    """Replaces the file in one step, and only when its content differs; says whether it did."""
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        # mkstemp makes private files; generated code is as readable as the code beside it.
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return True


def synchronise(root: Path, wanted: Mapping[str, bytes]) -> Changes:
    """Makes `root` hold exactly `wanted` (relative POSIX path to content), apart from Python's byte code."""
    written = tuple(root / name for name, content in sorted(wanted.items()) if write_atomically(root / name, content))
    removed = tuple(path for path in _present(root) if path.relative_to(root).as_posix() not in wanted)
    for path in removed:
        path.unlink(missing_ok=True)
    _remove_empty_directories(root)
    return Changes(written, removed, unchanged=len(wanted) - len(written))


def _present(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file() and not _belongs_to_python_or_a_writer(path))


def _belongs_to_python_or_a_writer(path: Path) -> bool:
    # A dotted name is the temporary file of another run that is writing at this moment.
    return "__pycache__" in path.parts or path.name.startswith(".")


def _remove_empty_directories(root: Path) -> None:
    for directory in sorted((path for path in root.rglob("*") if path.is_dir()), reverse=True):
        if directory.name == "__pycache__":
            continue
        leftovers = list(directory.iterdir())
        if all(leftover.name == "__pycache__" for leftover in leftovers):
            for cache in leftovers:
                for compiled in cache.iterdir():
                    compiled.unlink(missing_ok=True)
                cache.rmdir()
            directory.rmdir()
