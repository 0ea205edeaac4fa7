"""Identifiers sort by time, tell it, and are told from what a stranger made up."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.clock import ManualClock, SystemClock, is_zone
from server.core.ids import SequentialIds, SystemIds, decode, encode, id_time, is_id, milliseconds_of, uuid7

NOW = datetime(2026, 3, 29, 0, 59, 59, 123000, tzinfo=UTC)


def test_an_id_has_its_prefix_and_tells_its_millisecond() -> None:
    identifier = SystemIds(ManualClock(NOW)).new("ord")
    assert identifier.startswith("ord_")
    assert len(identifier) == 4 + 26
    assert id_time(identifier) == NOW


def test_the_encoding_is_that_of_typeid() -> None:
    """The example of the TypeID specification."""
    assert encode(UUID("01890a5d-ac96-774b-bcce-b302099a8057")) == "01h455vb4pex5vsknk084sn02q"


@given(st.integers(min_value=0, max_value=2**128 - 1))
def test_encoding_loses_nothing(number: int) -> None:
    assert decode(encode(UUID(int=number))).int == number


@given(
    st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2900, 1, 1)),  # noqa: DTZ001  made aware below
    st.integers(min_value=1, max_value=10**9),
    st.integers(min_value=0, max_value=2**74 - 1),
)
def test_later_ids_sort_later(start: datetime, milliseconds: int, random_bits: int) -> None:
    early = start.replace(tzinfo=UTC)
    later = early + timedelta(milliseconds=milliseconds)
    assert encode(uuid7(early, 2**74 - 1)) < encode(uuid7(later, random_bits))
    assert uuid7(early, random_bits).version == 7


@given(st.integers(min_value=0, max_value=2**128 - 1))
def test_the_first_characters_tell_time_and_version(number: int) -> None:
    found = milliseconds_of(encode(UUID(int=number)))
    assert found == (number >> 80 if number >> 76 & 0xF == 7 else None)
    of_version_7 = number & ~(0xF << 76) | 0x7 << 76
    assert milliseconds_of(encode(UUID(int=of_version_7))) == number >> 80


def test_ids_of_one_millisecond_differ() -> None:
    ids = SystemIds(ManualClock(NOW))
    assert len({ids.new("x") for _ in range(10_000)}) == 10_000
    counted = SequentialIds(ManualClock(NOW))
    assert counted.new("x") < counted.new("x")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ord",
        "ord_",
        "usr_01h455vb4pex5vsknk084sn02q",
        "ord_81h455vb4pex5vsknk084sn02q",
        "ord_01h455VB4pex5vsknk084sn02q",
        "ord_01h455vb4pex5vsknk084sn02",
    ],
)
def test_what_is_no_id_of_the_kind(text: str) -> None:
    assert not is_id("ord", text)


def test_an_id_without_time_says_so() -> None:
    with pytest.raises(ValueError, match="no time"):
        id_time("ord_" + encode(UUID("c56a4180-65aa-42ec-a945-5fd21dec0538")))


def test_a_clock_never_goes_back_and_knows_its_zone() -> None:
    clock = ManualClock(NOW)
    with pytest.raises(ValueError, match="never goes back"):
        clock.advance(timedelta(seconds=-1))
    with pytest.raises(ValueError, match="time zone"):
        ManualClock(NOW.replace(tzinfo=None))
    assert SystemClock().now().tzinfo is UTC


@pytest.mark.parametrize(
    ("name", "known"), [("Europe/Berlin", True), ("UTC", True), ("", False), ("../etc/passwd", False)]
)
def test_zones_are_known_by_name(name: str, known: bool) -> None:
    assert is_zone(name) is known
