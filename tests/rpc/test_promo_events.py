"""RecordEvents over the socket: each event judged by itself, and none called taken that is not in the log."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import grpc
import pytest
import redis.asyncio

from callsheet.promo.v1 import events_pb2 as pb
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.ports import free_port
from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from server.adapters.eventlog.columns import SCHEMA
from server.core.call import Role
from server.core.clock import SystemClock
from server.core.ids import encode, uuid7
from server.promo.domain.partitions import partition_of
from tests.rpc.events import BFF, HASHES, IDS, batches, event, logged, placement, recorded
from tests.rpc.harness import Running, as_user, refusal, running_server

NOW = SystemClock().now()


@pytest.fixture
async def server(database: DatabaseUrls, valkey_log: Valkey) -> AsyncIterator[Running]:
    async with running_server(database, log_url=valkey_log.url) as running:
        yield running


@pytest.fixture
def promo(server: Running) -> PromoServiceStub:
    return PromoServiceStub(server.channel)


def id_at(offset: timedelta) -> str:
    return f"pevt_{encode(uuid7(SystemClock().now() + offset, 1))}"


async def test_an_event_is_in_the_log_when_it_is_answered(server: Running, promo: PromoServiceStub) -> None:
    token = placement()
    click = event(token, extra_json='{"scroll": 0.5}')
    [outcome] = await recorded(promo, click)
    assert (outcome.event_id, outcome.result) == (click.event_id, pb.EVENT_RESULT_ACCEPTED)
    assert outcome.token_state == pb.TOKEN_STATE_VALID

    [row] = await logged(server.app.core.log)
    received_at, issued_at = row.pop("received_at"), row.pop("token_issued_at")
    assert str(received_at) >= str(NOW)
    assert str(issued_at) <= str(received_at)
    device = HASHES.device("device-1")
    assert row == {
        **dict.fromkeys(set(SCHEMA.names) - {"received_at", "token_issued_at"}),
        "event_id": click.event_id,
        "campaign_id": token.campaign_id,
        "impression_id": token.impression_id,
        "type": "click",
        "role": "photographer",
        "city": "berlin",
        "query_hash": "q1",
        "anon_fp_hash": device,
        "device_hash": device,
        "viewer_hash": device,
        "ip_hash": row["ip_hash"],
        "network_hash": row["network_hash"],
        "network_class": "unknown",
        "ua_hash": row["ua_hash"],
        "robot": False,
        "prefetch": False,
        "token_state": "valid",
        "token_price_cents": 150,
        "token_surface": "people_search",
        "token_listing_id": "srv_1",
        "token_slot": 3,
        "token_city": "berlin",
        "token_viewer_hash": device,
        "token_served_today": 7,
        "extra_json": '{"scroll":0.5}',
    }


async def test_nothing_of_a_viewer_is_kept_that_could_be_tried(server: Running, promo: PromoServiceStub) -> None:
    """The log's bytes hold neither address nor agent nor fingerprint."""
    await recorded(
        promo, event(placement(), ip_address="198.51.100.23", device="a-very-own-device", user_agent="Agent X")
    )
    [row] = await logged(server.app.core.log)
    stored = str(row)
    assert not [secret for secret in ("198.51.100", "a-very-own-device", "Agent X") if secret in stored]


async def test_a_batch_lies_in_the_partitions_of_its_campaigns(server: Running, promo: PromoServiceStub) -> None:
    events = [event(placement()) for _ in range(40)]
    await recorded(promo, *events)
    for number in range(4):
        expected = [e.event_id for e in events if partition_of(e.campaign_id, 4) == number]
        found = [
            row["event_id"] for batch in await batches(server.app.core.log, number) for row in batch.columns.to_pylist()
        ]
        assert found == expected


async def test_concurrent_calls_share_records(server: Running, promo: PromoServiceStub) -> None:
    campaign_id = IDS.new("pcmp")
    calls = [recorded(promo, event(placement(campaign_id))) for _ in range(60)]
    outcomes = await asyncio.gather(*calls)
    assert {outcome.result for [outcome] in outcomes} == {pb.EVENT_RESULT_ACCEPTED}
    found = await batches(server.app.core.log, partition_of(campaign_id, 4))
    assert sum(batch.columns.num_rows for batch in found) == 60
    assert len(found) < 60


