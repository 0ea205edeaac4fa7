"""Protobuf and domain, in both directions."""

from callsheet.growth.v1 import notification_pb2 as pb
from server.core.call import Actor
from server.core.grpc.proto import timestamp
from server.core.pagination import Page
from server.growth.notifications.domain import Notification
from server.growth.notifications.usecases import ListNotifications, MarkNotificationsRead
from server.growth.structs import struct


def list_notifications(request: pb.ListNotificationsRequest, actor: Actor) -> ListNotifications:
    return ListNotifications(
        actor=actor, unread_only=request.unread_only, page_size=request.page_size, page_token=request.page_token
    )


def mark_notifications_read(request: pb.MarkNotificationsReadRequest, actor: Actor) -> MarkNotificationsRead:
    return MarkNotificationsRead(actor=actor, notification_ids=tuple(request.notification_ids))


def list_notifications_response(page: Page[Notification]) -> pb.ListNotificationsResponse:
    return pb.ListNotificationsResponse(notifications=map(_notification, page.items), next_page_token=page.next_token)


def mark_notifications_read_response(marked: int) -> pb.MarkNotificationsReadResponse:
    return pb.MarkNotificationsReadResponse(marked=marked)


def unsubscribe_response(topic: str) -> pb.UnsubscribeResponse:
    return pb.UnsubscribeResponse(topic=topic)


def _notification(told: Notification) -> pb.Notification:
    return pb.Notification(
        notification_id=told.notification_id,
        kind=told.kind,
        related_id=told.related_id,
        payload=struct(told.payload),
        read_at=None if told.read_at is None else timestamp(told.read_at),
        created_at=timestamp(told.created_at),
    )
