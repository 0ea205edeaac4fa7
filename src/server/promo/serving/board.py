"""Everything that may be shown, in memory, sorted by what it is worth before anybody searches.

A posting list has the campaigns that may be shown in one place, the best first: one list for each surface, city and
role of those without keywords, one for each surface, city and keyword of the others. What cannot be shown for a while,
because its hours, its day or its budget are over, is in no list, so that a search finds the first two hundred that can.
"""

import heapq
from bisect import bisect_left, insort
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from server.promo.domain.campaign import CampaignStatus, PacingMode, Surface
from server.promo.domain.day import QUARTER, end_of
from server.promo.domain.policy import Place, Policy
from server.promo.domain.switches import Switchboard
from server.promo.serving.domain.candidate import Candidate, obstacle
from server.promo.serving.domain.guard import decayed
from server.promo.serving.domain.pacing import FIRST_PASS_THROUGH
from server.promo.serving.domain.worth import KEYWORD_BONUS, USUAL_CLICK_RATE, worth
from server.promo.serving.repository import Budget, Exposure, Going, Known
from server.promo.serving.times import beginning, seconds

_Key: TypeAlias = tuple[Surface, str, str, bool]
"""Surface, city, and a role or, where the last says so, a keyword."""
_Item: TypeAlias = "tuple[float, str, Entry]"


@dataclass(slots=True, eq=False)
class Entry:
    """A campaign on the board, and how it stands at this moment."""

    candidate: Candidate
    roles: frozenset[str | None]
    pass_through: float = FIRST_PASS_THROUGH
    click_rate: float = USUAL_CLICK_RATE
    room_cents: int = 0
    worth: float = 0.0
    own_cents: float = 0.0
    """What this server has shown and may yet be clicked, as of `own_at`."""
    own_at: float = 0.0
    others_cents: float = 0.0
    others_at: float = 0.0
    item: "_Item | None" = None
    """How it stands in its lists; None while it is in none."""
    keys: Sequence[_Key] = ()

    def open_cents(self, at: float) -> float:
        """What of everything shown may yet be clicked."""
        return decayed(self.own_cents, at - self.own_at) + decayed(self.others_cents, at - self.others_at)

    def show(self, at: float) -> None:
        """Counts one more impression as open."""
        self.own_cents = decayed(self.own_cents, at - self.own_at) + self.click_rate * self.candidate.cpc_cents
        self.own_at = at

    def expected_worth(self) -> float:
        return worth(self.click_rate, self.candidate.cpc_cents)