BAD: dict[str, tuple[dict[str, object], str]] = {
    "no id": ({"event_id": ""}, "event_id: "),
    "another prefix": ({"event_id": IDS.new("evt")}, "event_id: "),
    "an id with NUL": ({"event_id": IDS.new("pevt")[:-1] + "\x00"}, "event_id: "),
    "an id without a time": ({"event_id": "pevt_" + "0" * 26}, "event_id: must be made of a UUIDv7"),
    "no type": ({"type": 0}, "type: "),
    "an unknown type": ({"type": 99}, "type: "),
    "no campaign": ({"campaign_id": "pcmp_1"}, "campaign_id: "),
    "no impression": ({"impression_id": "x"}, "impression_id: "),
    "a token as long as a letter": ({"token": "a" * 1501}, "token: "),
    "a token with NUL": ({"token": "a\x00"}, "token: must not contain NUL"),
    "no city": ({"city": ""}, "city: "),
    "a city with NUL": ({"city": "ber\x00lin"}, "city: must not contain NUL"),
    "a role with NUL": ({"role": "\x00"}, "role: must not contain NUL"),
    "no query": ({"query_hash": ""}, "query_hash: "),
    "a person who is none": ({"user_id": "svc_bff"}, "user_id: "),
    "no address": ({"ip_address": ""}, "ip_address: "),
    "a name for an address": ({"ip_address": "localhost"}, "ip_address: "),
    "no agent": ({"user_agent": ""}, "user_agent: "),
    "a device with NUL": ({"device": "a\x00b"}, "device: must not contain NUL"),
    "extra that is no JSON": ({"extra_json": "{"}, "extra_json: "),
    "extra that is no object": ({"extra_json": "[1]"}, "extra_json: "),
    "extra with NUL": ({"extra_json": '{"a": "\\u0000"}'}, "extra_json: "),
    "extra with half a character": ({"extra_json": '{"a": "\\ud800"}'}, "extra_json: "),
    "extra beyond numbers": ({"extra_json": '{"a": 1e999}'}, "extra_json: "),
    "extra that is not a number": ({"extra_json": '{"a": NaN}'}, "extra_json: "),
    "extra as deep as a well": ({"extra_json": '{"a":' + "[" * 1000 + "]" * 1000 + "}"}, "extra_json: "),
    "too much extra": ({"extra_json": '{"a":"' + "x" * 2048 + '"}'}, "extra_json: "),
}


async def test_each_bad_event_is_refused_by_name_and_the_good_ones_are_taken(
    server: Running, promo: PromoServiceStub
) -> None:
    good = [event(placement()) for _ in range(len(BAD))]
    bad = [event(placement(), **changes) for changes, _ in BAD.values()]
    outcomes = await recorded(promo, *[one for pair in zip(good, bad, strict=True) for one in pair])

    assert {outcome.result for outcome in outcomes[::2]} == {pb.EVENT_RESULT_ACCEPTED}
    for (name, (_, rule)), outcome in zip(BAD.items(), outcomes[1::2], strict=True):
        assert outcome.result == pb.EVENT_RESULT_REJECTED, name
        assert outcome.rejection == pb.EVENT_REJECTION_FIELD_INVALID, name
        assert outcome.message.startswith(rule), (name, outcome.message)
    assert {row["event_id"] for row in await logged(server.app.core.log)} == {one.event_id for one in good}


async def test_an_escaped_backslash_before_u0000_is_no_nul(server: Running, promo: PromoServiceStub) -> None:
    [outcome] = await recorded(promo, event(placement(), extra_json='{"path": "c:\\\\u0000"}'))
    assert outcome.result == pb.EVENT_RESULT_ACCEPTED


@pytest.mark.parametrize(
    ("offset", "rejection"),
    [
        (-timedelta(days=7, minutes=1), pb.EVENT_REJECTION_TOO_OLD),
        (-timedelta(days=6, hours=23), None),
        (timedelta(minutes=4), None),
        (timedelta(minutes=6), pb.EVENT_REJECTION_IN_FUTURE),
        (timedelta(days=3000), pb.EVENT_REJECTION_IN_FUTURE),
    ],
)
async def test_an_ids_time_has_a_window(
    promo: PromoServiceStub, offset: timedelta, rejection: pb.EventRejection.ValueType | None
) -> None:
    [outcome] = await recorded(promo, event(placement(), event_id=id_at(offset)))
    if rejection is None:
        assert outcome.result == pb.EVENT_RESULT_ACCEPTED
    else:
        assert (outcome.result, outcome.rejection) == (pb.EVENT_RESULT_REJECTED, rejection)


