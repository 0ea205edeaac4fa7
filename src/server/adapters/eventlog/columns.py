"""The columns of a batch of events in the click log, version 1.

An event is what a viewer saw or did, as a server received it: what the stream writes to `promo_event`, and everything
that a rule asks about, so that no rule needs anything but the log. Text that is stored is text here, ready for COPY;
hashes are keyed and 16 characters long (`server/promo/hashes.py`); the address itself is gone.

Of the token's columns only `token_state` is always there. The others are what the token says, where one of our keys
signed it: null for a state of `missing`, `malformed`, `unknown_key` and `forged`.

Columns are never removed, renamed or retyped within a version. A new column at the end is a new version.
"""

from typing import Final, NamedTuple

import pyarrow as pa

COLUMNS_VERSION: Final = 1
MOST_EVENTS: Final = 500

_TEXT = pa.string()
_INSTANT = pa.timestamp("us", tz="UTC")


class EventRow(NamedTuple):
    """One event, in the columns' order. Instants are microseconds since 1970."""

    event_id: str
    """`pevt_…`, made by the client. With the campaign it is the event's identity."""
    campaign_id: str
    """`pcmp_…`, as the event names it; equal to the token's where that is valid."""
    impression_id: str
    """`pimp_…`, what joins a click to its impression; equal to the token's where that is valid."""
    type: str
    """`impression` or `click`."""
    role: str | None
    """Which role was looked for; the token's where that is valid."""
    city: str
    """Where the event says that it happened; `token_city` says where it was served."""
    query_hash: str
    """Which search; the token's where that is valid."""
    user_id: str | None
    """The viewer, where they are logged in."""
    anon_fp_hash: str | None
    """The viewer's device, where they are not."""
    device_hash: str | None
    """The viewer's device, logged in or not; null where the client does not recognise devices."""
    viewer_hash: str
    """Who looked: the person, else their device, else empty. Comparable with `token_viewer_hash`."""
    ip_hash: str
    network_hash: str
    """The /24 or /64 of the address."""
    network_class: str
    """`unknown`, `residential`, `mobile`, `business` or `data_centre`."""
    ua_hash: str
    robot: bool
    """The user agent is that of a known robot."""
    prefetch: bool
    """A browser asked for it in advance; nobody has looked."""
    advertiser_link: str | None
    """`account` where the viewer is the campaign's own advertiser, `device` where the device is one of theirs."""
    received_at: int
    token_state: str
    token_campaign_id: str | None
    """Of a foreign token: the campaign that it was issued for."""
    token_issued_at: int | None
    token_price_cents: int | None
    token_surface: str | None
    token_listing_id: str | None
    token_slot: int | None
    token_city: str | None
    token_viewer_hash: str | None
    token_served_today: int | None
    """How many impressions the viewer had been served that day."""
    extra_json: str
    """A JSON object that PostgreSQL accepts as jsonb."""


def _field(name: str, kind: pa.DataType, *, optional: bool = False) -> pa.Field:
    return pa.field(name, kind, nullable=optional)


SCHEMA: Final = pa.schema(
    [
        _field("event_id", _TEXT),
        _field("campaign_id", _TEXT),
        _field("impression_id", _TEXT),
        _field("type", _TEXT),
        _field("role", _TEXT, optional=True),
        _field("city", _TEXT),
        _field("query_hash", _TEXT),
        _field("user_id", _TEXT, optional=True),
        _field("anon_fp_hash", _TEXT, optional=True),
        _field("device_hash", _TEXT, optional=True),
        _field("viewer_hash", _TEXT),
        _field("ip_hash", _TEXT),
        _field("network_hash", _TEXT),
        _field("network_class", _TEXT),
        _field("ua_hash", _TEXT),
        _field("robot", pa.bool_()),
        _field("prefetch", pa.bool_()),
        _field("advertiser_link", _TEXT, optional=True),
        _field("received_at", _INSTANT),
        _field("token_state", _TEXT),
        _field("token_campaign_id", _TEXT, optional=True),
        _field("token_issued_at", _INSTANT, optional=True),
        _field("token_price_cents", pa.int32(), optional=True),
        _field("token_surface", _TEXT, optional=True),
        _field("token_listing_id", _TEXT, optional=True),
        _field("token_slot", pa.int32(), optional=True),
        _field("token_city", _TEXT, optional=True),
        _field("token_viewer_hash", _TEXT, optional=True),
        _field("token_served_today", pa.int32(), optional=True),
        _field("extra_json", _TEXT),
    ]
)
