"""Rows of the alerts' mails."""

from dataclasses import dataclass
from enum import StrEnum

from callsheet.sql.growth_saved_searches import Queries
from server.core.db import Tx, load_queries

_queries = load_queries("server.growth.saved_searches", Queries)


class MailStatus(StrEnum):
    """What became of an alert's mail."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    SUPPRESSED = "suppressed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class AlertMail:
    """An alert as far as its mail tells it."""

    alert_id: str
    user_id: str
    city: str
    match_count: int


class MailRepository:
    """Reads and writes mails' states on the caller's transaction."""

    async def claim(self, tx: Tx, alert_id: str) -> AlertMail | None:
        """Promises the mail; None where it was promised before."""
        row = await _queries.claim_mail(tx, alert_id=alert_id)
        return None if row is None else AlertMail(row["alert_id"], row["user_id"], row["city"], row["match_count"])

    async def titles(self, tx: Tx, alert_id: str, *, limit: int) -> list[str]:
        return [row["title"] for row in await _queries.titles_of_alert(tx, alert_id=alert_id, limit=limit)]

    async def settle(self, tx: Tx, alert_id: str, status: MailStatus) -> None:
        """Writes down how a promised mail ended."""
        await _queries.settle_mail(tx, alert_id=alert_id, mail_status=status)
