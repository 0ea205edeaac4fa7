"""`python -m devstack.codegen`: brings `gen/` up to date and says what changed."""

import sys

from devstack.codegen import protos, queries, stubs
from devstack.codegen.layout import GENERATED, shown
from devstack.codegen.tree import synchronise


def main() -> int:
    """Writes everything or, when a source is broken, nothing."""
    try:
        wanted = protos.generate() | stubs.generate(queries.query_files())
    except (protos.ProtocFailed, queries.BrokenQuery) as failure:
        print(failure, file=sys.stderr)
        return 1
    changes = synchronise(GENERATED, wanted)
    for path in (*changes.written, *changes.removed):
        print(f"{'wrote' if path.exists() else 'removed'} {shown(path)}")
    print(f"gen: {len(changes.written)} written, {len(changes.removed)} removed, {changes.unchanged} unchanged")
    return 0


if __name__ == "__main__":
    sys.exit(main())
