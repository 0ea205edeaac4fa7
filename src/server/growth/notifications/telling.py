"""Tells people on another slice's behalf: growth's `Tidings`."""

from collections.abc import Mapping

from server.core.clock import Clock
from server.core.db import Tx
from server.core.ids import Ids
from server.growth.notifications.domain import Notification, Subscription
from server.growth.notifications.repository import NotificationRepository
from server.growth.notifications.unsubscribing import UnsubscribeTokens


class Telling:
    """Shows people things, and knows which mail they do not want."""

    def __init__(
        self, repository: NotificationRepository, tokens: UnsubscribeTokens, public_url: str, clock: Clock, ids: Ids
    ) -> None:
        self._repository = repository
        self._tokens = tokens
        self._public_url = public_url.rstrip("/")
        self._clock = clock
        self._ids = ids

    async def tell(self, tx: Tx, user_id: str, kind: str, related_id: str, payload: Mapping[str, object]) -> None:
        now = self._clock.now()
        told = Notification(self._ids.new("ntf"), user_id, kind, related_id, payload, None, now)
        await self._repository.insert_all(tx, kind, [told], now=now)

    async def wants_mail(self, tx: Tx, user_id: str, topic: str) -> bool:
        return not await self._repository.is_suppressed(tx, Subscription(user_id, topic))

    def unsubscribe_link(self, user_id: str, topic: str) -> str:
        return f"{self._public_url}/v1/unsubscribe?token={self._tokens.issue(Subscription(user_id, topic))}"
