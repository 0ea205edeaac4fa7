"""Rates: a burst of a second, then one at a time, for each caller alone."""

import pytest

from server.core import rates
from server.core.rates import Rates


class Watch:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_a_burst_of_a_second_and_then_one_by_one() -> None:
    watch = Watch()
    limit = Rates(10, watch)
    assert [limit.take("a") for _ in range(10)] == [0.0] * 10
    assert limit.take("a") == pytest.approx(0.1)
    watch.at += 0.1
    assert limit.take("a") == 0.0
    assert limit.take("a") > 0


def test_waiting_as_long_as_told_is_enough() -> None:
    watch = Watch()
    limit = Rates(7, watch)
    served = 0
    for _ in range(100):
        wait = limit.take("a")
        served += wait == 0.0
        watch.at += wait
    assert served >= 50
    assert served <= 7 * (watch.at - 100.0) + 8


def test_callers_do_not_share() -> None:
    limit = Rates(1, Watch())
    assert [limit.take("a"), limit.take("b")] == [0.0, 0.0]
    assert limit.take("a") > 0


def test_who_used_nothing_up_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "REMEMBERED", 3)
    watch = Watch()
    limit = Rates(1, watch)
    for who in "abc":
        limit.take(who)
    watch.at += 1.5
    limit.take("d")
    assert limit.take("d") > 0
    assert limit.take("a") == 0.0
