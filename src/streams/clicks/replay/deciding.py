"""Decides a partition's clicks again, in its order, and writes its chains where nobody but the caller sees them."""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

from server.adapters.budgets.port import Outcome
from server.promo.domain.ledger import Head, Link
from streams.clicks.arrived import Arrived, Clicked, Known
from streams.clicks.debits import covered, debit_of, taken
from streams.clicks.deciding import NOTHING_KNOWN, Asked, Decision, click_key, decisions, plan
from streams.clicks.in_force import InForce, newer_book
from streams.clicks.records import Control, ControlKind
from streams.clicks.replay.counted import Page
from streams.clicks.replay.purse import Purse
from streams.clicks.replay.stored import Span, Stored
from streams.clicks.rules.book import Book, Mode
from streams.clicks.spending import entry_id, spend
from streams.engine.source import LogBatch


@dataclass(frozen=True, slots=True)
class Rules:
    """By which rules to decide: those that stood in the log, or others."""

    instead: Book | None = None
    promoted: bool = False
    """Versions in shadow decide, and those that decided do not."""

    def of(self, stood: Book) -> Book:
        book = self.instead or stood
        return promoted(book) if self.promoted else book


def promoted(book: Book) -> Book:
    """The book as it would be if every version in shadow were switched on in the place of the one that is."""
    shadows = {setting.rule for setting in book.settings if setting.mode is Mode.SHADOW}
    modes = {Mode.SHADOW: Mode.ON, Mode.ON: Mode.OFF, Mode.OFF: Mode.OFF}
    settings = (
        replace(setting, mode=modes[setting.mode]) if setting.rule in shadows else setting for setting in book.settings
    )
    return Book(book.version, tuple(settings))


@dataclass(frozen=True, slots=True)
class Again:
    """A click's decision then and now."""

    stored: Stored
    now: Decision

    @property
    def differs(self) -> bool:
        stored, deciding = self.stored, self.now.considered.judged.decided_by
        rule, version = (deciding.rule.value, deciding.version) if deciding else (None, None)
        return (stored.verdict, stored.rule, stored.rule_version, stored.billed_cents) != (
            self.now.verdict.value,
            rule,
            version,
            self.now.billed_cents,
        )

    @property
    def words(self) -> tuple[str, str]:
        """Then and now, for a person."""
        deciding = self.now.considered.judged.decided_by
        then = _words(self.stored.verdict, self.stored.rule, self.stored.rule_version)
        now = _words(
            self.now.verdict.value, deciding.rule if deciding else None, deciding.version if deciding else None
        )
        return then, now


def _words(verdict: str, rule: str | None, version: int | None) -> str:
    return f"{verdict} by {rule} {version}" if rule else verdict


class PartitionAgain:
    """One partition, decided again from where the span says."""

    def __init__(
        self,
        span: Span,
        in_force: InForce,
        controls: Sequence[Control],
        rules: Rules,
        purse: Purse,
        heads: dict[str, Head],
    ) -> None:
        self.span = span
        self.links: dict[str, list[Link]] = {}
        self._in_force = in_force
        self._controls = deque(controls)
        self._books = _books(in_force.book, controls)
        self._rules = rules
        self._purse = purse
        self._heads = heads

    def clicked(self, clicks: Sequence[Stored]) -> list[tuple[Stored, Clicked]]:
        """The clicks under the rules that they are to be decided by."""
        found = []
        for row, stored in enumerate(clicks):
            after = bisect_left(self._books, stored.click.place.offset, key=itemgetter(0))
            book = self._rules.of(self._books[max(0, after - 1)][1])
            found.append((stored, Clicked(stored.click, row, book)))
        return found

    def decide(self, page: Page) -> Iterator[Again]:
        """The page's decisions, where deciding has begun. What the log says before each click is followed first."""
        begun = []
        for stored, clicked in page.clicks:
            if stored.click.place.offset >= self.span.first:
                begun.append((stored, clicked))
            elif stored.billed_cents:
                self._purse.billed(stored.click.campaign_id, click_key(stored.click))
        for part, controls in self._parts(begun):
            yield from self._decide(page, part, controls)

    def finish(self) -> None:
        """Follows what the log says behind the last click."""
        self._settle(self._controls)

    def _parts(
        self, clicks: Sequence[tuple[Stored, Clicked]]
    ) -> Iterator[tuple[Sequence[tuple[Stored, Clicked]], tuple[Control, ...]]]:
        """The page, cut at every request for money: it is settled by what was spent where it stands."""
        rest = deque(clicks)
        while rest:
            ahead = self._next_debit()
            part = []
            while rest and (ahead is None or rest[0][0].click.place.offset < ahead.offset):
                part.append(rest.popleft())
            if part:
                upto = part[-1][0].click.place.offset
                yield part, tuple(self._said_before(upto))
            elif ahead is not None:
                self._settle(deque(self._said_before(ahead.offset + 1)))

    def _next_debit(self) -> Control | None:
        return next((control for control in self._controls if control.kind is ControlKind.DEBIT), None)

    def _said_before(self, offset: int) -> Iterator[Control]:
        while self._controls and self._controls[0].offset < offset:
            yield self._controls.popleft()

    def _decide(
        self, page: Page, part: Sequence[tuple[Stored, Clicked]], controls: tuple[Control, ...]
    ) -> Iterator[Again]:
        arrived = _arrived(self.span.partition, [clicked for _, clicked in part], controls)
        planned = plan(arrived, page.hits, NOTHING_KNOWN, self._in_force)
        answers: list[tuple[Asked, Sequence[Outcome]]] = [
            (asked, self._purse.claim(asked.claim)) for asking in planned.rounds for asked in asking
        ]
        made = decisions(planned, answers)
        for decision in made:
            if decision.billed_cents:
                self._link(spend(decision, entry_id(decision.key), self._head(decision.click.campaign_id)))
        for (stored, _), decision in zip(part, made, strict=True):
            yield Again(stored, decision)

    def _settle(self, controls: deque[Control]) -> None:
        while controls:
            control = controls.popleft()
            if control.kind is not ControlKind.DEBIT:
                self._in_force.apply(control)
                continue
            debit = debit_of(control)
            terms, head = self._in_force.terms(debit.campaign_id), self._head(debit.campaign_id)
            if terms is not None and covered(debit.asked, terms.funded, head.funds):
                self._link(taken(debit, head))
                self._in_force.take(debit.campaign_id, debit.asked.total_cents)

    def _head(self, campaign_id: str) -> Head:
        return self._heads.setdefault(campaign_id, Head(campaign_id))

    def _link(self, written: Link) -> None:
        campaign = written.movement.campaign_id
        self.links.setdefault(campaign, []).append(written)
        self._heads[campaign] = written.head(self._heads[campaign])


def _arrived(partition: int, clicks: Sequence[Clicked], controls: tuple[Control, ...]) -> Arrived:
    book = clicks[0].book
    nothing = Known(0, book)
    return Arrived(
        source=LogBatch(partition, "", ()),
        before=nothing,
        after=nothing,
        settled_ms=0,
        columns=None,
        clicks=tuple(clicks),
        controls=controls,
        unreadable=(),
    )


def _books(stands: Book, controls: Sequence[Control]) -> list[tuple[int, Book]]:
    """Which rules stand behind which offset."""
    found = [(0, stands)]
    for control in controls:
        newer = newer_book(found[-1][1], control)
        if newer is not found[-1][1]:
            found.append((control.offset, newer))
    return found
