"""What a click looks like to a rule."""

from typing import NamedTuple

from server.promo.tokens import TokenState


class Place(NamedTuple):
    """Where an event stands in the log: what is decided about it is decided in this order."""

    partition: int
    offset: int
    row: int


class Click(NamedTuple):
    """A click with everything that a rule may ask. A tuple, because one is made for each click of the log.

    Times are milliseconds since 1970. Viewer, device, address, network and agent are keyed hashes, empty where nothing
    is known. What the token says is empty or zero where none of our keys signed it.
    """

    place: Place
    event_id: str
    campaign_id: str
    impression_id: str
    rule_ms: int
    """When it counts: when it was received, or a little later where its partition was ahead."""
    received_ms: int
    city: str
    """Where the click says that it happened."""
    device: str
    address: str
    network: str
    network_class: str
    agent: str
    robot: bool
    prefetch: bool
    advertiser_link: str
    """`account` or `device` where the viewer is the campaign's own advertiser."""
    token: TokenState
    token_campaign_id: str
    issued_ms: int
    price_cents: int
    listing_id: str
    served_city: str
    viewer: str
    """Whom the token was made for."""
    served_today: int
    """How often the viewer had been served on the day of the token (UTC)."""
    network_list: str
    robot_list: str
    """Which lists the server told data centres and robots by."""

    @property
    def signed(self) -> bool:
        """Whether what the token says is said by us, of this campaign and impression."""
        return self.token in _SIGNED


_SIGNED = frozenset({TokenState.VALID, TokenState.EXPIRED})
