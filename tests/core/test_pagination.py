"""Page tokens: bound to their listing, short-lived, and never a way to crash."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.clock import ManualClock
from server.core.errors import PageTokenInvalid
from server.core.pagination import DEFAULT_SIZE, LARGEST_SIZE, Listing, PageTokens, page_size

START = datetime(2026, 11, 21, tzinfo=UTC)
LISTING = Listing("ListOrders", "usr_a", {"side": "buyer"})


def tokens(clock: ManualClock, keys: Mapping[int, bytes] | None = None) -> PageTokens:
    return PageTokens(keys or {1: b"first"}, clock)


@pytest.mark.parametrize(
    ("asked", "given_size"), [(0, DEFAULT_SIZE), (1, 1), (200, 200), (10**6, LARGEST_SIZE), (-5, DEFAULT_SIZE)]
)
def test_sizes_have_a_default_and_a_limit(asked: int, given_size: int) -> None:
    assert page_size(asked) == given_size


def test_a_token_leads_back_to_its_position() -> None:
    pages = tokens(ManualClock(START))
    token = pages.issue(LISTING, ("ord_x", "2"))
    assert pages.position(LISTING, token, length=2) == ("ord_x", "2")
    assert pages.position(LISTING, "", length=2) is None


@pytest.mark.parametrize(
    "other",
    [
        Listing("ListRequests", "usr_a", {"side": "buyer"}),
        Listing("ListOrders", "usr_b", {"side": "buyer"}),
        Listing("ListOrders", "usr_a", {"side": "provider"}),
    ],
)
def test_a_token_continues_no_other_listing(other: Listing) -> None:
    pages = tokens(ManualClock(START))
    with pytest.raises(PageTokenInvalid):
        pages.position(other, pages.issue(LISTING, ("ord_x",)), length=1)


def test_a_token_lasts_a_day() -> None:
    clock = ManualClock(START)
    pages = tokens(clock)
    token = pages.issue(LISTING, ("ord_x",))
    clock.advance(timedelta(hours=24))
    assert pages.position(LISTING, token, length=1) == ("ord_x",)
    clock.advance(timedelta(seconds=1))
    with pytest.raises(PageTokenInvalid):
        pages.position(LISTING, token, length=1)


def test_a_rotated_key_still_verifies_and_a_dropped_one_does_not() -> None:
    clock = ManualClock(START)
    token = tokens(clock, {1: b"old"}).issue(LISTING, ("ord_x",))
    assert tokens(clock, {2: b"new", 1: b"old"}).position(LISTING, token, length=1) == ("ord_x",)
    with pytest.raises(PageTokenInvalid):
        tokens(clock, {2: b"new"}).position(LISTING, token, length=1)


@given(
    st.one_of(st.text(max_size=200), st.binary(max_size=200).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
)
def test_whatever_comes_is_either_a_token_or_refused(text: str) -> None:
    pages = tokens(ManualClock(START))
    if text:
        with pytest.raises(PageTokenInvalid):
            pages.position(LISTING, text, length=1)


@given(st.data())
def test_no_changed_bit_goes_unnoticed(data: st.DataObject) -> None:
    pages = tokens(ManualClock(START))
    raw = bytearray(base64.urlsafe_b64decode(pages.issue(LISTING, ("ord_x",)) + "=="))
    at = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[at // 8] ^= 1 << at % 8
    with pytest.raises(PageTokenInvalid):
        pages.position(LISTING, base64.urlsafe_b64encode(raw).rstrip(b"=").decode(), length=1)
