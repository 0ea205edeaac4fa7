"""Rows of notifications and suppressions, and what they mean."""

import json
from collections.abc import Sequence
from datetime import datetime

from callsheet.sql.growth_notifications import Queries
from server.core.db import Record, Tx, load_queries
from server.growth.notifications.domain import ALL_TOPICS, Notification, Subscription

_queries = load_queries("server.growth.notifications", Queries)


class NotificationRepository:
    """Reads and writes notifications on the caller's transaction."""

    async def insert_all(self, tx: Tx, kind: str, notifications: Sequence[Notification], *, now: datetime) -> None:
        """Tells people things of one kind; a cause that was told before is passed over."""
        await _queries.insert_notifications(
            tx,
            notification_ids=[told.notification_id for told in notifications],
            user_ids=[told.user_id for told in notifications],
            kind=kind,
            related_ids=[told.related_id for told in notifications],
            payloads=[json.dumps(dict(told.payload)) for told in notifications],
            now=now,
        )

    async def page(
        self, tx: Tx, user_id: str, *, unread_only: bool, before: str | None, limit: int
    ) -> list[Notification]:
        rows = await _queries.notifications_of(tx, user_id=user_id, unread_only=unread_only, before=before, limit=limit)
        return [_notification(row) for row in rows]

    async def mark_read(self, tx: Tx, user_id: str, notification_ids: Sequence[str], *, now: datetime) -> int:
        """How many of these were theirs and unread."""
        return len(await _queries.mark_read(tx, user_id=user_id, notification_ids=list(notification_ids), now=now))

    async def suppress(self, tx: Tx, subscription: Subscription, *, now: datetime) -> None:
        await _queries.suppress(tx, user_id=subscription.user_id, topic=subscription.topic, now=now)

    async def is_suppressed(self, tx: Tx, subscription: Subscription) -> bool:
        topics = [subscription.topic, ALL_TOPICS]
        return bool(await _queries.is_suppressed(tx, user_id=subscription.user_id, topics=topics))


def _notification(row: Record) -> Notification:
    return Notification(
        notification_id=row["notification_id"],
        user_id=row["user_id"],
        kind=row["kind"],
        related_id=row["related_id"],
        payload=json.loads(row["payload"]),
        read_at=row["read_at"],
        created_at=row["created_at"],
    )