TOKENS: dict[str, tuple[Callable[[], pb.ViewerEvent], pb.TokenState.ValueType]] = {
    "valid": (lambda: event(placement()), pb.TOKEN_STATE_VALID),
    "missing": (lambda: event(placement(), token=""), pb.TOKEN_STATE_MISSING),
    "malformed": (lambda: event(placement(), token="AQIAAAGi"), pb.TOKEN_STATE_MALFORMED),
    "truncated": (lambda: event(placement(), token=event(placement()).token[:-4]), pb.TOKEN_STATE_FORGED),
    "foreign": (lambda: event(placement(), campaign_id=IDS.new("pcmp")), pb.TOKEN_STATE_FOREIGN),
    "another impression": (lambda: event(placement(), impression_id=IDS.new("pimp")), pb.TOKEN_STATE_FOREIGN),
    "expired": (lambda: event(placement(issued_at=NOW - timedelta(hours=3))), pb.TOKEN_STATE_EXPIRED),
}


async def test_what_a_token_is_stands_beside_its_event(server: Running, promo: PromoServiceStub) -> None:
    """Bad tokens are taken, so that they are shown as what they are; the stream charges nothing for them."""
    events = {name: make() for name, (make, _) in TOKENS.items()}
    outcomes = await recorded(promo, *events.values())
    assert [outcome.token_state for outcome in outcomes] == [state for _, state in TOKENS.values()]
    assert {outcome.result for outcome in outcomes} == {pb.EVENT_RESULT_ACCEPTED}

    found = {row["event_id"]: row for row in await logged(server.app.core.log)}
    by_name = {name: found[one.event_id] for name, one in events.items()}
    assert {name: row["token_price_cents"] for name, row in by_name.items()} == {
        "valid": 150,
        "missing": None,
        "malformed": None,
        "truncated": None,
        "foreign": 150,
        "another impression": 150,
        "expired": 150,
    }
    assert by_name["foreign"]["token_campaign_id"] not in (None, by_name["foreign"]["campaign_id"])
    assert by_name["valid"]["token_campaign_id"] is None


async def test_what_a_valid_token_says_stands_before_what_the_event_says(
    server: Running, promo: PromoServiceStub
) -> None:
    said = {"role": "model", "query_hash": "other", "city": "hamburg"}
    await recorded(promo, event(placement(), **said))
    await recorded(promo, event(placement(), token="", **said))
    by_state = {row["token_state"]: row for row in await logged(server.app.core.log)}
    valid, missing = by_state["valid"], by_state["missing"]
    assert (valid["role"], valid["query_hash"]) == ("photographer", "q1")
    assert (valid["city"], valid["token_city"]) == ("hamburg", "berlin")
    assert (missing["role"], missing["query_hash"], missing["city"]) == ("model", "other", "hamburg")


async def test_what_comes_again_is_a_duplicate_and_in_the_log_once(server: Running, promo: PromoServiceStub) -> None:
    one, other = event(placement()), event(placement())
    first = await recorded(promo, one, one)
    second = await recorded(promo, one, other)
    assert [outcome.result for outcome in first] == [pb.EVENT_RESULT_ACCEPTED, pb.EVENT_RESULT_DUPLICATE]
    assert [outcome.result for outcome in second] == [pb.EVENT_RESULT_DUPLICATE, pb.EVENT_RESULT_ACCEPTED]
    assert len(await logged(server.app.core.log)) == 2


async def test_a_known_id_with_other_content_is_refused(server: Running, promo: PromoServiceStub) -> None:
    one = event(placement())
    await recorded(promo, one)
    another = [
        event(placement(), event_id=one.event_id),
        event(placement(one.campaign_id), event_id=one.event_id),
    ]
    outcomes = await recorded(promo, *another)
    assert {outcome.rejection for outcome in outcomes} == {pb.EVENT_REJECTION_ID_REUSED}
    assert len(await logged(server.app.core.log)) == 1


