"""What of a click's facts is kept beside what was decided about it, so that its rules can be asked again.

An event's own row has its ids, its times, its city, and the hashes of its address and agent. What a rule asks beyond
that is kept with the decision. Names are short: there is one of these for each click.
"""

import json
from collections.abc import Mapping
from typing import NamedTuple

from server.promo.tokens import TokenState
from streams.clicks.rules.click import Click, Place


class FactsMissing(ValueError):
    """A click was decided before its facts were kept, so it cannot be decided again."""

    def __init__(self, event_id: str) -> None:
        super().__init__(f"{event_id} was decided before facts were kept: begin the replay behind it")


class StoredEvent(NamedTuple):
    """What the event's own row says."""

    place: Place
    event_id: str
    campaign_id: str
    impression_id: str
    rule_ms: int
    received_ms: int
    city: str
    address: str
    agent: str


def facts_of(click: Click) -> str:
    """What the rules were asked about, as JSON."""
    facts: dict[str, str | int | bool] = {
        "token": click.token.value,
        "token_campaign": click.token_campaign_id,
        "issued_ms": click.issued_ms,
        "price_cents": click.price_cents,
        "listing": click.listing_id,
        "served_city": click.served_city,
        "viewer": click.viewer,
        "served_today": click.served_today,
        "device": click.device,
        "network": click.network,
        "network_class": click.network_class,
        "network_list": click.network_list,
        "robot": click.robot,
        "robot_list": click.robot_list,
        "prefetch": click.prefetch,
        "advertiser_link": click.advertiser_link,
    }
    return json.dumps({name: value for name, value in facts.items() if value}, separators=(",", ":"))


def click_of(event: StoredEvent, facts: str) -> Click:
    """The click as its rules saw it; FactsMissing where nobody wrote that down."""
    said: Mapping[str, str | int | bool] = json.loads(facts)
    if "token" not in said:
        raise FactsMissing(event.event_id)

    def text(name: str) -> str:
        return str(said.get(name, ""))

    def number(name: str) -> int:
        return int(said.get(name, 0))

    return Click(
        place=event.place,
        event_id=event.event_id,
        campaign_id=event.campaign_id,
        impression_id=event.impression_id,
        rule_ms=event.rule_ms,
        received_ms=event.received_ms,
        city=event.city,
        device=text("device"),
        address=event.address,
        network=text("network"),
        network_class=text("network_class"),
        agent=event.agent,
        robot=said.get("robot") is True,
        prefetch=said.get("prefetch") is True,
        advertiser_link=text("advertiser_link"),
        token=TokenState(text("token")),
        token_campaign_id=text("token_campaign"),
        issued_ms=number("issued_ms"),
        price_cents=number("price_cents"),
        listing_id=text("listing"),
        served_city=text("served_city"),
        viewer=text("viewer"),
        served_today=number("served_today"),
        network_list=text("network_list"),
        robot_list=text("robot_list"),
    )
