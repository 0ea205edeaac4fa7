"""Rows of invites, recipients and groups, and what they mean."""

from collections.abc import Sequence

from callsheet.sql.booking_invites import Queries
from server.booking.domain.invite import AwardMode, Invite, InviteStatus, Recipient, RecipientStatus
from server.booking.domain.order import Order
from server.booking.invites.groups import Group
from server.core.db import Record, Tx, load_queries
from server.core.errors import IllegalTransition, StaleVersion

_queries = load_queries("server.booking.invites", Queries)


class InviteRepository:
    """Reads and writes invites and groups on the caller's transaction."""

    async def insert(self, tx: Tx, invite: Invite) -> None:
        await _queries.insert_invite(
            tx,
            invite_id=invite.invite_id,
            buyer_user_id=invite.buyer_user_id,
            award_mode=invite.award_mode,
            status=invite.status,
            title=invite.title,
            message=invite.message or None,
            recipient_cap=invite.recipient_cap,
            expires_at=invite.expires_at,
            payment_method_id=invite.payment_method_id,
            version=invite.version,
            now=invite.created_at,
        )

    async def insert_recipients(self, tx: Tx, orders: Sequence[Order]) -> None:
        """Stores who was asked: the provider of each order of an invite."""
        await _queries.insert_recipient(
            tx,
            [
                {
                    "invite_id": order.invite_id,
                    "recipient_user_id": order.provider_user_id,
                    "order_id": order.order_id,
                    "now": order.updated_at,
                }
                for order in orders
            ],
        )

    async def get(self, tx: Tx, invite_id: str) -> Invite | None:
        row = await _queries.get_invite(tx, invite_id=invite_id)
        return None if row is None else _invite(row)

    async def lock(self, tx: Tx, invite_id: str) -> Invite | None:
        """Reads an invite and keeps others from changing it or its recipients until the transaction ends."""
        row = await _queries.lock_invite(tx, invite_id=invite_id)
        return None if row is None else _invite(row)

    async def recipients(self, tx: Tx, invite_id: str) -> list[Recipient]:
        """Those whom it went to."""
        return [_recipient(row) for row in await _queries.recipients(tx, invite_id=invite_id)]

    async def save(self, tx: Tx, before: Invite, after: Invite) -> None:
        """Writes an end; StaleVersion where it has ended meanwhile."""
        saved = await _queries.save_invite(
            tx,
            invite_id=after.invite_id,
            expected_version=before.version,
            version=after.version,
            status=after.status,
            now=after.updated_at,
        )
        if saved is None:
            raise StaleVersion(after.invite_id, after.version)

    async def save_recipient(self, tx: Tx, before: Recipient, after: Recipient) -> None:
        """Writes where a recipient stands now; IllegalTransition where they were moved meanwhile."""
        saved = await _queries.save_recipient(
            tx,
            invite_id=after.invite_id,
            recipient_user_id=after.recipient_user_id,
            expected_status=before.status,
            status=after.status,
            responded_at=after.responded_at,
            decided_at=after.decided_at,
        )
        if saved is None:
            raise IllegalTransition(after.order_id, "decided", after.status)

    async def insert_group(self, tx: Tx, group: Group) -> None:
        await _queries.insert_group(
            tx, lbg_id=group.lbg_id, buyer_user_id=group.buyer_user_id, title=group.title, now=group.created_at
        )


def _invite(row: Record) -> Invite:
    return Invite(
        invite_id=row["invite_id"],
        buyer_user_id=row["buyer_user_id"],
        award_mode=AwardMode(row["award_mode"]),
        status=InviteStatus(row["status"]),
        title=row["title"],
        message=row["message"] or "",
        recipient_cap=row["recipient_cap"],
        expires_at=row["expires_at"],
        payment_method_id=row["payment_method_id"] or "",
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _recipient(row: Record) -> Recipient:
    return Recipient(
        invite_id=row["invite_id"],
        recipient_user_id=row["recipient_user_id"],
        order_id=row["order_id"],
        status=RecipientStatus(row["status"]),
        created_at=row["created_at"],
        responded_at=row["responded_at"],
        decided_at=row["decided_at"],
        total_cents=row["total_cents"],
    )
