"""What the parties of an order write to each other."""

from callsheet.booking.v1 import chat_pb2
from server.booking.chat import convert as chat
from server.booking.servicer.parts import Answering
from server.core.call import current_actor


class ChatCalls(Answering):
    """What the parties of an order write to each other."""

    async def PostChatMessage(
        self, request: chat_pb2.PostChatMessageRequest, context: object
    ) -> chat_pb2.PostChatMessageResponse:
        command = chat.post_message(request, current_actor())
        result = await self._do.chat.post(command, self._once(request, chat.post_message_response))
        return chat.post_message_response(result)

    async def ListChatMessages(
        self, request: chat_pb2.ListChatMessagesRequest, context: object
    ) -> chat_pb2.ListChatMessagesResponse:
        command = chat.list_messages(request, current_actor())
        page = await self._do.chat.list(command)
        return chat.list_messages_response(page)
