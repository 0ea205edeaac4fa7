"""IngestEvents over the socket: batches in, answers out, and never more under way than may be."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import grpc
import pytest

from callsheet.promo.v1 import events_pb2 as pb
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.ports import free_port
from devstack.roles import DatabaseUrls
from devstack.valkey import Valkey
from server.core.call import Role
from tests.rpc.events import BFF, IDS, event, logged, placement
from tests.rpc.harness import Running, as_user, read_refusal, running_server
from tests.support.waiting import eventually


@pytest.fixture
async def server(database: DatabaseUrls, valkey_log: Valkey) -> AsyncIterator[Running]:
    async with running_server(database, log_url=valkey_log.url) as running:
        yield running


@pytest.fixture
def promo(server: Running) -> PromoServiceStub:
    return PromoServiceStub(server.channel)


def request(sequence: int, events: Sequence[pb.ViewerEvent]) -> pb.IngestEventsRequest:
    return pb.IngestEventsRequest(sequence=sequence, events=events)


async def streamed(promo: PromoServiceStub, *requests: pb.IngestEventsRequest) -> list[pb.IngestEventsResponse]:
    """Sends everything at once and reads to the end."""
    return [answer async for answer in promo.IngestEvents(iter(requests), metadata=BFF)]


async def test_batches_are_answered_in_their_order_each_event_in_its_place(
    server: Running, promo: PromoServiceStub
) -> None:
    sent = [[event(placement()) for _ in range(25)] for _ in range(20)]
    answers = await streamed(promo, *[request(number + 1, events) for number, events in enumerate(sent)])
    assert [answer.sequence for answer in answers] == list(range(1, 21))
    for events, answer in zip(sent, answers, strict=True):
        assert [outcome.event_id for outcome in answer.outcomes] == [one.event_id for one in events]
        assert {outcome.result for outcome in answer.outcomes} == {pb.EVENT_RESULT_ACCEPTED}
    assert len(await logged(server.app.core.log)) == 500


async def test_a_bad_event_keeps_the_others_of_its_batch(server: Running, promo: PromoServiceStub) -> None:
    [answer] = await streamed(
        promo, request(1, [event(placement()), event(placement(), city="\x00"), event(placement())])
    )
    assert [outcome.result for outcome in answer.outcomes] == [
        pb.EVENT_RESULT_ACCEPTED,
        pb.EVENT_RESULT_REJECTED,
        pb.EVENT_RESULT_ACCEPTED,
    ]
    assert len(await logged(server.app.core.log)) == 2


async def test_an_answer_waits_for_no_later_batch(promo: PromoServiceStub) -> None:
    """A client that sends the next batch only when it was answered gets on."""
    call = promo.IngestEvents(metadata=BFF)
    for number in range(1, 6):
        await call.write(request(number, [event(placement())]))
        answer = await call.read()
        assert isinstance(answer, pb.IngestEventsResponse)
        assert answer.sequence == number
    await call.done_writing()
    assert await call.read() is grpc.aio.EOF
    assert await call.code() is grpc.StatusCode.OK


async def test_an_oversize_batch_ends_the_stream_after_the_answers_before_it(
    server: Running, promo: PromoServiceStub
) -> None:
    call = promo.IngestEvents(
        iter(
            [request(1, [event(placement())]), request(2, [event(placement())] * 501), request(3, [event(placement())])]
        ),
        metadata=BFF,
    )
    first = await call.read()
    assert isinstance(first, pb.IngestEventsResponse)
    assert first.sequence == 1
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call.read()
    refused = read_refusal(error.value)
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert list(refused.violations) == ["events"]
    assert len(await logged(server.app.core.log)) == 1


async def test_a_log_that_is_away_ends_the_stream_and_says_when_to_come_again(database: DatabaseUrls) -> None:
    async with running_server(database, log_url=f"redis://127.0.0.1:{free_port()}/0") as server:
        promo = PromoServiceStub(server.channel)
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await streamed(promo, request(1, [event(placement())]), request(2, [event(placement())]))
    refused = read_refusal(error.value)
    assert (refused.code, refused.reason) == (grpc.StatusCode.UNAVAILABLE, "DEPENDENCY_DOWN")
    assert refused.retry_after == timedelta(seconds=1)


async def test_a_full_log_ends_the_stream_and_loses_nothing(database: DatabaseUrls, valkey_log: Valkey) -> None:
    """What was answered is in the log. What was not is sent again once there is room, and then all of it is there."""
    campaign_id = IDS.new("pcmp")
    sent = [
        request(number, [event(placement(campaign_id), device=IDS.new("d")) for _ in range(500)])
        for number in range(1, 41)
    ]
    answered: list[pb.IngestEventsResponse] = []
    async with running_server(database, log_url=valkey_log.url, log_partition_bytes=1024 * 1024) as server:
        with pytest.raises(grpc.aio.AioRpcError) as error:  # noqa: PT012  what came before the error counts
            async for answer in PromoServiceStub(server.channel).IngestEvents(iter(sent), metadata=BFF):
                answered.append(answer)  # noqa: PERF401
        stored = {row["event_id"] for row in await logged(server.app.core.log)}
    refused = read_refusal(error.value)
    assert (refused.code, refused.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "LOG_FULL")
    assert refused.retry_after == timedelta(seconds=1)
    assert 0 < len(answered) < len(sent)
    assert {outcome.event_id for answer in answered for outcome in answer.outcomes} <= stored

    async with running_server(database, log_url=valkey_log.url) as server:
        await streamed(PromoServiceStub(server.channel), *sent[len(answered) :])
        stored = {row["event_id"] for row in await logged(server.app.core.log)}
    assert stored == {one.event_id for batch in sent for one in batch.events}


async def test_a_client_that_goes_away_leaves_nothing_running(server: Running, promo: PromoServiceStub) -> None:
    call = promo.IngestEvents(metadata=BFF)
    await call.write(request(1, [event(placement())]))
    await call.read()
    before = len(asyncio.all_tasks())
    call.cancel()

    async def ended() -> bool:
        return len(asyncio.all_tasks()) < before

    await eventually(ended, "the end of what the stream had started")


async def test_what_was_not_answered_is_sent_again_without_harm(server: Running, promo: PromoServiceStub) -> None:
    events = [event(placement()) for _ in range(10)]
    await streamed(promo, request(1, events))
    [answer] = await streamed(promo, request(1, events))
    assert {outcome.result for outcome in answer.outcomes} == {pb.EVENT_RESULT_DUPLICATE}
    assert len(await logged(server.app.core.log)) == 10


async def test_only_services_tell_of_viewers(promo: PromoServiceStub) -> None:
    call = promo.IngestEvents(iter([request(1, [event(placement())])]), metadata=as_user("usr_a", Role.USER))
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call.read()
    assert read_refusal(error.value).reason == "ROLE_REQUIRED"


async def test_two_streams_and_calls_share_partitions(server: Running, promo: PromoServiceStub) -> None:
    campaign_id = IDS.new("pcmp")
    streams = [
        streamed(promo, *[request(number, [event(placement(campaign_id))] * 1) for number in range(1, 11)])
        for _ in range(4)
    ]
    answers = await asyncio.gather(*streams)
    assert [len(found) for found in answers] == [10] * 4
    assert len(await logged(server.app.core.log)) == 40
