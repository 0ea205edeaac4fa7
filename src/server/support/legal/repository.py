"""Rows of notices and what they mean. Who sent them is personal data, and sealed."""

import json
from collections.abc import Mapping
from datetime import datetime

from callsheet.sql.support_legal import Queries
from server.core.db import Record, Tx, load_queries
from server.core.secrecy import Sealed
from server.support.legal.business_days import RestoreWindow
from server.support.legal.domain import NEEDED, Notice, NoticeKind

_queries = load_queries("server.support.legal", Queries)


class NoticeRepository:
    """Reads and writes notices on the caller's transaction."""

    def __init__(self, sealed: Sealed) -> None:
        self._sealed = sealed

    async def insert(self, tx: Tx, notice: Notice, sender: Mapping[str, str]) -> None:
        """Stores a complete notice with its sender."""
        window = notice.restore_window
        await _queries.insert_notice(
            tx,
            notice_id=notice.notice_id,
            case_id=notice.case_id,
            kind=notice.kind,
            content_id=notice.content_id,
            respondent_user_id=notice.respondent_user_id,
            elements=json.dumps({element.value: True for element in NEEDED[notice.kind]}),
            parties=self._sealed.seal(json.dumps(dict(sender)), notice.notice_id),
            received_at=notice.received_at,
            restore_from=window.start if window else None,
            restore_until=window.end if window else None,
        )

    async def newest(self, tx: Tx, case_id: str, kind: NoticeKind) -> Notice | None:
        row = await _queries.newest_notice(tx, case_id=case_id, kind=kind)
        return None if row is None else _notice(row)

    async def open_about(self, tx: Tx, content_id: str) -> str | None:
        """The case by whose notice a content is hidden."""
        found = await _queries.open_case_about_content(tx, content_id=content_id)
        return None if found is None else str(found)

    async def count_against(self, tx: Tx, respondent_user_id: str) -> int:
        """How often somebody's content met with a notice that stands."""
        found = await _queries.count_notices_against(tx, respondent_user_id=respondent_user_id)
        return found if isinstance(found, int) else 0

    async def record_court_action(self, tx: Tx, notice_id: str, now: datetime) -> None:
        await _queries.set_court_action(tx, notice_id=notice_id, now=now)

    async def record_restoration(self, tx: Tx, case_id: str, now: datetime) -> None:
        await _queries.set_restored(tx, case_id=case_id, now=now)


def _notice(row: Record) -> Notice:
    start, end = row["restore_from"], row["restore_until"]
    return Notice(
        notice_id=row["notice_id"],
        case_id=row["case_id"],
        kind=NoticeKind(row["kind"]),
        content_id=row["content_id"],
        respondent_user_id=row["respondent_user_id"],
        received_at=row["received_at"],
        restore_window=RestoreWindow(start, end) if start else None,
        court_action_at=row["court_action_at"],
        restored_at=row["restored_at"],
    )
