"""How the generated pages read what the code declares."""

import json
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import pytest

from devstack.docs import errors, service_config
from devstack.docs.api import Api, EnumValue, Method, read_api
from devstack.docs.jobs import interval
from devstack.docs.machines import Machine, Table, diagram
from devstack.docs.rpcs import again, who


class LampStatus(StrEnum):
    """The states of something with every kind of arrow."""

    OFF = "off"
    ON = "on"
    BROKEN = "broken"


class LampEvent(StrEnum):
    """What happens to it."""

    PRESS = "press"
    TOUCH = "touch"
    DIM = "dim"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Lamp:
    """Moves through them."""

    status: LampStatus


LAMP: Table = {
    (LampStatus.ON, LampEvent.DROP): LampStatus.BROKEN,
    (LampStatus.OFF, LampEvent.PRESS): LampStatus.ON,
    (LampStatus.OFF, LampEvent.TOUCH): LampStatus.ON,
    (LampStatus.ON, LampEvent.DIM): LampStatus.ON,
}


@pytest.fixture(scope="module")
def api() -> Api:
    return read_api()


def method(api: Api, service: str, name: str) -> Method:
    (found,) = (
        method
        for candidate in api.services
        if candidate.name.endswith(service)
        for method in candidate.methods
        if method.name == name
    )
    return found


def test_a_diagram_has_entries_steps_and_ends() -> None:
    text = diagram(Machine("home", __name__, "TRANSITIONS", LAMP))
    assert "## home: Lamp\n" in text
    arrows = [line.strip() for line in text.splitlines() if "-->" in line]
    assert arrows == [
        "[*] --> off",
        "off --> on: press, touch",
        "on --> on: dim",
        "on --> broken: drop",
        "broken --> [*]",
    ]


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(seconds=1), "1 second"),
        (timedelta(seconds=90), "90 seconds"),
        (timedelta(minutes=5), "5 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(days=2), "2 days"),
    ],
)
def test_an_interval_is_told_in_its_largest_whole_unit(length: timedelta, text: str) -> None:
    assert interval(length) == text


@pytest.mark.parametrize("comment", ["", "It failed.", "INVALID_ARGUMENT", "NO_SUCH_CODE. It failed."])
def test_a_reason_without_code_and_meaning_is_refused(comment: str) -> None:
    with pytest.raises(ValueError, match="ERROR_REASON_X: its comment must begin with a status code"):
        errors.reasons(Api((), {errors.ENUM: (EnumValue("ERROR_REASON_X", comment),)}))


def test_reads_and_keyed_calls_are_retried_and_streams_are_not(api: Api) -> None:
    config = json.loads(service_config.render(api))
    policies = {(entry["name"][0]["service"], entry["name"][0]["method"]): entry for entry in config["methodConfig"]}
    booking = "callsheet.booking.v1.BookingService"
    assert policies[booking, "GetOrder"]["retryPolicy"]["retryableStatusCodes"] == ["UNAVAILABLE", "CANCELLED"]
    assert policies[booking, "CreateOrder"]["timeout"] == "10s"
    assert "retryPolicy" in policies[booking, "CreateOrder"]
    assert (booking, "WatchOrder") not in policies


def test_a_row_says_who_may_call_and_what_makes_a_repetition_safe(api: Api) -> None:
    assert who(method(api, "DirectoryService", "EraseUser")) == "admin"
    assert again(method(api, "DirectoryService", "EraseUser")) == "key"
    assert who(method(api, "WebhookService", "ReceiveStripeEvent")) == "anybody"
    assert again(method(api, "BookingService", "GetOrder")) == "reads only"
    assert who(method(api, "DirectoryService", "GetUser")).endswith("; their own (`user_id`)")
