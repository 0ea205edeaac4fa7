"""What people do with what they are told."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.pagination import Listing, Page, PageTokens, page_size
from server.growth.notifications.domain import Notification
from server.growth.notifications.repository import NotificationRepository
from server.growth.notifications.unsubscribing import UnsubscribeTokens


@dataclass(frozen=True, slots=True)
class ListNotifications:
    """A page of what the caller was told."""

    actor: Actor
    unread_only: bool
    page_size: int
    page_token: str


@dataclass(frozen=True, slots=True)
class MarkNotificationsRead:
    """The caller has seen these."""

    actor: Actor
    notification_ids: Sequence[str]


class NotificationUseCases:
    """The operations on notifications and on subscriptions to mail."""

    def __init__(
        self,
        database: Database,
        repository: NotificationRepository,
        tokens: UnsubscribeTokens,
        clock: Clock,
        pages: PageTokens,
    ) -> None:
        self._database = database
        self._repository = repository
        self._tokens = tokens
        self._clock = clock
        self._pages = pages

    async def list(self, command: ListNotifications) -> Page[Notification]:
        """What the caller was told, newest first."""
        listing = Listing("ListNotifications", command.actor.user_id, {"unread_only": command.unread_only})
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            found = await self._repository.page(
                tx,
                command.actor.user_id,
                unread_only=command.unread_only,
                before=position[0] if position else None,
                limit=size + 1,
            )
        return self._pages.page(listing, found, size, lambda told: (told.notification_id,))

    async def mark_read(self, command: MarkNotificationsRead, once: Guard[int] | None) -> int:
        """Marks the caller's own, and tells how many were unread."""

        async def work(tx: Tx) -> int:
            return await self._repository.mark_read(
                tx, command.actor.user_id, command.notification_ids, now=self._clock.now()
            )

        return await self._database.run(work, once=once)

    async def unsubscribe(self, token: str) -> str:
        """Ends a kind of mail for whoever the token was issued to, however often it is shown; tells which kind."""
        subscription = self._tokens.read(token)

        async def work(tx: Tx) -> None:
            await self._repository.suppress(tx, subscription, now=self._clock.now())

        await self._database.run(work)
        return subscription.topic
