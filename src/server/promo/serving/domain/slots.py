"""Where in a page of results listings are shown.

A page is one list: organic results in their order, and placements between them. A policy says how many placements there
may be among the first twenty and above the fold; behind the first twenty there are none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from server.promo.domain.campaign import Format
from server.promo.serving.domain.unserved import Unserved

FIRST_RESULTS: Final = 20
USUAL_FOLD: Final = 6


@dataclass(frozen=True, slots=True)
class Page:
    """How much there is to show, and how much of it may be sponsored."""

    organic_count: int
    fold: int
    """How many results are seen without scrolling."""
    max_density_top20: int
    max_above_fold: int


@dataclass(frozen=True, slots=True)
class Contender:
    """A listing that may be shown, with what is asked of its place."""

    campaign_id: str
    advertiser_id: str
    listing_id: str
    format: Format
    price_cents: int
    """What a click costs, from its token on."""
    score: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A listing and its position in the page, counted from 1."""

    position: int
    contender: Contender


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Who is shown where, and why the others are not."""

    placed: tuple[Placed, ...]
    left_out: tuple[tuple[Contender, Unserved], ...]


def wished_positions(page: Page) -> Iterator[int]:
    """Where placements would stand on a page with organic results enough: every other one above the fold, then spread
    to the end of the first twenty.
    """
    above = min(page.max_above_fold, page.max_density_top20, (page.fold + 1) // 2)
    yield from range(1, 2 * above, 2)
    rest = page.max_density_top20 - above
    if rest <= 0:
        return
    first = max(page.fold, 2 * above) + 1
    apart = max(1, (FIRST_RESULTS - first + 1) // rest)
    for position in range(first, FIRST_RESULTS + 1, apart):
        if rest == 0:
            return
        rest -= 1
        yield position


def arrange(page: Page, contenders: Sequence[Contender]) -> Arrangement:
    """Fills the page from its top with the best that may stand there.

    A featured listing may stand anywhere. A boosted one is an organic result moved up, so it needs one before it. A
    listing is shown once, and two placements in a row are never of one advertiser.
    """
    waiting = sorted(contenders, key=lambda contender: (-contender.score, contender.campaign_id))
    placed: list[Placed] = []
    for wish in wished_positions(page):
        position = _position(page, wish, placed)
        if position is None:
            continue
        found = next((one for one in waiting if _fits(one, position, placed)), None)
        if found is not None:
            waiting.remove(found)
            placed.append(Placed(position, found))
    return Arrangement(tuple(placed), tuple((one, _reason(one, placed)) for one in waiting))


def _position(page: Page, wish: int, placed: Sequence[Placed]) -> int | None:
    """Where the wish leads on this page: further up where organic results run out, and nowhere where that would put too
    many above the fold.
    """
    position = min(wish, page.organic_count + len(placed) + 1)
    above = sum(one.position <= page.fold for one in placed)
    if placed and position <= placed[-1].position:
        return None
    return None if position <= page.fold and above >= page.max_above_fold else position


def _fits(contender: Contender, position: int, placed: Sequence[Placed]) -> bool:
    if placed and placed[-1].contender.advertiser_id == contender.advertiser_id:
        return False
    if contender.format is Format.BOOSTED and position - len(placed) < 2:
        return False
    return all(one.contender.listing_id != contender.listing_id for one in placed)


def _reason(contender: Contender, placed: Sequence[Placed]) -> Unserved:
    """Why a contender has no place, although worse ones may have one."""
    if any(one.contender.listing_id == contender.listing_id for one in placed):
        return Unserved.ALREADY_SHOWN
    if all(one.contender.score >= contender.score for one in placed):
        return Unserved.OUTRANKED
    own = any(one.contender.advertiser_id == contender.advertiser_id for one in placed)
    return Unserved.BESIDE_ITSELF if own else Unserved.NO_SLOT_OF_ITS_FORMAT
