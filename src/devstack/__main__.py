"""`python -m devstack up|run|reset`: the commands behind `make up`, `make demo` and `make reset`."""

import argparse
import asyncio
import os
import shutil
import sys
from pathlib import Path

from rich.console import Console

from devstack.configuration import BadConfiguration, read_configuration, state_directory
from devstack.postgres import remove_private_home
from devstack.report import problem
from devstack.state import State, StateInUse, claimed
from devstack.up import Stack, check_ports

ROOT = Path(__file__).parents[2]


def up() -> int:
    """Run everything until Ctrl-C."""
    console = Console()
    try:
        configuration = read_configuration(os.environ, ROOT)
        with claimed(configuration.state) as (state, claim):
            check_ports(configuration)
            return asyncio.run(Stack(configuration, state, claim, console).run())
    except (BadConfiguration, StateInUse) as failure:
        problem(console, str(failure))
        return 1


def run(command: list[str]) -> int:
    """Become a command that sees the running stack: its databases, keys and ports."""
    published = State(state_directory(os.environ, ROOT)).published()
    if published is None:
        print("nothing runs here: start it with `make up` in another terminal", file=sys.stderr)
        return 1
    programs = str(Path(sys.executable).parent)
    environment = {**os.environ, **published, "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"}
    try:
        os.execvpe(command[0], command, environment)
    except OSError as error:
        print(f"cannot run {command[0]}: {error.strerror}", file=sys.stderr)
        return 127


def reset() -> int:
    """Delete everything the embedded parts keep, secrets included."""
    directory = state_directory(os.environ, ROOT)
    try:
        with claimed(directory) as (state, _):
            remove_private_home(state.part("postgres"))
            shutil.rmtree(directory)
    except StateInUse as failure:
        print(failure, file=sys.stderr)
        return 1
    print(f"deleted {directory}")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m devstack", description=__doc__)
    commands = parser.add_subparsers(dest="chosen", required=True)
    commands.add_parser("up", help="run everything until Ctrl-C")
    runner = commands.add_parser("run", help="run a command against the running stack")
    runner.add_argument("command", nargs=argparse.REMAINDER)
    commands.add_parser("reset", help="delete what the embedded parts keep")
    given = parser.parse_args()
    if given.chosen == "up":
        return up()
    return reset() if given.chosen == "reset" else run(given.command)


if __name__ == "__main__":
    sys.exit(main())
