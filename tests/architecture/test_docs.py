"""The pages that are written from the code are the code's own, and each decision can be named by its number."""

from devstack.codegen.layout import DOCS
from devstack.docs import decisions
from devstack.docs.pages import render_all


def test_the_generated_pages_are_up_to_date() -> None:
    pages = render_all()
    committed = {name: (DOCS / name).read_text(encoding="utf-8") for name in pages}
    assert committed == pages, "run `make docs`"


def test_each_record_has_a_number_of_its_own_and_begins_with_it() -> None:
    records = sorted(record for record in decisions.RECORDS.glob("*.md") if record.name != decisions.INDEX)
    numbers = [int(record.name.split("-")[0]) for record in records]
    assert len(numbers) > 30
    assert sorted(set(numbers)) == numbers
    headings = [record.read_text(encoding="utf-8").partition(". ")[0] for record in records]
    assert headings == [f"# {number}" for number in numbers]
