"""Goes through the campaigns that fit a search, and tells which may be shown in it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeAlias

from server.promo.domain.campaign import Format
from server.promo.serving.board import Entry
from server.promo.serving.domain.guard import covers
from server.promo.serving.domain.slots import Contender, Page
from server.promo.serving.domain.unserved import Unserved
from server.promo.serving.domain.worth import relevance

Draw: TypeAlias = Callable[[], float]
"""A number from 0 to below 1, each time another."""

MOST_EXAMINED: Final = 200
MOST_SHOWN_A_DAY: Final = 10
"""How often one viewer is shown one campaign on one day."""
SPARE: Final = 6
"""So many more advertisers than there are slots are found, since formats and neighbours may rule some out."""


@dataclass(frozen=True, slots=True)
class Examined:
    """Those that may be shown, with how they stand, and the others with what kept them out."""

    contenders: Mapping[str, tuple[Contender, Entry]]
    refused: Mapping[str, Unserved]


def examine(
    fitting: Iterable[Entry],
    *,
    keywords: Collection[str],
    seen: Mapping[str, int],
    page: Page,
    at: float,
    draw: Draw,
) -> Examined:
    """Looks at the best two hundred at most, and no further than there are advertisers enough for the page."""
    contenders: dict[str, tuple[Contender, Entry]] = {}
    refused: dict[str, Unserved] = {}
    advertisers: set[str] = set()
    wanted = page.max_density_top20 + SPARE
    for entry in islice(fitting, MOST_EXAMINED):
        candidate = entry.candidate
        why = _refusal(entry, keywords, seen, page, at) or _dice(entry, draw)
        if why is not None:
            refused[candidate.campaign_id] = why
            continue
        contenders[candidate.campaign_id] = (_contender(entry, keywords), entry)
        advertisers.add(candidate.advertiser_id)
        if len(advertisers) >= wanted:
            break
    return Examined(contenders, refused)


def _refusal(
    entry: Entry, keywords: Collection[str], seen: Mapping[str, int], page: Page, at: float
) -> Unserved | None:
    candidate = entry.candidate
    if candidate.negative_keywords and not candidate.negative_keywords.isdisjoint(keywords):
        return Unserved.NEGATIVE_KEYWORD
    if seen.get(candidate.campaign_id, 0) >= MOST_SHOWN_A_DAY:
        return Unserved.VIEWER_SATED
    if candidate.format is Format.BOOSTED and page.organic_count == 0:
        return Unserved.NO_SLOT_OF_ITS_FORMAT
    if not covers(entry.room_cents, entry.open_cents(at), candidate.cpc_cents):
        return Unserved.BUDGET_IN_FLIGHT
    return None


def _dice(entry: Entry, draw: Draw) -> Unserved | None:
    return Unserved.PACED if draw() >= entry.pass_through else None


def _contender(entry: Entry, keywords: Collection[str]) -> Contender:
    candidate = entry.candidate
    return Contender(
        campaign_id=candidate.campaign_id,
        advertiser_id=candidate.advertiser_id,
        listing_id=candidate.listing_id,
        format=candidate.format,
        price_cents=candidate.cpc_cents,
        score=entry.worth * relevance(candidate.keywords, keywords),
    )
