"""The README's calls work as printed."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.devstack.test_up import Place, environment, gateway, place, up
from tests.support.go_tools import go_tool

__all__ = ["environment", "gateway", "place"]

README = (Path(__file__).parents[2] / "README.md").read_text()
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def printed(program: str) -> list[tuple[str, str]]:
    """Every call of a program in the README, with the answer that is printed below it."""
    found = []
    for block in BLOCK.findall(README):
        for step in re.split(r"(?m)^\$ ", block)[1:]:
            command, _, answer = re.sub(r"\\\n\s*", "", step).partition("\n")
            if command.startswith(program):
                found.append((command, answer.strip()))
    return found


def told(text: str) -> str:
    """An answer without what differs between two runs: ids and instants."""
    text = re.sub(r"(usr|srv)_[0-9a-z]{26}", r"\1_", text)
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "now", text)


@pytest.mark.usefixtures("gateway")
def test_the_calls_of_the_readme_answer_as_printed(place: Place, environment: Mapping[str, str]) -> None:
    [offer, wrong], [listing] = printed("curl"), printed("grpcurl")
    with up(place, environment):
        token = re.search(r"export TOKEN=(\S+)", place.text())
        assert token is not None
        shell = {**environment, "TOKEN": token[1], "PATH": f"{go_tool('grpcurl').parent}:{environment['PATH']}"}

        def answer(command: str) -> str:
            command = command.replace("8080", environment["CALLSHEET_HTTP_PORT"])
            command = command.replace("50051", environment["CALLSHEET_GRPC_PORT"])
            run = subprocess.run(("bash", "-c", command), env=shell, capture_output=True, text=True, check=False)
            return run.stdout.strip()

        assert json.loads(told(answer(offer[0]))) == json.loads(told(offer[1]))
        assert answer(offer[0]) == answer(offer[0])
        assert answer(listing[0]) == listing[1]
        refused = json.loads(answer(wrong[0]))
    head = re.match(r'\{"code":(\d+),"status":"(\w+)","reason":"(\w+)","message":"([^"]+)"', wrong[1])
    assert head is not None
    assert (str(refused["code"]), refused["status"], refused["reason"], refused["message"]) == head.groups()
    shown = re.search(r'\{"field":"terms.tip_cents","description":"[^"]+"\}', wrong[1])
    assert shown is not None
    [broken] = [detail for detail in refused["details"] if "field_violations" in detail]
    assert json.loads(shown[0]) in broken["field_violations"]
