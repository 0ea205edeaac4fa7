"""What the project depends on is pinned, and each dependency has its reason."""

import re
import tomllib

from devstack.codegen.layout import DOCS, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
GO_MODULE = (ROOT / "gateway" / "go.mod").read_text(encoding="utf-8")


def declared() -> set[str]:
    """The distributions that pyproject.toml names, without extras and bounds."""
    runtime: list[str] = PROJECT["project"]["dependencies"]
    development: list[str] = PROJECT["dependency-groups"]["dev"]
    build: list[str] = PROJECT["build-system"]["requires"]
    return {re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0] for requirement in (*runtime, *development, *build)}


def pinned() -> set[str]:
    """The distributions that the lock pins."""
    return set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", LOCK, flags=re.MULTILINE))


def go_modules() -> set[str]:
    """The modules that the gateway requires of its own accord."""
    return set(re.findall(r"^\s+(\S+) v\S+$", GO_MODULE, flags=re.MULTILINE))


def explained(chapter: str) -> set[str]:
    """What a chapter of the page on dependencies has a row for; one row may explain several."""
    page = (DOCS / "dependencies.md").read_text(encoding="utf-8")
    text = page.partition(f"\n## {chapter}\n")[2].partition("\n## ")[0]
    first_cells = re.findall(r"^\| (.+?) \|", text, flags=re.MULTILINE)
    return {name for cell in first_cells for name in re.findall(r"`([^`]+)`", cell)}


def test_every_dependency_is_pinned() -> None:
    assert declared() - pinned() == set(), "compile requirements.lock again"


def test_every_python_dependency_has_its_reason_and_no_reason_is_left_over() -> None:
    assert explained("Python") == declared()


def test_every_go_dependency_has_its_reason_and_no_reason_is_left_over() -> None:
    assert explained("Go") == go_modules()


def test_the_lock_holds_exact_versions_and_hashes_and_nothing_else() -> None:
    requirement = re.compile(r"[a-z0-9][a-z0-9._-]*(\[[a-z0-9,-]+\])?==[^\s;]+( ; [^\\]+)? \\")
    digest = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
    strange = [line for line in LOCK.splitlines() if not requirement.fullmatch(line) and not digest.fullmatch(line)]
    assert strange == []
