"""Small pieces of Markdown that the pages share."""

from collections.abc import Iterable, Sequence

WRITTEN = "<!-- Written by `make docs`; edit the code it comes from instead. -->\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def one_line(text: str) -> str:
    """A comment's lines as one."""
    return " ".join(text.split())
