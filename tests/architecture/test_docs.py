"""The pages that are written from the code are the code's own."""

from devstack.codegen.layout import DOCS
from devstack.docs.pages import render_all


def test_the_generated_pages_are_up_to_date() -> None:
    pages = render_all()
    committed = {name: (DOCS / name).read_text(encoding="utf-8") for name in pages}
    assert committed == pages, "run `make docs`"
