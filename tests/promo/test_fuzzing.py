"""Whatever an event is made of, it is judged: a row that the log and PostgreSQL take, or a refusal that says why."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import asyncpg
import pytest
from google.protobuf.message import DecodeError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callsheet.promo.v1 import events_pb2 as pb
from devstack.program import complete
from devstack.roles import DatabaseUrls
from server.adapters.eventlog.codec import Events, Lists, decode, encode_events
from server.adapters.eventlog.columns import EventRow
from server.core.clock import ManualClock, unix_microseconds
from server.core.ids import SystemIds
from server.promo.ingest.advertisers import Advertisers
from server.promo.ingest.events import Rejected
from server.promo.ingest.extra import normal_extra
from server.promo.ingest.lists import load_lists
from server.promo.ingest.reading import EventReader, Reading
from server.promo.tokens import TokenSigner, TokenState, TokenVerifier
from tests.rpc.events import HASHES, KEYS, event, placement

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW_US = unix_microseconds(NOW)
IDS = SystemIds(ManualClock(NOW))
READER = EventReader(Reading(TokenVerifier(KEYS), HASHES, Advertisers()), load_lists(None))
SHOWN = placement(issued_at=NOW, campaign_id=IDS.new("pcmp"), impression_id=IDS.new("pimp"))
GOOD = event(SHOWN, event_id=IDS.new("pevt"), extra_json='{"a": [1, "b"]}')
TOKEN = TokenSigner(KEYS).sign(SHOWN)

MANY = settings(max_examples=30_000, deadline=None, suppress_health_check=list(HealthCheck))

texts = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["\x00", "\n", "a\x00b", "é", "😀", "{}", "[", '{"a":1}', "::1", "::ffff:1.2.3.4", "fe80::1%eth0"]),
    st.sampled_from([GOOD.event_id, GOOD.campaign_id, GOOD.impression_id, TOKEN, TOKEN[:-1], TOKEN + "A", "127.0.0.1"]),
)
changes = st.dictionaries(
    st.sampled_from(
        [field.name for field in pb.ViewerEvent.DESCRIPTOR.fields if field.name not in ("type", "prefetch")]
    ),
    texts,
    max_size=4,
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def judged(one: pb.ViewerEvent) -> EventRow | None:
    """What the reader makes of it, having seen that the log takes it back unchanged."""
    row = READER.row(one, NOW_US)
    if isinstance(row, Rejected):
        field, _, rule = row.message.partition(": ")
        assert field.split("[")[0] in pb.ViewerEvent.DESCRIPTOR.fields_by_name
        assert rule
        return None
    found = decode(encode_events([row], NOW, Lists()))
    assert isinstance(found, Events)
    assert found.columns["event_id"].to_pylist() == [row.event_id]
    assert "\x00" not in "".join(value for value in row if isinstance(value, str))
    return row


def changed_field(changed: dict[str, str], kind: int, *, prefetch: bool) -> None:
    one = pb.ViewerEvent()
    one.CopyFrom(GOOD)
    one.type = kind  # type: ignore[assignment]  # numbers that are no type above all
    one.prefetch = prefetch
    for name, text in changed.items():
        setattr(one, name, text)
    row = judged(one)
    if row is not None and row.token_state == TokenState.VALID:
        assert (row.campaign_id, row.impression_id) == (SHOWN.campaign_id, SHOWN.impression_id)
        assert row.token_price_cents == SHOWN.price_cents


def damaged_bytes(place: int, value: int, cut: int) -> None:
    raw = bytearray(GOOD.SerializeToString())
    raw[place % len(raw)] = value
    try:
        one = pb.ViewerEvent.FromString(bytes(raw[: len(raw) - cut]))
    except DecodeError:
        return
    judged(one)


def damaged_token(places: list[tuple[int, int]]) -> None:
    letters = list(TOKEN)
    for place, code in places:
        letters[place % len(letters)] = chr(code)
    text = "".join(letters)
    checked = TokenVerifier(KEYS).verify(
        text,
        campaign_id=SHOWN.campaign_id,
        impression_id=SHOWN.impression_id,
        received_at_ms=NOW_US // 1000,
    )
    assert checked.state in TokenState
    if checked.token is not None:
        assert checked.token == SHOWN


fields_fuzz = given(changed=changes, kind=st.integers(0, 5), prefetch=st.booleans())
bytes_fuzz = given(st.integers(0, 2000), st.integers(0, 255), st.integers(0, 40))
token_fuzz = given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 300)), max_size=4))

test_any_field_may_hold_anything = settings(deadline=None)(fields_fuzz(changed_field))
test_any_byte_may_be_another = settings(deadline=None)(bytes_fuzz(damaged_bytes))
test_any_letter_of_a_token_may_be_another = settings(deadline=None)(token_fuzz(damaged_token))


@pytest.mark.soak
@pytest.mark.parametrize(
    "fuzz",
    [fields_fuzz(changed_field), bytes_fuzz(damaged_bytes), token_fuzz(damaged_token)],
    ids=["fields", "bytes", "tokens"],
)
def test_thirty_thousand_of_each(fuzz: Callable[[], None]) -> None:
    MANY(fuzz)()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.dictionaries(st.text(max_size=8), values, max_size=4), values), min_size=20, max_size=60))
def test_postgresql_takes_every_extra_that_we_take(database: DatabaseUrls, objects: list[object]) -> None:
    """What is taken is jsonb, and means the same there."""
    taken = []
    for value in objects:
        try:
            taken.append(normal_extra(json.dumps(value)))
        except ValueError:
            continue

    async def read_back() -> list[str]:
        connection = await asyncpg.connect(database.app_url)
        try:
            rows = await connection.fetch("select t::jsonb::text as j from unnest($1::text[]) as t", taken)
        finally:
            await connection.close()
        return [row["j"] for row in rows]

    found = complete(read_back())
    assert [meaning(text) for text in found] == [meaning(text) for text in taken]


def meaning(text: str) -> object:
    """What a text of JSON says; 1e3 and 1000 are one number."""
    return json.loads(text, parse_int=float)
