"""Events as servers put them into the log: what a test changes, among what no rule objects to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypedDict, Unpack

from server.adapters.eventlog.codec import Lists, encode_events
from server.adapters.eventlog.columns import EventRow
from server.core.clock import ManualClock
from server.core.ids import SystemIds

LISTS = Lists(networks="2026-01-01", robots="2026-01-01")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Changes(TypedDict, total=False):
    """The columns that tests change."""

    event_id: str
    impression_id: str
    city: str
    device_hash: str
    viewer_hash: str
    ip_hash: str
    network_class: str
    robot: bool
    token_state: str
    token_price_cents: int
    token_issued_at: int
    token_city: str
    extra_json: str


def microseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Happening:
    """Makes events of one campaign, each by somebody else and twenty seconds after it was shown, at a time of one's
    choice.
    """

    campaign_id: str
    price_cents: int = 100

    def click(self, at: datetime, **changes: Unpack[Changes]) -> EventRow:
        return self._event("click", at, changes)

    def impression(self, at: datetime, **changes: Unpack[Changes]) -> EventRow:
        return self._event("impression", at, changes)

    def _event(self, kind: str, at: datetime, changes: Changes) -> EventRow:
        ids = SystemIds(ManualClock(at))
        somebody = ids.new("fp")[-16:]
        event = EventRow(
            event_id=ids.new("pevt"),
            campaign_id=self.campaign_id,
            impression_id=ids.new("pimp"),
            type=kind,
            role="photographer",
            city="berlin",
            query_hash="q" * 16,
            user_id=None,
            anon_fp_hash=somebody,
            device_hash=somebody,
            viewer_hash=somebody,
            ip_hash=somebody,
            network_hash=somebody,
            network_class="residential",
            ua_hash="u" * 16,
            robot=False,
            prefetch=False,
            advertiser_link=None,
            received_at=microseconds(at),
            token_state="valid",
            token_campaign_id=self.campaign_id,
            token_issued_at=microseconds(at - timedelta(seconds=20)),
            token_price_cents=self.price_cents,
            token_surface="people_search",
            token_listing_id="srv_listing",
            token_slot=1,
            token_city="berlin",
            token_viewer_hash=somebody,
            token_served_today=1,
            extra_json="{}",
        )
        return event._replace(**changes)


def record(events: Sequence[EventRow]) -> bytes:
    """A record of these events, as a server appends it when the last one has come."""
    return encode_events(events, _EPOCH + timedelta(microseconds=events[-1].received_at), LISTS)
