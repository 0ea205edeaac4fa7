"""`python -m bench [NAME …]`: runs all measurements, or those named, each in a process of its own."""

import argparse
import subprocess
import sys
from pathlib import Path

from bench.report import console


def names() -> list[str]:
    """The modules of this package that measure: those with a main of their own."""
    modules = sorted(Path(__file__).parent.glob("*.py"))
    return [module.stem for module in modules if module != Path(__file__) and "\ndef main()" in module.read_text()]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names()))
    chosen = parser.parse_args().names or names()
    unknown = sorted(set(chosen) - set(names()))
    if unknown:
        parser.error(f"no measurement is called {', '.join(unknown)}; there are {', '.join(names())}")
    failed = []
    for name in chosen:
        console.rule(name)
        if subprocess.run((sys.executable, "-m", f"bench.{name}"), check=False).returncode != 0:
            failed.append(name)
    if failed:
        console.print(f"[red]failed: {', '.join(failed)}[/]")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
