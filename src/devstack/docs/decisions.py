"""The list of decisions, from the titles of their records."""

from devstack.codegen.layout import DOCS
from devstack.docs.text import WRITTEN

RECORDS = DOCS / "adr"
INDEX = "README.md"

_INTRODUCTION = """
# Decisions

What somebody could have decided otherwise, and why it was not: context, decision, consequences, on a page each. Numbers
are given out in blocks, so gaps mean nothing.

"""


def render() -> str:
    """`docs/adr/README.md`."""
    records = sorted(record for record in RECORDS.glob("*.md") if record.name != INDEX)
    lines = (_line(record.name, _title(record.read_text(encoding="utf-8"))) for record in records)
    return WRITTEN + _INTRODUCTION + "".join(lines)


def _line(name: str, title: str) -> str:
    return f"- [{title}]({name})\n"


def _title(text: str) -> str:
    """Its heading, as `41. Keep credit as grants`."""
    return text.partition("\n")[0].removeprefix("# ")
