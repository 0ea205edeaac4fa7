"""What makes a chain whole, and what is found where it is not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from server.promo.domain.auditing import ChainAudit, Finding, Standing, digest_of
from server.promo.domain.funds import Funds
from server.promo.domain.ledger import Chain, CreditSource, EntryKind, Head, Link, Movement, link


def chain(count: int = 3) -> list[Link]:
    """Spend entries, each with its link."""
    head, links = Head("pcmp_1"), []
    for number in range(count):
        movement = Movement(
            f"pble_{number}",
            "pcmp_1",
            EntryKind.SPEND,
            Funds(-10, -5),
            click_key=f"k{number}",
            budget_day=date(2026, 5, 1),
        )
        links.append(link(head, movement))
        head = links[-1].head(head)
    return links


def audited(links: Sequence[Link], head: Head | None = None) -> list[Finding]:
    audit = ChainAudit("pcmp_1", Chain.SPEND)
    found: list[Finding] = []
    for one in links:
        found += audit.follow(one)
    return found + list(audit.end(head or audit.head))


def test_a_chain_that_was_written_is_whole() -> None:
    assert audited(chain()) == []
    assert audited([]) == []


def changed(links: list[Link], what: str) -> list[Link]:
    first, second, third = links
    match what:
        case "amount":
            second = replace(second, movement=replace(second.movement, funds=Funds(-10, -6)))
        case "click":
            second = replace(second, movement=replace(second.movement, click_key="other"))
        case "hash":
            second = replace(second, hash=b"x" * 32)
        case "previous":
            second = replace(second, previous_hash=b"x" * 32)
        case "gone":
            return [first, third]
        case "direction":
            movement = replace(
                second.movement, funds=Funds(10, 5), kind=EntryKind.CREDIT, credit_source=CreditSource.GRANT
            )
            second = link(first.head(Head("pcmp_1")), movement)
            third = link(second.head(first.head(Head("pcmp_1"))), third.movement)
    return [first, second, third]


@pytest.mark.parametrize(
    ("what", "sequence", "says"),
    [
        ("amount", 2, "is not what its hash was made of"),
        ("click", 2, "is not what its hash was made of"),
        ("hash", 2, "is not what its hash was made of"),
        ("previous", 2, "does not name the hash"),
        ("gone", 3, "entries are missing"),
        ("direction", 2, "goes the other way"),
    ],
)
def test_one_change_is_found_where_it_is(what: str, sequence: int, says: str) -> None:
    first, *_ = audited(changed(chain(), what))
    assert (first.sequence, first.chain) == (sequence, Chain.SPEND)
    assert says in first.what


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (lambda head: replace(head, sequence=2), "3 the last entry's"),
        (lambda head: replace(head, hash=b""), "another hash at the head"),
        (lambda head: replace(head, funds=Funds(-30, -16)), "sums up to -30 of credit and -15 of cash"),
    ],
)
def test_a_head_that_says_something_else_is_found(head: object, says: str) -> None:
    links = chain()
    audit = ChainAudit("pcmp_1", Chain.SPEND)
    for one in links:
        assert list(audit.follow(one)) == []
    assert callable(head)
    (found,) = audited(links, head(audit.head))
    assert says in found.what


def test_a_digest_is_of_all_chains_in_whatever_order() -> None:
    one = Standing(Chain.SPEND, Head("pcmp_1", 3, Funds(-1, 0), b"a"))
    other = Standing(Chain.FUNDING, Head("pcmp_1", 1, Funds(5, 0), b"b"))
    assert digest_of([one, other]) == digest_of([other, one])
    assert digest_of([one]) != digest_of([one, other])
    assert digest_of([replace(one, head=replace(one.head, sequence=4)), other]) != digest_of([one, other])