async def test_an_id_stands_for_one_event_within_a_batch_too(server: Running, promo: PromoServiceStub) -> None:
    one, other = event(placement()), event(placement())
    outcomes = await recorded(promo, one, event(placement(), event_id=one.event_id), other)
    assert [outcome.result for outcome in outcomes] == [
        pb.EVENT_RESULT_ACCEPTED,
        pb.EVENT_RESULT_REJECTED,
        pb.EVENT_RESULT_ACCEPTED,
    ]
    assert outcomes[1].rejection == pb.EVENT_REJECTION_ID_REUSED
    stored = {(row["event_id"], row["campaign_id"]) for row in await logged(server.app.core.log)}
    assert stored == {(one.event_id, one.campaign_id), (other.event_id, other.campaign_id)}


async def test_a_batch_has_a_size(promo: PromoServiceStub) -> None:
    for events in ([], [event(placement())] * 501):
        refused = await refusal(promo.RecordEvents(pb.RecordEventsRequest(events=events), metadata=BFF))
        assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
        assert list(refused.violations) == ["events"]


async def test_only_services_tell_of_viewers(promo: PromoServiceStub) -> None:
    request = pb.RecordEventsRequest(events=[event(placement())])
    for roles in ([Role.USER], [Role.ADMIN]):
        refused = await refusal(promo.RecordEvents(request, metadata=as_user("usr_a", *roles)))
        assert (refused.code, refused.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED")


async def test_a_robot_and_a_data_centre_are_told(server: Running, promo: PromoServiceStub) -> None:
    await recorded(
        promo,
        event(placement(), user_agent="Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
        event(placement(), ip_address="::ffff:95.216.1.2"),
        event(placement(), ip_address="2a01:4f9::1", prefetch=True),
    )
    found = await logged(server.app.core.log)
    assert sorted((row["network_class"], row["robot"], row["prefetch"]) for row in found) == [
        ("data_centre", False, False),
        ("data_centre", False, True),
        ("unknown", True, False),
    ]
    lists = {batch.lists for number in range(4) for batch in await batches(server.app.core.log, number)}
    assert [(one.networks, one.robots) for one in lists] == [("2026-11-01", "2026-11-01")]


async def test_a_log_that_is_away_refuses_and_says_when_to_come_again(database: DatabaseUrls) -> None:
    async with running_server(database, log_url=f"redis://127.0.0.1:{free_port()}/0") as server:
        promo = PromoServiceStub(server.channel)
        refused = await refusal(promo.RecordEvents(pb.RecordEventsRequest(events=[event(placement())]), metadata=BFF))
    assert (refused.code, refused.reason) == (grpc.StatusCode.UNAVAILABLE, "DEPENDENCY_DOWN")
    assert refused.metadata["dependency"] == "event_log"
    assert refused.retry_after == timedelta(seconds=1)


async def test_a_full_log_refuses_and_loses_nothing(database: DatabaseUrls, valkey_log: Valkey) -> None:
    """What was answered as taken is in the log; what was refused can be sent again when there is room."""
    async with running_server(database, log_url=valkey_log.url, log_partition_bytes=1024 * 1024) as server:
        promo = PromoServiceStub(server.channel)
        campaign_id = IDS.new("pcmp")
        taken: list[str] = []
        while True:
            events = [event(placement(campaign_id), device=IDS.new("d")) for _ in range(500)]
            call = promo.RecordEvents(pb.RecordEventsRequest(events=events), metadata=BFF)
            if await call.code() is grpc.StatusCode.RESOURCE_EXHAUSTED:
                break
            taken += [outcome.event_id for outcome in (await call).outcomes]
        log = server.app.core.log
        assert len(taken) >= 500
        assert [row["event_id"] for row in await logged(log)] == taken

        refused = await refusal(promo.RecordEvents(pb.RecordEventsRequest(events=events), metadata=BFF))
        assert (refused.reason, refused.retry_after) == ("LOG_FULL", timedelta(seconds=1))
        assert [row["event_id"] for row in await logged(log)] == taken
        async with redis.asyncio.Redis.from_url(valkey_log.url) as client:
            await client.flushall()
        assert {outcome.result for outcome in await recorded(promo, *events)} == {pb.EVENT_RESULT_ACCEPTED}
