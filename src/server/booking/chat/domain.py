"""What a chat is. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of an order's thread; its sequence has no gap."""

    chat_thread_id: str
    sequence: int
    message_id: str
    author_user_id: str
    body: str
    created_at: datetime
