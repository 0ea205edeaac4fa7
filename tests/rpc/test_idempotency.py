"""One effect per key, however many calls carry it."""

import asyncio

import asyncpg
import grpc

from callsheet.booking.v1 import ordering_pb2 as pb
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from devstack.roles import DatabaseUrls
from tests.rpc.booking import BUYER, STRANGER, offered, terms
from tests.rpc.harness import Running, as_user, refusal

CALLS = 40


async def test_forty_concurrent_calls_with_one_key_have_one_effect(server: Running, database: DatabaseUrls) -> None:
    booking = BookingServiceStub(server.channel)
    request = pb.CreateOrderRequest(terms=terms(await offered(booking)), idempotency_key="checkout-1")
    metadata = as_user(BUYER)

    async def attempt() -> tuple[bytes, bool]:
        call = booking.CreateOrder(request, metadata=metadata)
        answer = await call
        trailing = dict(await call.trailing_metadata())
        return answer.SerializeToString(deterministic=True), trailing.get("idempotent-replay") == "true"

    answers = await asyncio.gather(*(attempt() for _ in range(CALLS)))

    assert len({answer for answer, _ in answers}) == 1
    assert sorted(replayed for _, replayed in answers) == [False] + [True] * (CALLS - 1)
    connection = await asyncpg.connect(database.app_url)
    assert await connection.fetchval("select count(*) from booking.order") == 1
    assert await connection.fetchval("select count(*) from core.idempotency_key where response is not null") == 1
    assert await connection.fetchval("select count(*) from core.outbox") == 1
    await connection.close()


async def test_a_key_with_other_content_is_refused(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    asked = terms(await offered(booking))
    metadata = as_user(BUYER, idempotency_key="checkout-2")
    await booking.CreateOrder(pb.CreateOrderRequest(terms=asked), metadata=metadata)
    asked.tip_cents += 1
    refused = await refusal(booking.CreateOrder(pb.CreateOrderRequest(terms=asked), metadata=metadata))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "IDEMPOTENCY_KEY_REUSED")


async def test_the_header_and_the_field_are_the_same_key(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    asked = terms(await offered(booking))
    by_header = booking.CreateOrder(
        pb.CreateOrderRequest(terms=asked), metadata=as_user(BUYER, idempotency_key="checkout-3")
    )
    by_field = booking.CreateOrder(
        pb.CreateOrderRequest(terms=asked, idempotency_key="checkout-3"), metadata=as_user(BUYER)
    )
    assert (await by_header).order == (await by_field).order

    both = pb.CreateOrderRequest(terms=asked, idempotency_key="checkout-3")
    refused = await refusal(booking.CreateOrder(both, metadata=as_user(BUYER, idempotency_key="another")))
    assert refused.violations.keys() == {"idempotency_key"}


async def test_keys_of_different_callers_are_different(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    request = pb.CreateOrderRequest(terms=terms(await offered(booking)), idempotency_key="checkout-4")
    first = await booking.CreateOrder(request, metadata=as_user(BUYER))
    second = await booking.CreateOrder(request, metadata=as_user(STRANGER))
    assert first.order.order_id != second.order.order_id


async def test_a_failure_is_not_remembered(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    metadata = as_user(BUYER, idempotency_key="checkout-5")
    asked = terms(await offered(booking))
    wrong = pb.CreateOrderRequest(terms=asked, quote_hash="0" * 64)
    assert (await refusal(booking.CreateOrder(wrong, metadata=metadata))).reason == "QUOTE_CHANGED"
    assert (await booking.CreateOrder(pb.CreateOrderRequest(terms=asked), metadata=metadata)).order.version == 1


async def test_a_call_does_not_wait_for_ever_for_another_with_its_key(server: Running, database: DatabaseUrls) -> None:
    booking = BookingServiceStub(server.channel)
    request = pb.CreateOrderRequest(terms=terms(await offered(booking)), idempotency_key="checkout-6")
    other = await asyncpg.connect(database.app_url)
    async with other.transaction():
        await other.execute(
            """insert into core.idempotency_key (principal, method, key, request_hash, expires_at)
               values ($1, '/callsheet.booking.v1.BookingService/CreateOrder', 'checkout-6', $2, now() + interval '1
               day')""",
            BUYER,
            bytes(32),
        )
        refused = await refusal(booking.CreateOrder(request, metadata=as_user(BUYER)))
        await other.execute("delete from core.idempotency_key")
    await other.close()
    assert (refused.code, refused.reason) == (grpc.StatusCode.ABORTED, "IDEMPOTENCY_KEY_IN_USE")
    assert refused.retry_after is not None
    assert (await booking.CreateOrder(request, metadata=as_user(BUYER))).order.version == 1
