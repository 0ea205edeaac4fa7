"""Events on their way into Kafka: nothing but where the log is has changed."""

from collections.abc import Iterator

import grpc
import pytest

from callsheet.promo.v1 import events_pb2 as pb
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.ports import free_port
from devstack.roles import DatabaseUrls
from tests.rpc.events import BFF, batches, event, logged, placement, recorded
from tests.rpc.harness import refusal, running_server
from tests.support.kafka import running_kafka


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_kafka(tmp_path_factory.mktemp("kafka") / "node") as address:
        yield address


async def test_events_are_in_kafka_when_they_are_answered(database: DatabaseUrls, broker: str) -> None:
    async with running_server(database, kafka_brokers=broker) as server:
        promo = PromoServiceStub(server.channel)
        events = [event(placement()) for _ in range(500)]
        outcomes = await recorded(promo, *events)
        assert {outcome.result for outcome in outcomes} == {pb.EVENT_RESULT_ACCEPTED}
        request = pb.IngestEventsRequest(sequence=1, events=[event(placement()) for _ in range(100)])
        [answer] = [answer async for answer in promo.IngestEvents(iter([request]), metadata=BFF)]
        assert {outcome.result for outcome in answer.outcomes} == {pb.EVENT_RESULT_ACCEPTED}

        log = server.app.core.log
        found = {row["event_id"] for row in await logged(log)}
        assert found == {one.event_id for one in [*events, *request.events]}
        assert all([len(await batches(log, number)) for number in range(4)])


async def test_a_broker_that_is_away_refuses_and_says_when_to_come_again(database: DatabaseUrls) -> None:
    async with running_server(database, kafka_brokers=f"127.0.0.1:{free_port()}") as server:
        promo = PromoServiceStub(server.channel)
        request = pb.RecordEventsRequest(events=[event(placement())])
        refused = await refusal(promo.RecordEvents(request, metadata=BFF, timeout=60))
    assert (refused.code, refused.reason) == (grpc.StatusCode.UNAVAILABLE, "DEPENDENCY_DOWN")
    assert refused.retry_after is not None
