"""Decides a batch's clicks in the log's order: as far as that goes without asking for money, then with the answer.

Pure: what is in force, which clicks are known and what the rules have found go in; claims come out, and with their
outcomes decisions.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from server.adapters.budgets.port import Claim, ClickClaim, Limits, Outcome
from server.promo.domain.funds import Funds
from server.promo.domain.verdicts import OVER_DELIVERED, Verdict
from streams.clicks.arrived import Arrived, Clicked
from streams.clicks.in_force import InForce, Terms
from streams.clicks.joining import Place
from streams.clicks.rules.alone import alone
from streams.clicks.rules.book import Switches
from streams.clicks.rules.click import Click
from streams.clicks.rules.hits import Hit, Hits
from streams.clicks.rules.judging import Judged, judge

VERDICTS: Mapping[Outcome, Verdict] = {
    Outcome.CHARGED: Verdict.BILLED,
    Outcome.CHARGED_BEFORE: Verdict.ALREADY_BILLED,
    Outcome.CAP_DAILY: Verdict.CAP_DAILY,
    Outcome.CAP_TOTAL: Verdict.CAP_TOTAL,
    Outcome.NO_BALANCE: Verdict.NO_BALANCE,
}


@dataclass(frozen=True, slots=True)
class Known:
    """What the database, and the batch itself, say about its clicks; by rows."""

    events: frozenset[int]
    """These are there already: nothing is decided about them again."""
    billed: frozenset[int]
    """The impressions of these were billed already."""


NOTHING_KNOWN = Known(frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class Considered:
    """A click before money was asked for."""

    clicked: Clicked
    judged: Judged
    verdict: Verdict | None
    """None where the budget has the last word."""
    terms: Terms | None
    switches: Switches
    budget_day: date | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A claim, and the clicks it speaks for in the same order."""

    claim: Claim
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be decided about a batch."""

    considered: tuple[Considered, ...]
    duplicates: tuple[Clicked, ...]
    rounds: tuple[tuple[Asked, ...], ...]
    """Claims; a campaign stands in a later round again where its terms changed within the batch."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a click."""

    considered: Considered
    verdict: Verdict
    key: str
    """What is billed once: the impression that a token was signed for."""

    @property
    def click(self) -> Click:
        return self.considered.clicked.click

    @property
    def row(self) -> int:
        return self.considered.clicked.row

    @property
    def billed_cents(self) -> int:
        return self.click.price_cents if self.verdict is Verdict.BILLED else 0

    @property
    def event_type(self) -> str:
        return "invalid_click" if self.verdict is Verdict.INVALID else "click"

    @property
    def over_delivered(self) -> bool:
        return self.verdict in OVER_DELIVERED

    @property
    def funded(self) -> Funds:
        """What had been put in where the click stands."""
        terms = self.considered.terms
        if terms is None:
            raise AssertionError("a campaign that nothing is known of is not charged")
        return terms.funded


def click_key(click: Click) -> str:
    """What is billed once: the impression that a token was signed for."""
    return f"{click.campaign_id}:{click.impression_id}"


def plan(arrived: Arrived, hits: Mapping[Place, Hits], known: Known, in_force: InForce) -> Plan:
    """Follows the batch's records in order; what is in force moves on with them."""
    controls = iter(arrived.controls)
    coming = next(controls, None)
    considered: list[Considered] = []
    duplicates: list[Clicked] = []
    asking = _Asking()
    seen: set[tuple[str, str]] = set()
    for clicked in arrived.clicks:
        click = clicked.click
        while coming is not None and coming.offset < click.place.offset:
            in_force.apply(coming)
            coming = next(controls, None)
        identity = (click.event_id, click.campaign_id)
        if clicked.row in known.events or identity in seen:
            duplicates.append(clicked)
            continue
        seen.add(identity)
        one = _consider(clicked, hits.get((click.place.offset, click.place.row), ()), known, in_force)
        if one.verdict is None:
            asking.ask(len(considered), one, in_force)
        considered.append(one)
    while coming is not None:
        in_force.apply(coming)
        coming = next(controls, None)
    return Plan(tuple(considered), tuple(duplicates), asking.rounds())


