"""Protobuf and chats, in both directions."""

from callsheet.booking.v1 import chat_pb2
from server.booking.chat.domain import ChatMessage
from server.booking.chat.usecases import ListMessages, PostMessage
from server.core.call import Actor
from server.core.grpc.proto import timestamp
from server.core.pagination import Page


def post_message(request: chat_pb2.PostChatMessageRequest, actor: Actor) -> PostMessage:
    return PostMessage(actor, request.order_id, request.body)


def list_messages(request: chat_pb2.ListChatMessagesRequest, actor: Actor) -> ListMessages:
    return ListMessages(actor, request.order_id, request.page_size, request.page_token)


def post_message_response(message: ChatMessage) -> chat_pb2.PostChatMessageResponse:
    return chat_pb2.PostChatMessageResponse(message=_message(message))


def list_messages_response(page: Page[ChatMessage]) -> chat_pb2.ListChatMessagesResponse:
    return chat_pb2.ListChatMessagesResponse(messages=map(_message, page.items), next_page_token=page.next_token)


def _message(message: ChatMessage) -> chat_pb2.ChatMessage:
    return chat_pb2.ChatMessage(
        message_id=message.message_id,
        sequence=message.sequence,
        author_user_id=message.author_user_id,
        body=message.body,
        created_at=timestamp(message.created_at),
    )
