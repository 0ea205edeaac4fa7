"""Why a campaign is not shown."""

from enum import StrEnum


class Obstacle(StrEnum):
    """What keeps a campaign from every search, until something changes."""

    NOT_ACTIVE = "not_active"
    ADVERTISER_INACTIVE = "advertiser_inactive"
    NOT_SOLD = "not_sold"
    NOT_STARTED = "not_started"
    OVER = "over"
    OUTSIDE_HOURS = "outside_hours"
    NO_BALANCE = "no_balance"
    DAILY_BUDGET_SPENT = "daily_budget_spent"
    TOTAL_BUDGET_SPENT = "total_budget_spent"
    CHARGING_STOPPED = "charging_stopped"


class Unserved(StrEnum):
    """Why a campaign that fitted a search was not shown in it."""

    NEGATIVE_KEYWORD = "negative_keyword"
    PACED = "paced"
    BUDGET_IN_FLIGHT = "budget_in_flight"
    VIEWER_SATED = "viewer_sated"
    OUTRANKED = "outranked"
    ALREADY_SHOWN = "already_shown"
    BESIDE_ITSELF = "beside_itself"
    NO_SLOT_OF_ITS_FORMAT = "no_slot_of_its_format"