class Board:
    """The campaigns of one server's memory, and the policies of their places."""

    def __init__(self) -> None:
        self.policies: Mapping[Place, Policy] = {}
        self._switches = Switchboard()
        self._entries: dict[str, Entry] = {}
        self._lists: dict[_Key, list[_Item]] = {}
        self._turns: list[tuple[float, str]] = []
        self._turning: dict[str, float] = {}
        self._exposures: dict[str, dict[str, Exposure]] = {}
        self._resting: set[str] = set()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def campaign_ids(self) -> Collection[str]:
        return self._entries.keys()

    def entry(self, campaign_id: str) -> Entry | None:
        return self._entries.get(campaign_id)

    def put(self, known: Known, now: datetime) -> None:
        """Takes a campaign as it was loaded; one that can no longer be shown at all leaves the board."""
        candidate = known.candidate
        entry = self._entries.get(candidate.campaign_id)
        if candidate.status is not CampaignStatus.ACTIVE:
            if entry is not None:
                self.drop(candidate.campaign_id)
            return
        if entry is None:
            entry = self._entries[candidate.campaign_id] = Entry(candidate, frozenset())
            self._see_others(entry, seconds(now))
        if entry.candidate != candidate or not entry.roles:
            # What is read again is mostly what was there: it stays, so that nothing grows old only to be collected.
            entry.candidate = candidate
            entry.roles = frozenset(candidate.roles or (None,))
        if known.going is not None or candidate.pacing is PacingMode.ACCELERATED:
            _go(entry, known.going)
        self._stand(entry, now)

    def fund(self, budget: Budget, now: datetime) -> None:
        """Takes what a campaign may spend and has spent, where nothing else about it is new."""
        entry = self._entries.get(budget.campaign_id)
        if entry is not None:
            entry.candidate = replace(entry.candidate, allowance=budget.allowance, budget_day=budget.day)
            self._stand(entry, now)

    def switch(self, switches: Switchboard, now: datetime) -> None:
        """Takes what is switched off: nothing is shown that nobody could be charged for."""
        concerned = switches.campaigns ^ self._switches.campaigns
        self._switches = switches
        for entry in filter(None, map(self._entries.get, concerned)):
            self._stand(entry, now)

    def drop(self, campaign_id: str) -> None:
        self._take_off(self._entries.pop(campaign_id))
        self._turning.pop(campaign_id, None)

    def go(self, going: Going) -> None:
        """Takes a published pace. Where what a click is worth has changed, the campaign moves in its lists."""
        entry = self._entries.get(going.campaign_id)
        if entry is None:
            return
        _go(entry, going)
        if entry.item is not None and entry.worth != entry.expected_worth():
            self._take_off(entry)
            self._put_on(entry)

    def expose(self, exposure: Exposure, now: datetime) -> None:
        """Takes what another server has shown."""
        self._exposures.setdefault(exposure.campaign_id, {})[exposure.server] = exposure
        entry = self._entries.get(exposure.campaign_id)
        if entry is not None:
            self._see_others(entry, seconds(now))

    def forget_exposures(self, before: datetime) -> None:
        """Lets go of what is so old that nothing of it is open."""
        for campaign_id, exposures in list(self._exposures.items()):
            kept = {server: exposure for server, exposure in exposures.items() if exposure.as_of >= before}
            if kept:
                self._exposures[campaign_id] = kept
            else:
                del self._exposures[campaign_id]

    def turn(self, now: datetime, limit: int) -> int:
        """Looks again at campaigns whose hour or day may have turned; how many it looked at."""
        at = seconds(now)
        looked = 0
        while looked < limit and self._turns and self._turns[0][0] <= at:
            due, campaign_id = heapq.heappop(self._turns)
            if self._turning.get(campaign_id) != due:
                continue  # it was put again meanwhile, and turns at another time
            self._stand(self._entries[campaign_id], now)
            looked += 1
        return looked

    def rest(self, campaign_id: str) -> None:
        """Takes a campaign out of the searches until the next look: what is open of it has to be clicked or forgotten
        first. It shall not stand in the way of two hundred others.
        """
        self._take_off(self._entries[campaign_id])
        self._resting.add(campaign_id)

    def wake(self, now: datetime) -> None:
        """Lets rested campaigns back into the searches."""
        resting, self._resting = self._resting, set()
        for entry in filter(None, map(self._entries.get, resting)):
            self._stand(entry, now)

    def fitting(self, place: Place, keywords: Collection[str]) -> Iterator[Entry]:
        """The campaigns that fit a search, those that may be worth most first, each once."""
        if self._switches.everything:
            return iter(())
        everybody = self._lists.get((place.surface, place.city, place.role or "", False), ())
        special = [found for word in keywords if (found := self._lists.get((place.surface, place.city, word, True)))]
        if not special:
            return (item[2] for item in everybody)
        return _merged(everybody, special, place.role)

    def _stand(self, entry: Entry, now: datetime) -> None:
        """Puts a campaign into its lists or takes it off, by what keeps it from searches at this time."""
        candidate = entry.candidate = _of_today(entry.candidate, now)
        entry.room_cents = candidate.allowance.room_cents
        self._turn_at(candidate, _next_turn(candidate, now))
        if candidate.campaign_id in self._switches.campaigns or obstacle(candidate, now) is not None:
            self._take_off(entry)
        elif entry.item is None:
            self._put_on(entry)
        elif entry.worth != entry.expected_worth() or list(entry.keys) != _keys(candidate):
            self._take_off(entry)
            self._put_on(entry)

    def _put_on(self, entry: Entry) -> None:
        entry.worth = entry.expected_worth()
        entry.item = (-entry.worth, entry.candidate.campaign_id, entry)
        entry.keys = _keys(entry.candidate)
        for key in entry.keys:
            insort(self._lists.setdefault(key, []), entry.item)

    def _take_off(self, entry: Entry) -> None:
        if entry.item is None:
            return
        for key in entry.keys:
            items = self._lists[key]
            del items[bisect_left(items, entry.item)]
            if not items:
                del self._lists[key]
        entry.item, entry.keys = None, ()

    def _turn_at(self, candidate: Candidate, at: datetime) -> None:
        due = seconds(at)
        if self._turning.get(candidate.campaign_id) != due:
            self._turning[candidate.campaign_id] = due
            heapq.heappush(self._turns, (due, candidate.campaign_id))

    def _see_others(self, entry: Entry, at: float) -> None:
        shown = self._exposures.get(entry.candidate.campaign_id, {}).values()
        entry.others_cents = sum(decayed(one.cents, at - seconds(one.as_of)) for one in shown)
        entry.others_at = at


def _merged(everybody: Sequence[_Item], special: Sequence[Sequence[_Item]], role: str | None) -> Iterator[Entry]:
    """Several lists as one, read no further than somebody asks. Those of keywords come as early as a full fit would put
    them, so a campaign with several of the words comes twice in a row.
    """
    before = None
    for _, campaign_id, entry in heapq.merge(everybody, *map(_raised, special)):
        if campaign_id != before and role in entry.roles:
            yield entry
        before = campaign_id


def _raised(items: Sequence[_Item]) -> Iterator[_Item]:
    return ((order * (1.0 + KEYWORD_BONUS), campaign_id, entry) for order, campaign_id, entry in items)


def _go(entry: Entry, going: Going | None) -> None:
    if going is not None:
        entry.click_rate, entry.pass_through = going.click_rate, going.pass_through
    if entry.candidate.pacing is PacingMode.ACCELERATED:
        entry.pass_through = 1.0


def _keys(candidate: Candidate) -> list[_Key]:
    if candidate.keywords:
        return [(candidate.surface, city, word, True) for city in candidate.cities for word in candidate.keywords]
    return [(place.surface, place.city, place.role or "", False) for place in candidate.places]


def _of_today(candidate: Candidate, now: datetime) -> Candidate:
    """The campaign with nothing spent yet, where its day began after it was loaded."""
    today = now.astimezone(ZoneInfo(candidate.hours.time_zone)).date()
    if today <= candidate.budget_day:
        return candidate
    return replace(candidate, budget_day=today, allowance=replace(candidate.allowance, spent_today_cents=0))


def _next_turn(candidate: Candidate, now: datetime) -> datetime:
    """When the clock may next change whether it is shown: with hours of the week each quarter, as zones have them."""
    if candidate.hours.of_week:
        return beginning(now, QUARTER) + QUARTER
    return end_of(candidate.budget_day, candidate.hours.time_zone)
