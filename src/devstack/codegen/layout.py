"""Where things lie in the source tree, for the tools that read or write it."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROTOS = ROOT / "protos"
GENERATED = ROOT / "gen"
SOURCES = ROOT / "src"
MIGRATIONS = ROOT / "db" / "migrations"
DOCS = ROOT / "docs"


def shown(path: Path) -> str:
    """The path as a reader of a message wants it: relative to the project where it lies inside."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
