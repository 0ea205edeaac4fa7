"""Rows of threads and messages, and what they mean."""

from datetime import datetime
from typing import cast

from callsheet.sql.booking_chat import Queries
from server.booking.chat.domain import ChatMessage
from server.core.db import Tx, load_queries

_queries = load_queries("server.booking.chat", Queries)


class ChatRepository:
    """Reads and writes chats on the caller's transaction."""

    async def open(self, tx: Tx, chat_thread_id: str, order_id: str, now: datetime) -> None:
        """Opens an order's thread, in the step that confirms it and before the order names it."""
        await _queries.open_thread(tx, chat_thread_id=chat_thread_id, order_id=order_id, now=now)

    async def take_number(self, tx: Tx, chat_thread_id: str) -> int:
        """The next message's number, so that no gap is left; others who write wait for it."""
        return cast("int", await _queries.take_number(tx, chat_thread_id=chat_thread_id))

    async def insert(self, tx: Tx, message: ChatMessage) -> None:
        await _queries.insert_message(
            tx,
            chat_thread_id=message.chat_thread_id,
            sequence=message.sequence,
            message_id=message.message_id,
            author_user_id=message.author_user_id,
            body=message.body,
            now=message.created_at,
        )

    async def after(self, tx: Tx, chat_thread_id: str, sequence: int, limit: int) -> list[ChatMessage]:
        """Oldest first."""
        rows = await _queries.messages_after(tx, chat_thread_id=chat_thread_id, sequence=sequence, limit=limit)
        return [
            ChatMessage(
                row["chat_thread_id"],
                row["sequence"],
                row["message_id"],
                row["author_user_id"],
                row["body"],
                row["created_at"],
            )
            for row in rows
        ]
