"""What showing a listing is worth: how likely a click is, times what it pays, times how well it fits."""

from collections.abc import Collection
from typing import Final

USUAL_CLICK_RATE: Final = 0.02
"""What is assumed of a campaign about which nothing is known."""
PRIOR_IMPRESSIONS: Final = 200
"""How many impressions that assumption weighs: a new campaign is neither buried nor carried by its first clicks."""
KEYWORD_BONUS: Final = 0.5
"""A listing that fits every word of a search is worth half as much again as one that fits any search."""


def click_rate(impressions: int, clicks: int, usual: float = USUAL_CLICK_RATE) -> float:
    """How often an impression is clicked, drawn towards the usual rate as long as there are few of them."""
    return (clicks + PRIOR_IMPRESSIONS * usual) / (impressions + PRIOR_IMPRESSIONS)


def relevance(wanted: Collection[str], asked: Collection[str]) -> float:
    """How well a campaign with those keywords fits a search with these; at most `1 + KEYWORD_BONUS`."""
    if not wanted or not asked:
        return 1.0
    return 1.0 + KEYWORD_BONUS * sum(word in wanted for word in asked) / len(asked)


def worth(rate: float, cpc_cents: int) -> float:
    """What one impression earns on average, before a search is known. It orders listings and is never charged."""
    return rate * cpc_cents
