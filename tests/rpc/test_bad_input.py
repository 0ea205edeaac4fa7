"""Whatever is wrong with a call: the documented code, reason and message, and nothing stored."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import asyncpg
import grpc
import pytest

from callsheet.booking.v1 import ordering_pb2 as pb
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from callsheet.directory.v1 import directory_pb2
from callsheet.directory.v1.directory_pb2_grpc import DirectoryServiceStub
from devstack.roles import DatabaseUrls
from server.core.call import Role
from tests.rpc.booking import BUYER, STRANGER, created, offered, terms
from tests.rpc.harness import Running, as_user, raw_call, refusal, running_server, token
from tests.support.waiting import eventually

GET_ORDER = "/callsheet.booking.v1.BookingService/GetOrder"
SOME_ORDER = pb.GetOrderRequest(order_id="ord_01jd3x0000000000000000000")


async def test_a_missing_token(server: Running) -> None:
    refused = await refusal(BookingServiceStub(server.channel).GetOrder(SOME_ORDER))
    assert (refused.code, refused.reason) == (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_MISSING")
    assert refused.message == "authorization: a bearer token is required"


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("Bearer not.a.token", "TOKEN_INVALID"),
        ("Basic dXNlcjpwYXNz", "TOKEN_INVALID"),
        ("Bearer ", "TOKEN_INVALID"),
        (f"Bearer {token('usr_a', lifetime=timedelta(hours=-1))}", "TOKEN_EXPIRED"),
        (f"Bearer {token('usr_a', key='another-key-of-at-least-32-bytes!')}", "TOKEN_INVALID"),
        (f"Bearer {token('somebody')}", "TOKEN_INVALID"),
    ],
)
async def test_a_token_that_is_not_good(server: Running, header: str, reason: str) -> None:
    call = BookingServiceStub(server.channel).GetOrder(SOME_ORDER, metadata=(("authorization", header),))
    refused = await refusal(call)
    assert (refused.code, refused.reason) == (grpc.StatusCode.UNAUTHENTICATED, reason)


async def test_a_role_that_is_not_admitted(server: Running) -> None:
    erase = DirectoryServiceStub(server.channel).EraseUser(
        directory_pb2.EraseUserRequest(user_id="usr_a"), metadata=as_user("usr_a", Role.USER)
    )
    refused = await refusal(erase)
    assert (refused.code, refused.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED")
    assert refused.metadata["roles"] == "admin"


async def test_another_person_than_the_caller(server: Running) -> None:
    read = DirectoryServiceStub(server.channel).GetUser(
        directory_pb2.GetUserRequest(user_id="usr_b"), metadata=as_user("usr_a")
    )
    refused = await refusal(read)
    assert (refused.code, refused.reason) == (grpc.StatusCode.PERMISSION_DENIED, "NOT_SELF")
    assert refused.metadata["field"] == "user_id"


@pytest.mark.parametrize("roles", [(Role.USER,), (Role.ADMIN,)])
async def test_a_forged_delegation(server: Running, roles: tuple[Role, ...]) -> None:
    metadata = as_user("usr_a", *roles, x_on_behalf_of="usr_b")
    refused = await refusal(BookingServiceStub(server.channel).GetOrder(SOME_ORDER, metadata=metadata))
    assert (refused.code, refused.reason) == (grpc.StatusCode.PERMISSION_DENIED, "DELEGATION_FORBIDDEN")


async def test_a_service_acts_with_the_rights_of_whom_it_names(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    order = (
        await booking.CreateOrder(
            pb.CreateOrderRequest(terms=terms(await offered(booking))),
            metadata=as_user("svc_bff", Role.SERVICE, x_on_behalf_of=BUYER),
        )
    ).order
    assert order.buyer_user_id == BUYER
    as_stranger = as_user("svc_bff", Role.SERVICE, x_on_behalf_of=STRANGER)
    refused = await refusal(booking.GetOrder(pb.GetOrderRequest(order_id=order.order_id), metadata=as_stranger))
    assert refused.reason == "NOT_FOUND"


@pytest.mark.parametrize(
    "raw",
    [b"\x0a\xff", b"\x0a\x02\xc3\x28", b"\xff\xff\xff\xff", b"\x0a\x05ab"],
    ids=["length without bytes", "text that is not UTF-8", "no field", "truncated"],
)
async def test_bytes_that_are_no_message(server: Running, raw: bytes) -> None:
    refused = await refusal(raw_call(server, GET_ORDER, raw, BUYER))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_REQUEST")
    assert refused.message == "the request is not a valid callsheet.booking.v1.GetOrderRequest"


async def test_nul_in_a_text(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    asked = terms(await offered(booking))
    asked.location_address = "Somewhere\x00"
    refused = await refusal(booking.CreateOrder(pb.CreateOrderRequest(terms=asked), metadata=as_user(BUYER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert refused.violations == {"terms.location_address": "must not contain NUL"}


async def test_a_message_over_the_limit(database: DatabaseUrls) -> None:
    async with running_server(database, message_limit_bytes=2048) as server:
        raw = pb.GetOrderRequest(order_id="o" * 3000).SerializeToString()
        refused = await refusal(raw_call(server, GET_ORDER, raw, BUYER))
        assert (refused.code, refused.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE")
        assert refused.metadata["limit"] == "2048"


async def test_a_message_far_over_the_limit_is_refused_by_the_transport(database: DatabaseUrls) -> None:
    async with running_server(database, message_limit_bytes=2048) as server:
        raw = pb.GetOrderRequest(order_id="o" * 10_000).SerializeToString()
        refused = await refusal(raw_call(server, GET_ORDER, raw, BUYER))
        assert refused.code is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_every_broken_rule_is_named(server: Running) -> None:
    call = BookingServiceStub(server.channel).ListOrders(
        pb.ListOrdersRequest(page_size=-1, page_token="x" * 2000), metadata=as_user(BUYER)
    )
    refused = await refusal(call)
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert set(refused.violations) == {"page_size", "page_token"}


async def test_page_tokens_belong_to_their_listing(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await offered(booking)
    for _ in range(3):
        await booking.CreateOrder(pb.CreateOrderRequest(terms=terms(profile)), metadata=as_user(BUYER))
    page = await booking.ListOrders(pb.ListOrdersRequest(page_size=2), metadata=as_user(BUYER))
    rest = await booking.ListOrders(
        pb.ListOrdersRequest(page_size=2, page_token=page.next_page_token), metadata=as_user(BUYER)
    )
    assert [len(page.orders), len(rest.orders), rest.next_page_token] == [2, 1, ""]
    assert len({order.order_id for order in [*page.orders, *rest.orders]}) == 3

    forged = page.next_page_token[:-4] + ("AAAA" if page.next_page_token[-4:] != "AAAA" else "BBBB")
    foreign: list[tuple[pb.ListOrdersRequest, str]] = [
        (pb.ListOrdersRequest(page_token="nonsense"), BUYER),
        (pb.ListOrdersRequest(page_token=forged), BUYER),
        (pb.ListOrdersRequest(page_token=page.next_page_token), STRANGER),
        (pb.ListOrdersRequest(page_token=page.next_page_token, side=pb.SIDE_PROVIDER), BUYER),
    ]
    for request, caller in foreign:
        refused = await refusal(booking.ListOrders(request, metadata=as_user(caller)))
        assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID")


async def test_a_deadline_that_has_passed(server: Running) -> None:
    call = BookingServiceStub(server.channel).GetOrder(SOME_ORDER, metadata=as_user(BUYER), timeout=0.000001)
    assert (await refusal(call)).code is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_the_servers_own_deadline_ends_a_call_that_set_none(database: DatabaseUrls) -> None:
    async with running_server(database, default_deadline_seconds=0.3) as server:
        booking = BookingServiceStub(server.channel)
        order_id = await created(booking)
        async with locked_order(database, order_id):
            cancel = pb.CancelOrderRequest(order_id=order_id)
            refused = await refusal(booking.CancelOrder(cancel, metadata=as_user(BUYER)))
        assert (refused.code, refused.reason) == (grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED")
        assert await version_of(booking, order_id) == 1


async def test_a_client_that_goes_away_leaves_nothing_behind(server: Running, database: DatabaseUrls) -> None:
    booking = BookingServiceStub(server.channel)
    order_id = await created(booking)
    async with locked_order(database, order_id) as locked:
        call = booking.CancelOrder(pb.CancelOrderRequest(order_id=order_id), metadata=as_user(BUYER))
        await locked.until_somebody_waits()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await locked.until_nobody_waits()
    assert await version_of(booking, order_id) == 1


async def test_a_rate_over_the_limit(database: DatabaseUrls) -> None:
    async with running_server(database, calls_per_second=5) as server:
        booking = BookingServiceStub(server.channel)
        calls = [refusal(booking.GetOrder(SOME_ORDER, metadata=as_user(BUYER))) for _ in range(20)]
        limited = [answer for answer in await asyncio.gather(*calls) if answer.reason == "RATE_LIMITED"]
        other = await refusal(booking.GetOrder(SOME_ORDER, metadata=as_user(STRANGER)))
    assert limited
    assert {answer.code for answer in limited} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert all(answer.retry_after and answer.retry_after <= timedelta(seconds=1) for answer in limited)
    assert other.reason == "NOT_FOUND"


async def test_a_database_that_is_down(database: DatabaseUrls) -> None:
    nowhere = replace(database, app_url="postgresql://callsheet_app:x@127.0.0.1:1/callsheet")
    async with running_server(nowhere) as server:
        refused = await refusal(BookingServiceStub(server.channel).GetOrder(SOME_ORDER, metadata=as_user(BUYER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.UNAVAILABLE, "DEPENDENCY_DOWN")
    assert refused.metadata["dependency"] == "postgresql"
    assert refused.retry_after is not None
    assert "127.0.0.1" not in refused.message


async def test_a_database_that_goes_away_and_comes_back(server: Running, database: DatabaseUrls) -> None:
    """Every connection is killed between two calls: the next one finds a new connection by itself."""
    booking = BookingServiceStub(server.channel)
    order_id = await created(booking)
    admin = await asyncpg.connect(database.app_url)
    await admin.execute(
        """select pg_terminate_backend(pid) from pg_stat_activity
           where usename = current_user and datname = current_database() and pid <> pg_backend_pid()"""
    )
    await admin.close()
    cancelled = await booking.CancelOrder(pb.CancelOrderRequest(order_id=order_id), metadata=as_user(BUYER))
    assert cancelled.order.version == 2


async def test_a_defect_of_ours_says_nothing_but_its_correlation_id(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: object, tx: object, order_id: str) -> None:
        raise RuntimeError(f"secret detail about {order_id}")

    monkeypatch.setattr("server.booking.repository.BookingRepository.get", broken)
    metadata = (*as_user(BUYER), ("x-correlation-id", "correlation-1"))
    refused = await refusal(BookingServiceStub(server.channel).GetOrder(SOME_ORDER, metadata=metadata))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    assert refused.message == "something went wrong on our side"
    assert refused.metadata == {"correlation_id": "correlation-1"}


async def test_an_unknown_method(server: Running) -> None:
    unknown = raw_call(server, "/callsheet.booking.v1.BookingService/Fly", b"", BUYER)
    assert (await refusal(unknown)).code is grpc.StatusCode.UNIMPLEMENTED


async def version_of(booking: BookingServiceStub, order_id: str) -> int:
    return (await booking.GetOrder(pb.GetOrderRequest(order_id=order_id), metadata=as_user(BUYER))).order.version


@dataclass(frozen=True, slots=True)
class LockedOrder:
    """An order whose row somebody else holds."""

    holder: "asyncpg.Connection[asyncpg.Record]"

    async def until_somebody_waits(self) -> None:
        await eventually(self._somebody_waits, "somebody to wait for the order's lock")

    async def until_nobody_waits(self) -> None:
        await eventually(self._nobody_waits, "nobody to wait for the order's lock")

    async def _somebody_waits(self) -> bool:
        waiting: int = await self.holder.fetchval(
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        )
        return waiting > 0

    async def _nobody_waits(self) -> bool:
        return not await self._somebody_waits()


@asynccontextmanager
async def locked_order(database: DatabaseUrls, order_id: str) -> AsyncIterator[LockedOrder]:
    """Holds an order's row for the block."""
    holder = await asyncpg.connect(database.app_url)
    try:
        async with holder.transaction():
            await holder.execute("select from booking.order where order_id = $1 for update", order_id)
            yield LockedOrder(holder)
    finally:
        await holder.close()
