"""Clicks out of columns. They are one event in fifty, and the only ones that become objects."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat

import pyarrow as pa

from server.adapters.eventlog.codec import Lists
from server.promo.tokens import TokenState
from streams.clicks.rules.click import Click, Place

_STATES: Mapping[str, TokenState] = {state.value: state for state in TokenState}


def clicks_of(partition: int, columns: pa.RecordBatch, lists: Mapping[int, Lists]) -> list[Click]:
    """Every row as a click. `lists` says for each record which lists its server knew."""
    offsets = _numbers(columns, "log_offset")
    indexes = _numbers(columns, "log_index")
    places = map(Place, repeat(partition), offsets, indexes)
    known = [lists[offset] for offset in offsets]
    values = zip(
        places,
        columns["event_id"].to_pylist(),
        columns["campaign_id"].to_pylist(),
        columns["impression_id"].to_pylist(),
        _milliseconds(columns, "rule_ts"),
        _milliseconds(columns, "received_at"),
        columns["city"].to_pylist(),
        _texts(columns, "device_hash"),
        columns["ip_hash"].to_pylist(),
        columns["network_hash"].to_pylist(),
        columns["network_class"].to_pylist(),
        columns["ua_hash"].to_pylist(),
        columns["robot"].to_pylist(),
        columns["prefetch"].to_pylist(),
        _texts(columns, "advertiser_link"),
        _states(columns),
        _texts(columns, "token_campaign_id"),
        _milliseconds(columns, "token_issued_at"),
        _numbers(columns, "token_price_cents"),
        _texts(columns, "token_listing_id"),
        _texts(columns, "token_city"),
        _texts(columns, "token_viewer_hash"),
        _numbers(columns, "token_served_today"),
        (lists.networks for lists in known),
        (lists.robots for lists in known),
        strict=True,
    )
    return list(map(Click._make, values))


def _texts(columns: pa.RecordBatch, name: str) -> Iterator[str]:
    return (value or "" for value in columns[name].to_pylist())


def _numbers(columns: pa.RecordBatch, name: str) -> Sequence[int]:
    return [value or 0 for value in columns[name].to_pylist()]


def _milliseconds(columns: pa.RecordBatch, name: str) -> Iterator[int]:
    return ((value or 0) // 1000 for value in columns[name].cast(pa.int64()).to_pylist())


def _states(columns: pa.RecordBatch) -> Iterator[TokenState]:
    # A state that is not known is one that nobody can vouch for.
    return (_STATES.get(value, TokenState.MALFORMED) for value in columns["token_state"].to_pylist())
