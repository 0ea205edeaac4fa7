"""What the parties do with their chat."""

from dataclasses import dataclass

from server.booking.book import side_of, visible
from server.booking.chat.domain import ChatMessage
from server.booking.chat.errors import ChatNotOpen
from server.booking.chat.repository import ChatRepository
from server.booking.repository import BookingRepository
from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.ids import Ids
from server.core.pagination import Listing, Page, PageTokens, page_size


@dataclass(frozen=True, slots=True)
class PostMessage:
    """A party writes to the other one."""

    actor: Actor
    order_id: str
    body: str


@dataclass(frozen=True, slots=True)
class ListMessages:
    """A page of an order's chat."""

    actor: Actor
    order_id: str
    page_size: int
    page_token: str


class Chat:
    """The operations on chats. A thread stays open when its order has ended: there is always something to return."""

    def __init__(
        self,
        database: Database,
        orders: BookingRepository,
        repository: ChatRepository,
        clock: Clock,
        ids: Ids,
        pages: PageTokens,
    ) -> None:
        self._database = database
        self._orders = orders
        self._repository = repository
        self._clock = clock
        self._ids = ids
        self._pages = pages

    async def post(self, command: PostMessage, once: Guard[ChatMessage] | None) -> ChatMessage:
        """Stores a message of a party's. Staff read along, and write in their case."""

        async def work(tx: Tx) -> ChatMessage:
            order = visible(await self._orders.get(tx, command.order_id), command.order_id, command.actor)
            side_of(order, command.actor)
            if not order.chat_thread_id:
                raise ChatNotOpen(order.order_id)
            message = ChatMessage(
                chat_thread_id=order.chat_thread_id,
                sequence=await self._repository.take_number(tx, order.chat_thread_id),
                message_id=self._ids.new("cms"),
                author_user_id=command.actor.user_id,
                body=command.body,
                created_at=self._clock.now(),
            )
            await self._repository.insert(tx, message)
            return message

        return await self._database.run(work, once=once)

    async def list(self, command: ListMessages) -> Page[ChatMessage]:
        """An order's messages, oldest first, for its parties and staff; none before the thread is open."""
        listing = Listing("ListChatMessages", command.actor.user_id, {"order_id": command.order_id})
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            order = visible(await self._orders.get(tx, command.order_id), command.order_id, command.actor)
            after = int(position[0]) if position else 0
            found = await self._repository.after(tx, order.chat_thread_id, after, size + 1)
        return self._pages.page(listing, found, size, lambda message: (str(message.sequence),))
