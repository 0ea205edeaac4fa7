"""Judges one event and makes a row of it. This is the one pass that each event costs."""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple, TypeAlias

import protovalidate

from callsheet.promo.v1 import events_pb2 as pb
from server.adapters.eventlog.columns import EventRow
from server.core.grpc.wire import field_path, strings_with_nul
from server.promo.hashes import ViewerHashes
from server.promo.ingest.advertisers import Advertisers
from server.promo.ingest.events import EventRejection, EventType, Rejected, refused_id
from server.promo.ingest.extra import normal_extra
from server.promo.ingest.lists import Address, Lists
from server.promo.ingest.shape import Shape
from server.promo.tokens import ImpressionToken, TokenState, TokenVerifier

REMEMBERED_ADDRESSES = 100_000
REMEMBERED_DEVICES = 20_000
REMEMBERED_AGENTS = 5_000

SHAPE = Shape(
    pb.ViewerEvent.DESCRIPTOR,
    (
        "event_id",
        "campaign_id",
        "impression_id",
        "token",
        "role",
        "city",
        "query_hash",
        "user_id",
        "device",
        "user_agent",
        "extra_json",
    ),
)
"""Of all texts but the address, of which those that were right once are known."""

TYPES = {pb.EVENT_TYPE_IMPRESSION: EventType.IMPRESSION.value, pb.EVENT_TYPE_CLICK: EventType.CLICK.value}

_TokenColumns: TypeAlias = tuple[
    str | None, int | None, int | None, str | None, str | None, int | None, str | None, str | None, int | None
]
_NOTHING_SIGNED: _TokenColumns = (None,) * 9


class _Origin(NamedTuple):
    """What is kept of an address."""

    ip_hash: str
    network_hash: str
    network_class: str


class _Agent(NamedTuple):
    """What is kept of a user agent."""

    ua_hash: str
    robot: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading needs."""

    verifier: TokenVerifier
    hashes: ViewerHashes
    advertisers: Advertisers


class EventReader:
    """Makes rows of events, by the lists that it was given. Addresses, devices and agents repeat, so the last ones are
    kept as what is made of them.
    """

    def __init__(self, reading: Reading, lists: Lists) -> None:
        self._verify = reading.verifier.verify
        self._hashes = reading.hashes
        self._advertisers = reading.advertisers
        self.lists = lists
        self._origins: dict[str, _Origin] = {}
        self._agents: dict[str, _Agent] = {}
        self._devices: dict[str, str] = {}

    def use(self, lists: Lists) -> None:
        """From now on classifies by these lists."""
        if lists != self.lists:
            self.lists = lists
            self._origins.clear()
            self._agents.clear()

    def row(self, event: pb.ViewerEvent, received_us: int) -> EventRow | Rejected:
        """The row of an event that was received at that microsecond, or why there is none."""
        texts = SHAPE.texts_of(event)
        is_plain = event.type in TYPES and event.ip_address in self._origins and SHAPE.fits(texts)
        event_id, *_, extra = texts
        refused = (None if is_plain else _refused(event, texts)) or refused_id(event_id, received_us // 1000)
        if refused is not None:
            return refused
        try:
            extra_json = normal_extra(extra)
        except ValueError as error:
            return Rejected(EventRejection.FIELD_INVALID, str(error))
        return self._row(event, texts, received_us, extra_json)

    def _row(self, event: pb.ViewerEvent, texts: tuple[str, ...], received_us: int, extra_json: str) -> EventRow:
        """By position, which costs a quarter of thirty names: each value stands where `EventRow` has its column."""
        event_id, campaign_id, impression_id, token_text, role, city, query_hash, user, device, agent_text, _ = texts
        user_id = user or None
        device_hash = self._device(device) if device else None
        origin, agent = self._origin(event.ip_address), self._agent(agent_text)
        state, token = self._verify(
            token_text, campaign_id=campaign_id, impression_id=impression_id, received_at_ms=received_us // 1000
        )
        if state is TokenState.VALID and token is not None:
            role, query_hash = token.role, token.query_hash
        return EventRow(
            event_id,
            campaign_id,
            impression_id,
            TYPES[event.type],
            role or None,
            city,
            query_hash,
            user_id,
            None if user_id else device_hash,
            device_hash,
            self._hashes.viewer(user_id, "") if user_id else device_hash or "",
            origin.ip_hash,
            origin.network_hash,
            origin.network_class,
            agent.ua_hash,
            agent.robot,
            event.prefetch,
            self._advertisers.link(campaign_id, user_id, device_hash),
            received_us,
            state,
            *(_NOTHING_SIGNED if token is None else _token_columns(state, token)),
            extra_json,
        )

    def _device(self, text: str) -> str:
        device_hash = self._devices.get(text)
        if device_hash is None:
            device_hash = self._hashes.device(text)
            if len(self._devices) >= REMEMBERED_DEVICES:
                self._devices.clear()
            self._devices[text] = device_hash
        return device_hash

    def _origin(self, text: str) -> _Origin:
        origin = self._origins.get(text)
        if origin is None:
            address = _plain(text)
            origin = _Origin(
                self._hashes.address(address),
                self._hashes.network(address),
                self.lists.networks.class_of(address).value,
            )
            if len(self._origins) >= REMEMBERED_ADDRESSES:
                self._origins.clear()
            self._origins[text] = origin
        return origin

    def _agent(self, text: str) -> _Agent:
        agent = self._agents.get(text)
        if agent is None:
            agent = _Agent(self._hashes.agent(text), self.lists.robots.knows(text))
            if len(self._agents) >= REMEMBERED_AGENTS:
                self._agents.clear()
            self._agents[text] = agent
        return agent


def _token_columns(state: TokenState, token: ImpressionToken) -> _TokenColumns:
    """What a token says that one of our keys signed."""
    return (
        token.campaign_id if state is TokenState.FOREIGN else None,
        token.issued_at_ms * 1000,
        token.price_cents,
        token.surface,
        token.listing_id,
        token.slot,
        token.city,
        token.viewer_hash,
        token.served_today,
    )


def _refused(event: pb.ViewerEvent, texts: tuple[str, ...]) -> Rejected | None:
    violations = protovalidate.collect_violations(event)
    if violations:
        first = violations[0]
        return Rejected(EventRejection.FIELD_INVALID, f"{field_path(first)}: {first.proto.message}")
    if "\x00" in "".join(texts):
        return Rejected(EventRejection.FIELD_INVALID, f"{next(strings_with_nul(event))}: must not contain NUL")
    return None


def _plain(text: str) -> Address:
    """An address without its zone; one of IPv4 that is written as one of IPv6 is the same address."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
