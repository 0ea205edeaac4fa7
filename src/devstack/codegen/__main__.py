"""`python -m devstack.codegen`: brings `gen/` up to date and says what changed."""

import argparse
import sys
from pathlib import Path

from devstack.codegen import protos, queries, stubs
from devstack.codegen.layout import GENERATED, shown
from devstack.codegen.tree import synchronise

MOST_SHOWN = 20


def main() -> int:
    """Writes everything or, when a source is broken, nothing."""
    parser = argparse.ArgumentParser(prog="python -m devstack.codegen", description=__doc__)
    parser.add_argument(
        "--image", type=Path, metavar="FILE", help="write the protos with all imports here instead, for buf and grpcurl"
    )
    arguments = parser.parse_args()
    try:
        if arguments.image is not None:
            protos.build_image(arguments.image)
        else:
            _bring_up_to_date()
    except (protos.ProtocFailed, queries.BrokenQuery) as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


def _bring_up_to_date() -> None:
    changes = synchronise(GENERATED, protos.generate() | stubs.generate(queries.query_files()))
    changed = (*changes.written, *changes.removed)
    # Of many, as on a fresh machine, the number is enough.
    for path in changed if len(changed) <= MOST_SHOWN else ():
        print(f"{'wrote' if path.exists() else 'removed'} {shown(path)}")
    print(f"gen: {len(changes.written)} written, {len(changes.removed)} removed, {changes.unchanged} unchanged")


if __name__ == "__main__":
    sys.exit(main())
