"""What holds for files as such: their size, what they may name, where their links lead."""

import ast
import re
from pathlib import Path

import pytest

from devstack.codegen.layout import ROOT
from tests.architecture.source import files_below, place, project_files, tree

LONGEST = 400
SERVICE = re.compile(r"^service \w+ \{", flags=re.MULTILINE)

# Where packages come from is for each machine to say, so that a mirror serves as well.
REGISTRIES = re.compile(
    r"(?<![\w.-])(pypi|files\.python[h]osted|registry\.np[m]js|(proxy|sum)\.go[l]ang|repo1?\.maven(\.apache)?|deb\.debia[n])\.org"
)
# The home of one person on one machine. Containers have paths of their own.
PRIVATE_PATH = re.compile(r"(?<![\w./~$}-])/(?:home|Users|root|work)/[\w.-]+")


@pytest.mark.parametrize("folder", ["src", "tests", "bench", "protos"])
def test_a_file_can_be_read_in_one_sitting(folder: str) -> None:
    suffixes = (".py", ".sql", ".proto")
    texts = {
        place(path): path.read_text(encoding="utf-8")
        for suffix in suffixes
        for path in files_below(folder, suffix=suffix)
    }
    # A service is one block of one file, however many calls it has; its messages live in files of their own.
    lengths = {name: len(text.splitlines()) for name, text in texts.items() if not SERVICE.search(text)}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


def test_no_file_says_where_to_download_from() -> None:
    found = {(place(path), match[0]) for path, text in texts() for match in REGISTRIES.finditer(text)}
    assert found == set()


def test_no_file_knows_one_machine() -> None:
    found = {
        (place(path), match.group())
        for path, text in texts()
        if not path.is_relative_to(ROOT / "docker")
        for match in PRIVATE_PATH.finditer(text)
    }
    assert found == set()


def texts() -> list[tuple[Path, str]]:
    """Every text file of the project."""
    result: list[tuple[Path, str]] = []
    for path in project_files():
        content = path.read_bytes()
        if b"\0" not in content:
            result.append((path, content.decode("utf-8")))
    return result


def test_the_environment_is_read_in_one_place() -> None:
    readers = {
        place(path, node)
        for path in files_below("src/server", "src/streams", suffix=".py")
        if path != ROOT / "src/server/config.py"
        for node in ast.walk(tree(path))
        if _reads_environment(node)
    }
    assert readers == set()


def _reads_environment(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in {"environ", "environb", "getenv"} and isinstance(node.value, ast.Name)
    if isinstance(node, ast.ImportFrom):
        return node.module == "os" and any(name.name in {"environ", "getenv"} for name in node.names)
    return False


@pytest.mark.parametrize(
    "page", [pytest.param(path, id=place(path)) for path in project_files() if path.suffix == ".md"]
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    broken = {target for target in _relative_links(page) if not _exists(page, target)}
    assert broken == set()


def _relative_links(page: Path) -> list[str]:
    prose = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", prose)
    return [target for target in targets if not re.match(r"[a-z][a-z+.-]*:", target)]


def _exists(page: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    path = (page.parent / name).resolve() if name else page
    if not path.exists():
        return False
    return not anchor or path.suffix != ".md" or anchor in _anchors(path)


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the usual renderers form them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
