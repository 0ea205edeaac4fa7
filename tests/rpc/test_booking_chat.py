"""What the parties of an order write to each other, over a socket."""

import asyncio

import pytest
from grpc import StatusCode

from callsheet.booking.v1 import chat_pb2 as pb
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from server.core.call import Role
from tests.rpc.booking import BUYER, PROVIDER, STRANGER, created, opened_chat
from tests.rpc.harness import Running, as_user, refusal

AGENT = as_user("usr_agent", Role.AGENT)


@pytest.fixture
async def order_id(server: Running) -> str:
    order_id = await created(BookingServiceStub(server.channel))
    await opened_chat(server, order_id)
    return order_id


async def written(booking: BookingServiceStub, order_id: str, body: str, user: str, **changes: str) -> pb.ChatMessage:
    request = pb.PostChatMessageRequest(order_id=order_id, body=body, **changes)
    return (await booking.PostChatMessage(request, metadata=as_user(user))).message


async def test_both_parties_write_and_staff_read_along(server: Running, order_id: str) -> None:
    booking = BookingServiceStub(server.channel)
    asked = await written(booking, order_id, "Which door?", BUYER)
    answered = await written(booking, order_id, "The second.", PROVIDER)
    request = pb.ListChatMessagesRequest(order_id=order_id)
    seen = [(await booking.ListChatMessages(request, metadata=who)).messages for who in (as_user(BUYER), AGENT)]

    assert (asked.sequence, answered.sequence) == (1, 2)
    assert list(seen[0]) == list(seen[1]) == [asked, answered]


async def test_the_numbers_of_concurrent_messages_have_no_gap(server: Running, order_id: str) -> None:
    booking = BookingServiceStub(server.channel)
    messages = await asyncio.gather(
        *(written(booking, order_id, f"{number}", BUYER if number % 2 else PROVIDER) for number in range(12))
    )
    assert sorted(message.sequence for message in messages) == list(range(1, 13))


async def test_a_repeated_message_with_one_key_is_one_message(server: Running, order_id: str) -> None:
    booking = BookingServiceStub(server.channel)
    first = await written(booking, order_id, "Here.", BUYER, idempotency_key="k1")
    again = await written(booking, order_id, "Here.", BUYER, idempotency_key="k1")
    assert first == again


async def test_a_chat_is_read_page_by_page(server: Running, order_id: str) -> None:
    booking = BookingServiceStub(server.channel)
    for number in range(5):
        await written(booking, order_id, f"{number}", BUYER)
    bodies, token = [], ""
    while True:
        request = pb.ListChatMessagesRequest(order_id=order_id, page_size=2, page_token=token)
        page = await booking.ListChatMessages(request, metadata=as_user(PROVIDER))
        bodies += [message.body for message in page.messages]
        token = page.next_page_token
        if not token:
            break
    assert bodies == ["0", "1", "2", "3", "4"]


async def test_nobody_writes_before_the_confirmation(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    draft = await created(booking)
    refused = await refusal(
        booking.PostChatMessage(pb.PostChatMessageRequest(order_id=draft, body="Hi"), metadata=as_user(BUYER))
    )
    listed = await booking.ListChatMessages(pb.ListChatMessagesRequest(order_id=draft), metadata=as_user(BUYER))
    assert (refused.code, refused.reason) == (StatusCode.FAILED_PRECONDITION, "CHAT_NOT_OPEN")
    assert list(listed.messages) == []


async def test_a_chat_does_not_exist_for_a_stranger(server: Running, order_id: str) -> None:
    booking = BookingServiceStub(server.channel)
    refused = [
        await refusal(call)
        for call in (
            booking.PostChatMessage(
                pb.PostChatMessageRequest(order_id=order_id, body="Hi"), metadata=as_user(STRANGER)
            ),
            booking.ListChatMessages(pb.ListChatMessagesRequest(order_id=order_id), metadata=as_user(STRANGER)),
            booking.PostChatMessage(pb.PostChatMessageRequest(order_id="ord_x", body="Hi"), metadata=as_user(BUYER)),
        )
    ]
    assert {(answer.code, answer.reason) for answer in refused} == {(StatusCode.NOT_FOUND, "NOT_FOUND")}


@pytest.mark.parametrize(
    ("body", "rule"), [("", "must be at least 1 characters"), ("x" * 10_001, "must be at most 10000 characters")]
)
async def test_a_bad_message_names_field_and_rule(server: Running, order_id: str, body: str, rule: str) -> None:
    booking = BookingServiceStub(server.channel)
    request = pb.PostChatMessageRequest(order_id=order_id, body=body)
    refused = await refusal(booking.PostChatMessage(request, metadata=as_user(BUYER)))
    assert (refused.code, refused.reason) == (StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert refused.violations == {"body": rule}
