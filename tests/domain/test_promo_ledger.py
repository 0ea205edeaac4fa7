"""The ledger's chains, and what a month shows of them."""

import csv
import io
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.promo.domain.funds import Funds
from server.promo.domain.ledger import Chain, CreditSource, EntryKind, Head, Movement, link
from server.promo.domain.statement import Statement, StatementRow, as_csv, month_after

CREDIT = Movement("pble_1", "pcmp_1", EntryKind.CREDIT, Funds(500, 0), credit_source=CreditSource.GRANT)
SPEND = Movement(
    "pble_2", "pcmp_1", EntryKind.SPEND, Funds(-20, -80), click_key="pcmp_1:imp", budget_day=date(2026, 5, 1)
)


def test_money_that_goes_and_money_that_comes_have_chains_of_their_own() -> None:
    assert (CREDIT.chain, SPEND.chain) == (Chain.FUNDING, Chain.SPEND)


def test_a_link_follows_its_head() -> None:
    first = link(Head("pcmp_1"), CREDIT)
    second = link(first.head(Head("pcmp_1")), replace(CREDIT, entry_id="pble_3"))
    assert (first.sequence, first.previous_hash) == (1, b"")
    assert (second.sequence, second.previous_hash) == (2, first.hash)
    assert second.head(first.head(Head("pcmp_1"))).funds == Funds(1_000, 0)


@pytest.mark.parametrize(
    "changed",
    [
        replace(SPEND, entry_id="pble_x"),
        replace(SPEND, campaign_id="pcmp_2"),
        replace(SPEND, funds=Funds(-21, -79)),
        replace(SPEND, kind=EntryKind.ADJUSTMENT),
        replace(SPEND, click_key="pcmp_1:other"),
        replace(SPEND, budget_day=date(2026, 5, 2)),
        replace(SPEND, processor_ref="ch_1"),
        replace(SPEND, reverses_entry_id="pble_1"),
    ],
)
def test_a_hash_covers_what_moved_and_why(changed: Movement) -> None:
    head = Head("pcmp_1")
    assert link(head, changed).hash != link(head, SPEND).hash


def test_a_hash_leaves_out_words_that_may_name_somebody() -> None:
    head = Head("pcmp_1")
    assert link(head, replace(SPEND, reason="asked for by somebody")).hash == link(head, SPEND).hash


def test_a_chain_is_the_same_whenever_it_is_computed() -> None:
    """Written down, because stored chains were made with it."""
    assert link(Head("pcmp_1", 4, Funds(0, 0), b"\x01"), SPEND).hash.hex()[:16] == "407348f10fdfdb8e"


@given(st.lists(st.tuples(st.integers(-500, 500), st.integers(-500, 500)), max_size=20))
def test_a_statement_adds_up(amounts: list[tuple[int, int]]) -> None:
    rows = tuple(
        StatementRow(date(2026, 5, 1 + number), EntryKind.ADJUSTMENT, 1, Funds(promo, cash))
        for number, (promo, cash) in enumerate(amounts)
    )
    statement = Statement("pcmp_1", date(2026, 5, 1), Funds(70, 30), rows)
    lines = list(csv.DictReader(io.StringIO(as_csv(statement))))
    assert statement.closing.total_cents == 100 + sum(promo + cash for promo, cash in amounts)
    assert sum(int(line["amount_cents"]) for line in lines[:-1]) == int(lines[-1]["amount_cents"])
    assert int(lines[-1]["amount_cents"]) == statement.closing.total_cents


@pytest.mark.parametrize(
    ("month", "following"), [(date(2026, 1, 1), date(2026, 2, 1)), (date(2026, 12, 1), date(2027, 1, 1))]
)
def test_months_follow_each_other(month: date, following: date) -> None:
    assert month_after(month) == following
