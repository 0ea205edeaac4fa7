"""Judges one event and makes a row of it. This is the one pass that each event costs."""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

import protovalidate

from callsheet.promo.v1 import events_pb2 as pb
from server.adapters.eventlog.columns import EventRow
from server.core.grpc.wire import field_path, strings_with_nul
from server.promo.hashes import ViewerHashes
from server.promo.ingest.advertisers import Advertisers
from server.promo.ingest.events import EventRejection, EventType, Rejected, refused_id
from server.promo.ingest.extra import normal_extra
from server.promo.ingest.lists import Address, Lists
from server.promo.tokens import TokenState, TokenVerifier

REMEMBERED_ADDRESSES = 100_000
REMEMBERED_AGENTS = 5_000

_TYPES = {pb.EVENT_TYPE_IMPRESSION: EventType.IMPRESSION.value, pb.EVENT_TYPE_CLICK: EventType.CLICK.value}


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
    """Makes rows of events, by the lists that it was given. Addresses and agents repeat, so the last ones are kept as
    what is made of them.
    """

    def __init__(self, reading: Reading, lists: Lists) -> None:
        self._verify = reading.verifier.verify
        self._hashes = reading.hashes
        self._advertisers = reading.advertisers
        self.lists = lists
        self._origins: dict[str, _Origin] = {}
        self._agents: dict[str, _Agent] = {}

    def use(self, lists: Lists) -> None:
        """From now on classifies by these lists."""
        if lists != self.lists:
            self.lists = lists
            self._origins.clear()
            self._agents.clear()

    def row(self, event: pb.ViewerEvent, received_us: int) -> EventRow | Rejected:
        """The row of an event that was received at that microsecond, or why there is none."""
        refused = _refused(event, received_us // 1000)
        if refused is not None:
            return refused
        try:
            extra_json = normal_extra(event.extra_json)
        except ValueError as error:
            return Rejected(EventRejection.FIELD_INVALID, str(error))
        return self._row(event, received_us, extra_json)

    def _row(self, event: pb.ViewerEvent, received_us: int, extra_json: str) -> EventRow:
        campaign_id, impression_id = event.campaign_id, event.impression_id
        user_id = event.user_id or None
        device_hash = self._hashes.device(event.device) or None
        origin, agent = self._origin(event.ip_address), self._agent(event.user_agent)
        state, token = self._verify(
            event.token,
            campaign_id=campaign_id,
            impression_id=impression_id,
            received_at_ms=received_us // 1000,
        )
        is_valid = token is not None and state is TokenState.VALID
        return EventRow(
            event_id=event.event_id,
            campaign_id=campaign_id,
            impression_id=impression_id,
            type=_TYPES[event.type],
            role=(token.role if token is not None and is_valid else event.role) or None,
            city=event.city,
            query_hash=token.query_hash if token is not None and is_valid else event.query_hash,
            user_id=user_id,
            anon_fp_hash=None if user_id else device_hash,
            device_hash=device_hash,
            viewer_hash=self._hashes.viewer(user_id, "") if user_id else device_hash or "",
            ip_hash=origin.ip_hash,
            network_hash=origin.network_hash,
            network_class=origin.network_class,
            ua_hash=agent.ua_hash,
            robot=agent.robot,
            prefetch=event.prefetch,
            advertiser_link=self._advertisers.link(campaign_id, user_id, device_hash),
            received_at=received_us,
            token_state=state,
            token_campaign_id=token.campaign_id if token and state is TokenState.FOREIGN else None,
            token_issued_at=token.issued_at_ms * 1000 if token else None,
            token_price_cents=token.price_cents if token else None,
            token_surface=token.surface if token else None,
            token_listing_id=token.listing_id if token else None,
            token_slot=token.slot if token else None,
            token_city=token.city if token else None,
            token_viewer_hash=token.viewer_hash if token else None,
            token_served_today=token.served_today if token else None,
            extra_json=extra_json,
        )

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


def _refused(event: pb.ViewerEvent, received_ms: int) -> Rejected | None:
    violations = protovalidate.collect_violations(event)
    if violations:
        first = violations[0]
        return Rejected(EventRejection.FIELD_INVALID, f"{field_path(first)}: {first.proto.message}")
    texts = (event.token, event.role, event.city, event.query_hash, event.device, event.user_agent, event.extra_json)
    if "\x00" in "".join(texts):
        return Rejected(EventRejection.FIELD_INVALID, f"{next(strings_with_nul(event))}: must not contain NUL")
    return refused_id(event.event_id, received_ms)


def _plain(text: str) -> Address:
    """An address without its zone; one of IPv4 that is written as one of IPv6 is the same address."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
