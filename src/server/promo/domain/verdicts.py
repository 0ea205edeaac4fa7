"""What may be decided about a click, and which rules there are: the words that stream, reports and claims share."""

from enum import StrEnum


class Verdict(StrEnum):
    """What was decided about a click. All but the invalid ones were worth something to the advertiser."""

    BILLED = "billed"
    INVALID = "invalid"
    CAP_DAILY = "cap_daily"
    CAP_TOTAL = "cap_total"
    NO_BALANCE = "no_balance"
    ALREADY_BILLED = "already_billed"
    """Its impression was billed before, and the rule against second clicks did not decide."""
    SUSPENDED = "suspended"
    CHARGING_STOPPED = "charging_stopped"
    """A kill switch was thrown, for everything or for the campaign."""
    UNKNOWN_CAMPAIGN = "unknown_campaign"
    """The log had said nothing of the campaign: nobody knows what may be charged."""


OVER_DELIVERED = frozenset({Verdict.CAP_DAILY, Verdict.CAP_TOTAL, Verdict.NO_BALANCE, Verdict.SUSPENDED})
"""Shown and clicked, but never paid for."""


class Rule(StrEnum):
    """Why a click is invalid. In this order the rules are asked: the first that hits decides."""

    TOKEN = "token"  # noqa: S105  the name of a rule
    KNOWN_BOT = "known_bot"
    PREFETCH = "prefetch"
    DATA_CENTRE = "data_centre"
    OWN_CLICK = "own_click"
    OTHER_CITY = "other_city"
    TOO_FAST = "too_fast"
    DOUBLE_CLICK = "double_click"
    SECOND_CLICK = "second_click"
    SAME_LISTING = "same_listing"
    CLICK_RATE = "click_rate"
    VIEWER_RATIO = "viewer_ratio"
    ADDRESS_RATIO = "address_ratio"
    METRONOME = "metronome"
    MANY_NETWORKS = "many_networks"
    NO_IMPRESSION = "no_impression"
    CTR_SPIKE = "ctr_spike"
    CLAIMED = "claimed"


LATE_RULES = frozenset({Rule.NO_IMPRESSION, Rule.CTR_SPIKE, Rule.CLAIMED})
"""Found after the click was billed: they credit it, and are no part of the stream."""
