"""Credit by property: whatever happens in whatever order, the balance is the fold of the entries and the sum of what is
left of the grants, and nobody owes what they could pay.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from server.core.clock import ManualClock
from server.core.errors import Failure, FieldInvalid
from server.core.ids import SequentialIds
from server.growth.credit.domain import Account, Books, CreditScope, Entry, EntryKind
from server.growth.credit.ledger import Award, Ledger, Redemption, Reversal
from server.growth.errors import (
    CreditCurrencyMismatch,
    CreditInsufficient,
    CreditReversalExceeded,
    CreditScopeMismatch,
)

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
AMOUNTS = st.integers(1, 5_000)
SCOPES = st.sampled_from(list(CreditScope))


def award(amount_cents: int, related_id: str = "sca_1", **changes: object) -> Award:
    values: dict[str, object] = {
        "amount_cents": amount_cents,
        "currency": "USD",
        "scope": CreditScope.BUYER_FEE_ONLY,
        "reason": "goodwill",
        "related_id": related_id,
        **changes,
    }
    return Award(**values)  # type: ignore[arg-type]


def redemption(amount_cents: int, related_id: str = "ord_1", **changes: object) -> Redemption:
    values: dict[str, object] = {
        "amount_cents": amount_cents,
        "currency": "USD",
        "scope": CreditScope.BUYER_FEE_ONLY,
        "reason": "order",
        "related_id": related_id,
        **changes,
    }
    return Redemption(**values)  # type: ignore[arg-type]


class CreditMachine(RuleBasedStateMachine):
    """One person's books under everything that can happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock(START)
        self.ids = SequentialIds(self.clock)
        self.books = Books(Account("usr_1", "USD"))
        self.clawed: set[str] = set()
        self.causes = 0

    def does(self, step: Callable[[Ledger], Books]) -> None:
        """A step either happens whole or not at all."""
        try:
            self.books = step(Ledger(self.ids, self.clock.now()))
        except Failure:
            return

    def cause(self, prefix: str) -> str:
        self.causes += 1
        return f"{prefix}_{self.causes}"

    def entries(self, kind: EntryKind) -> list[Entry]:
        return [entry for entry in self.books.entries if entry.kind is kind and entry.reverses_entry_id is None]

    @rule(amount=AMOUNTS, scope=SCOPES, days=st.none() | st.integers(1, 20))
    def awards(self, amount: int, scope: CreditScope, days: int | None) -> None:
        expires_at = None if days is None else self.clock.now() + timedelta(days=days)
        given = award(amount, self.cause("sca"), scope=scope, expires_at=expires_at)
        self.does(lambda ledger: ledger.award(self.books, given))

    @rule(amount=AMOUNTS, scope=SCOPES)
    def redeems(self, amount: int, scope: CreditScope) -> None:
        paid = redemption(amount, self.cause("ord"), scope=scope)
        self.does(lambda ledger: ledger.redeem(self.books, paid))

    @rule(scope=SCOPES)
    def redeems_everything(self, scope: CreditScope) -> None:
        if self.books.account.balance_cents:
            self.redeems(self.books.account.balance_cents, scope)

    @precondition(lambda self: self.entries(EntryKind.REDEEM))
    @rule(data=st.data())
    def reverses(self, data: st.DataObject) -> None:
        entry = data.draw(st.sampled_from(self.entries(EntryKind.REDEEM)))
        back = Reversal(entry.entry_id, data.draw(st.integers(1, entry.amount_cents)), "refund", self.cause("ref"))
        self.does(lambda ledger: ledger.reverse(self.books, back))

    @precondition(lambda self: {entry.entry_id for entry in self.entries(EntryKind.AWARD)} - self.clawed)
    @rule(data=st.data())
    def claws_back(self, data: st.DataObject) -> None:
        open_ = sorted({entry.entry_id for entry in self.entries(EntryKind.AWARD)} - self.clawed)
        entry_id = data.draw(st.sampled_from(open_))
        grant = next(grant for grant in self.books.grants.values() if grant.entry_id == entry_id)
        expired = sum(
            entry.amount_cents
            for entry in self.books.entries
            if entry.reason == "expired" and entry.related_id.startswith(f"{grant.grant_id}:")
        )
        # The machine keeps every entry in the books, where the ledger expects only those of its own transaction.
        fresh = Books(self.books.account, self.books.grants, self.books.debts, self.books.portions)
        after = Ledger(self.ids, self.clock.now()).claw_back(fresh, grant, "abuse", expired_cents=expired)
        self.clawed.add(entry_id)
        self.books = Books(after.account, after.grants, after.debts, after.portions, self.books.entries + after.entries)

    @rule(days=st.integers(1, 10))
    def time_passes(self, days: int) -> None:
        self.clock.advance(timedelta(days=days))

    @rule()
    def expires(self) -> None:
        self.does(lambda ledger: ledger.expired(self.books))

    @invariant()
    def the_balance_is_the_fold_and_what_is_left(self) -> None:
        account = self.books.account
        assert account.balance_cents == sum(entry.signed_cents for entry in self.books.entries)
        assert account.balance_cents == sum(grant.remaining_cents for grant in self.books.grants.values())
        assert account.balance_cents >= 0
        assert all(0 <= grant.remaining_cents <= grant.amount_cents for grant in self.books.grants.values())

    @invariant()
    def nobody_owes_what_they_could_pay(self) -> None:
        assert not (self.books.debt_cents and self.books.account.balance_cents)
        assert all(0 <= debt.paid_cents <= debt.amount_cents for debt in self.books.debts.values())

    @invariant()
    def redemptions_know_their_grants(self) -> None:
        for entry in self.entries(EntryKind.REDEEM):
            portions = [part for part in self.books.portions.values() if part.entry_id == entry.entry_id]
            reversed_cents = sum(
                other.amount_cents for other in self.books.entries if other.reverses_entry_id == entry.entry_id
            )
            assert sum(part.amount_cents for part in portions) == entry.amount_cents
            assert sum(part.restored_cents for part in portions) == reversed_cents <= entry.amount_cents

    @invariant()
    def the_chain_connects(self) -> None:
        head = b""
        for position, entry in enumerate(self.books.entries, start=1):
            assert (entry.sequence, entry.previous_hash) == (position, head)
            head = entry.hash
        assert (self.books.account.sequence, self.books.account.hash) == (len(self.books.entries), head)

    @invariant()
    def causes_are_named_once(self) -> None:
        causes = [(entry.kind, entry.related_id) for entry in self.books.entries]
        assert len(set(causes)) == len(causes)


