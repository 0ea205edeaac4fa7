"""Rows of notices and what they mean."""

import json
from collections.abc import Sequence
from enum import StrEnum

from callsheet.sql.promo_notices import Queries
from server.core.db import Tx, load_queries
from server.promo.domain.notice import Due, Notice, NoticeKind

_queries = load_queries("server.promo.notices", Queries)


class MailStatus(StrEnum):
    """What became of the mail about a notice."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    SUPPRESSED = "suppressed"


class NoticeRepository:
    """Reads and writes notices on the caller's transaction."""

    async def insert(self, tx: Tx, notice: Notice) -> bool:
        """Keeps a notice; False where its cause was told of before."""
        stored = await _queries.insert_notice(
            tx,
            notice_id=notice.notice_id,
            campaign_id=notice.campaign_id,
            user_id=notice.user_id,
            kind=notice.kind,
            cause=notice.cause,
            payload=json.dumps(dict(notice.payload)),
            now=notice.created_at,
        )
        return stored is not None

    async def told(self, tx: Tx, asked: Sequence[tuple[str, Due]]) -> set[tuple[str, NoticeKind, str]]:
        """Which of these things, each of a campaign, were told before: campaign, kind and cause."""
        rows = await _queries.told_before(
            tx,
            campaign_ids=[campaign_id for campaign_id, _ in asked],
            kinds=[due.kind.value for _, due in asked],
            causes=[due.cause for _, due in asked],
        )
        return {(row["campaign_id"], NoticeKind(row["kind"]), row["cause"]) for row in rows}

    async def get(self, tx: Tx, notice_id: str) -> Notice | None:
        row = await _queries.get_notice(tx, notice_id=notice_id)
        if row is None:
            return None
        return Notice(
            notice_id=row["notice_id"],
            campaign_id=row["campaign_id"],
            campaign_name=row["name"],
            user_id=row["user_id"],
            kind=NoticeKind(row["kind"]),
            cause=row["cause"],
            payload=json.loads(row["payload"]),
            created_at=row["created_at"],
        )

    async def claim_mail(self, tx: Tx, notice_id: str) -> bool:
        """Promises to hand the mail over; False where somebody has promised before."""
        return await _queries.claim_mail(tx, notice_id=notice_id) is not None

    async def settle_mail(self, tx: Tx, notice_id: str, status: MailStatus) -> None:
        await _queries.settle_mail(tx, notice_id=notice_id, mail_status=status)
