"""The reasons that the code gives are the reasons that the API documents."""

import pytest

from devstack.docs import errors
from devstack.docs.api import read_api
from devstack.docs.discovery import server_modules
from server.core.errors import Failure
from server.core.grpc.failures import CODES


@pytest.fixture(scope="module")
def documented() -> dict[str, errors.Reason]:
    return {reason.name: reason for reason in errors.reasons(read_api())}


@pytest.fixture(scope="module")
def failures() -> list[type[Failure]]:
    """Every failure of every slice that has a reason of its own."""
    # A class is known to its base once its module is imported.
    list(server_modules())
    found: list[type[Failure]] = []
    waiting = list(Failure.__subclasses__())
    while waiting:
        failure = waiting.pop()
        waiting.extend(failure.__subclasses__())
        if failure.__module__.startswith("server.") and hasattr(failure, "reason"):
            found.append(failure)
    return found


def test_every_failure_has_a_documented_reason(
    failures: list[type[Failure]], documented: dict[str, errors.Reason]
) -> None:
    undocumented = {failure.__qualname__ for failure in failures if failure.reason not in documented}
    assert undocumented == set()


def test_every_documented_reason_is_given_by_a_failure(
    failures: list[type[Failure]], documented: dict[str, errors.Reason]
) -> None:
    assert documented.keys() - {failure.reason for failure in failures} == set()


def test_a_failure_travels_with_the_code_that_its_reason_is_documented_with(
    failures: list[type[Failure]], documented: dict[str, errors.Reason]
) -> None:
    differing = {
        failure.__qualname__ for failure in failures if CODES[failure.kind] is not documented[failure.reason].code
    }
    assert differing == set()
