"""`python -m devstack.docs`: writes the generated pages that changed."""

import sys

from devstack.codegen.layout import DOCS, shown
from devstack.codegen.protos import ProtocFailed
from devstack.codegen.tree import write_atomically
from devstack.docs.pages import render_all


def main() -> int:
    """Writes the pages; says which were out of date."""
    try:
        pages = render_all()
    except ProtocFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    changed = [name for name, text in pages.items() if write_atomically(DOCS / name, text.encode())]
    for name in changed:
        print(f"wrote {shown(DOCS / name)}")
    print(f"docs: {len(changed)} written, {len(pages) - len(changed)} unchanged")
    return 0


if __name__ == "__main__":
    sys.exit(main())
