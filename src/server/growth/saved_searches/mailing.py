"""The mail of an alert: handed over at most once.

The row says `sending` before the mail leaves, and `sent` after the server took it. Where the server refuses, the row
goes back and the job tries again. Where nobody knows, because the process died in between or the server's answer was
lost, the row stays `sending` and the mail is never sent again: a second mail is worse than a missing one, since the
notification in the app is there either way. The message id is the alert's, for receivers that compare.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from server.adapters.mail import Mail, Mailer, MailRefused, MailUncertain
from server.core.crash import point
from server.core.db import Database, Tx
from server.core.errors import DependencyDown, NotFound
from server.directory.ports import Addresses
from server.growth.notifications.domain import SAVED_SEARCH_ALERT, Subscription
from server.growth.notifications.repository import NotificationRepository
from server.growth.notifications.unsubscribing import UnsubscribeTokens
from server.growth.saved_searches.mail_rows import AlertMail, MailRepository, MailStatus

TITLES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail ready to be written: what it tells, to whom."""

    alert: AlertMail
    recipient: str
    titles: Sequence[str]


class AlertMails:
    """Sends the mails of alerts."""

    def __init__(
        self,
        database: Database,
        repository: MailRepository,
        notifications: NotificationRepository,
        addresses: Addresses,
        mailer: Mailer,
        tokens: UnsubscribeTokens,
        public_url: str,
    ) -> None:
        self._database = database
        self._repository = repository
        self._notifications = notifications
        self._addresses = addresses
        self._mailer = mailer
        self._tokens = tokens
        self._public_url = public_url.rstrip("/")
        self._log = structlog.get_logger("mail")

    async def send(self, alert_id: str) -> None:
        """Hands the mail over, unless somebody has promised to before, or its reader does not want it."""
        letter = await self._database.run(lambda tx: self._claim(tx, alert_id))
        if letter is None:
            return
        await point("mail.claimed")
        try:
            await self._mailer.send(self._written(letter))
        except MailRefused as refusal:
            await self._settle(alert_id, MailStatus.REFUSED if refusal.for_good else MailStatus.PENDING)
            if not refusal.for_good:
                raise DependencyDown("smtp") from refusal
        except MailUncertain:
            self._log.warning("nobody knows whether the mail was taken; it is not sent again", alert_id=alert_id)
        else:
            await point("mail.handed_over")
            await self._settle(alert_id, MailStatus.SENT)

    async def _claim(self, tx: Tx, alert_id: str) -> Letter | None:
        alert = await self._repository.claim(tx, alert_id)
        if alert is None:
            return None
        recipient = await self._recipient(tx, alert.user_id)
        if recipient is None:
            await self._repository.settle(tx, alert_id, MailStatus.SUPPRESSED)
            return None
        return Letter(alert, recipient, await self._repository.titles(tx, alert_id, limit=TITLES_SHOWN))

    async def _recipient(self, tx: Tx, user_id: str) -> str | None:
        """The address, unless there is none or its owner does not want this mail."""
        if await self._notifications.is_suppressed(tx, Subscription(user_id, SAVED_SEARCH_ALERT)):
            return None
        try:
            return await self._addresses.email(tx, user_id)
        except NotFound:
            return None

    async def _settle(self, alert_id: str, status: MailStatus) -> None:
        await self._database.run(lambda tx: self._repository.settle(tx, alert_id, status))

    def _written(self, letter: Letter) -> Mail:
        alert = letter.alert
        token = self._tokens.issue(Subscription(alert.user_id, SAVED_SEARCH_ALERT))
        link = f"{self._public_url}/v1/unsubscribe?token={token}"
        found = f"{alert.match_count} new in {alert.city}"
        more = alert.match_count - len(letter.titles)
        lines = [*letter.titles, *([f"and {more} more"] if more > 0 else [])]
        return Mail(
            message_id=f"<{alert.alert_id}@callsheet>",
            recipient=letter.recipient,
            subject=f"Your saved search: {found}",
            text="\n".join([f"{found}:", "", *(f"- {line}" for line in lines), "", f"No more of these: {link}", ""]),
            html=f"<p>{html.escape(found)}:</p><ul>"
            + "".join(f"<li>{html.escape(line)}</li>" for line in lines)
            + f'</ul><p><a href="{html.escape(link)}">No more of these</a></p>',
            headers={"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        )