def decisions(plan: Plan, answers: Iterable[tuple[Asked, Sequence[Outcome]]]) -> list[Decision]:
    """The decisions, with what the budgets said to each claim."""
    verdicts = [one.verdict for one in plan.considered]
    for asked, outcomes in answers:
        for place, outcome in zip(asked.places, outcomes, strict=True):
            verdicts[place] = VERDICTS[outcome]
    return [
        Decision(one, _given(verdict), click_key(one.clicked.click))
        for one, verdict in zip(plan.considered, verdicts, strict=True)
    ]


def versions(decision: Decision) -> str:
    """The versions that were in force, as JSON."""
    considered, click = decision.considered, decision.click
    terms = considered.terms
    return _versions(
        considered.clicked.book.version,
        terms.version if terms else 0,
        considered.switches.version,
        click.network_list,
        click.robot_list,
    )


def hits_text(hits: Hits) -> str:
    """All hits, as JSON."""
    return _json([_hit(hit) for hit in hits]) if hits else "[]"


def evidence_text(decision: Decision) -> str:
    """The evidence of the rule that decided, as JSON."""
    deciding = decision.considered.judged.decided_by
    return _json(deciding.evidence) if deciding else "{}"


class _Asking:
    """Collects claims: one for each campaign and version of its terms, in rounds."""

    def __init__(self) -> None:
        self._claims: dict[tuple[str, int, int], tuple[Limits, list[ClickClaim], list[int]]] = {}

    def ask(self, place: int, one: Considered, in_force: InForce) -> None:
        click, terms = one.clicked.click, one.terms
        if terms is None or one.budget_day is None:
            raise AssertionError("a campaign that nothing is known of is not charged")
        balance = in_force.balance_cents(click.campaign_id, terms)
        key = (click.campaign_id, terms.version, balance)
        if key not in self._claims:
            self._claims[key] = (Limits(terms.version, terms.daily_cents, terms.total_cents, balance), [], [])
        _, clicks, places = self._claims[key]
        _, offset, row = click.place
        clicks.append(ClickClaim(click_key(click), click.price_cents, one.budget_day, offset, row))
        places.append(place)

    def rounds(self) -> tuple[tuple[Asked, ...], ...]:
        rounds: list[list[Asked]] = []
        turns: dict[str, int] = {}
        for (campaign_id, _, _), (limits, clicks, places) in self._claims.items():
            turn = turns[campaign_id] = turns.get(campaign_id, -1) + 1
            if turn == len(rounds):
                rounds.append([])
            rounds[turn].append(Asked(Claim(campaign_id, limits, tuple(clicks)), tuple(places)))
        return tuple(map(tuple, rounds))


def _consider(clicked: Clicked, found: Hits, known: Known, in_force: InForce) -> Considered:
    click = clicked.click
    terms = in_force.terms(click.campaign_id)
    hits = alone(click, clicked.book) + found
    judged = judge(click, hits, clicked.book, in_force.switches, terms.status if terms else None)
    verdict = judged.verdict
    if verdict is None and clicked.row in known.billed:
        verdict = Verdict.ALREADY_BILLED
    return Considered(
        clicked=clicked,
        judged=judged,
        verdict=verdict,
        terms=terms,
        switches=in_force.switches,
        budget_day=local_day(click.received_ms, terms.time_zone) if terms else None,
    )


def local_day(at_ms: int, zone: str) -> date:
    """The day of that instant in a zone."""
    return datetime.fromtimestamp(at_ms / 1000, _zone(zone)).date()


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _given(verdict: Verdict | None) -> Verdict:
    if verdict is None:
        raise AssertionError("each claim is answered for each click")
    return verdict


def _hit(hit: Hit) -> dict[str, object]:
    said: dict[str, object] = {"rule": hit.rule.value, "version": hit.version, "evidence": hit.evidence}
    return said | {"hint": True} if hit.hint else said


@lru_cache(maxsize=4096)
def _versions(book: int, limits: int, switches: int, networks: str, robots: str) -> str:
    return _json({"book": book, "limits": limits, "networks": networks, "robots": robots, "switches": switches})


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)