TestCredit = CreditMachine.TestCase
TestCredit.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def ledger(clock: ManualClock) -> Ledger:
    return Ledger(SequentialIds(clock), clock.now())


@pytest.fixture
def nothing() -> Books:
    return Books(Account("usr_1", "USD"))


def left(books: Books) -> list[int]:
    return [grant.remaining_cents for grant in books.grants.values()]


def test_what_expires_first_is_spent_first(ledger: Ledger, nothing: Books) -> None:
    books = ledger.award(nothing, award(500, "sca_never"))
    books = ledger.award(books, award(300, "sca_late", expires_at=START + timedelta(days=9)))
    books = ledger.award(books, award(200, "sca_soon", expires_at=START + timedelta(days=1)))
    books = ledger.redeem(books, redemption(400))
    assert left(books) == [500, 100, 0]
    books = ledger.reverse(books, Reversal(books.last.entry_id, 250, "refund", "ref_1"))
    assert left(books) == [500, 300, 50]


def test_what_was_restored_past_its_time_expires_again(clock: ManualClock, nothing: Books) -> None:
    ids = SequentialIds(clock)
    books = Ledger(ids, clock.now()).award(nothing, award(300, expires_at=START + timedelta(days=1)))
    books = Ledger(ids, clock.now()).redeem(books, redemption(300))
    redeem = books.last.entry_id
    clock.advance(timedelta(days=2))
    for number in (1, 2):
        books = Ledger(ids, clock.now()).reverse(books, Reversal(redeem, 100, "refund", f"ref_{number}"))
    assert books.account.balance_cents == 0
    assert [entry.reason for entry in books.entries] == ["goodwill", "order", "refund", "expired", "refund", "expired"]


def test_a_debt_is_paid_by_what_comes_later(ledger: Ledger, nothing: Books) -> None:
    books = ledger.award(nothing, award(1_000))
    (grant,) = books.grants.values()
    books = ledger.redeem(books, redemption(700))
    redeem = books.last.entry_id
    books = ledger.claw_back(books, books.grants[grant.grant_id], "abuse", expired_cents=0)
    assert (books.account.balance_cents, books.debt_cents) == (0, 700)
    books = ledger.award(books, award(500, "sca_2"))
    assert (books.account.balance_cents, books.debt_cents) == (0, 200)
    books = ledger.reverse(books, Reversal(redeem, 300, "refund", "ref_1"))
    assert (books.account.balance_cents, books.debt_cents) == (100, 0)


@pytest.mark.parametrize(
    ("paid", "failure"),
    [
        (redemption(1_001), CreditInsufficient),
        (redemption(600, scope=CreditScope.ORDER_TOTAL), CreditScopeMismatch),
        (redemption(1, currency="EUR"), CreditCurrencyMismatch),
    ],
)
def test_credit_pays_only_what_it_may(ledger: Ledger, nothing: Books, paid: Redemption, failure: type[Failure]) -> None:
    books = ledger.award(nothing, award(500))
    books = ledger.award(books, award(500, "sca_2", scope=CreditScope.ORDER_TOTAL))
    with pytest.raises(failure):
        ledger.redeem(books, paid)


def test_no_more_goes_back_than_was_paid(ledger: Ledger, nothing: Books) -> None:
    books = ledger.redeem(ledger.award(nothing, award(500)), redemption(400))
    redeem = books.last.entry_id
    books = ledger.reverse(books, Reversal(redeem, 399, "refund", "ref_1"))
    with pytest.raises(CreditReversalExceeded):
        ledger.reverse(books, Reversal(redeem, 2, "refund", "ref_2"))


def test_credit_does_not_expire_before_it_is_given(ledger: Ledger, nothing: Books) -> None:
    with pytest.raises(FieldInvalid):
        ledger.award(nothing, award(500, expires_at=START))
