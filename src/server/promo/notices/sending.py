"""Tells an advertiser: in the app through growth, and by a mail that is handed over at most once.

The row says `sending` before the mail leaves. Where nobody knows whether the server took it, it stays so and is never
sent again: the notification in the app is there either way.
"""

import html

import structlog

from server.adapters.mail import Mail, Mailer, MailRefused, MailUncertain
from server.core.crash import point
from server.core.db import Database, Tx
from server.core.errors import DependencyDown, NotFound
from server.directory.ports import Addresses
from server.growth.ports import Tidings
from server.promo.domain.notice import Notice, sentence
from server.promo.notices.repository import MailStatus, NoticeRepository

TOPIC = "campaign_budget"


class NoticeSending:
    """Sends notices."""

    def __init__(
        self,
        database: Database,
        repository: NoticeRepository,
        tidings: Tidings,
        addresses: Addresses,
        mailer: Mailer,
    ) -> None:
        self._database = database
        self._repository = repository
        self._tidings = tidings
        self._addresses = addresses
        self._mailer = mailer
        self._log = structlog.get_logger("mail")

    async def send(self, notice_id: str) -> None:
        """Shows the notice in the app, then hands its mail over unless somebody has promised to before."""
        notice = await self._database.run(lambda tx: self._shown(tx, notice_id))
        recipient = await self._database.run(lambda tx: self._claim(tx, notice)) if notice else None
        if notice is None or recipient is None:
            return
        await point("notice.mail_claimed")
        try:
            await self._mailer.send(self._written(notice, recipient))
        except MailRefused as refusal:
            await self._settle(notice_id, MailStatus.REFUSED if refusal.for_good else MailStatus.PENDING)
            if not refusal.for_good:
                raise DependencyDown("smtp") from refusal
        except MailUncertain:
            self._log.warning("nobody knows whether the mail was taken; it is not sent again", notice_id=notice_id)
        else:
            await self._settle(notice_id, MailStatus.SENT)

    async def _shown(self, tx: Tx, notice_id: str) -> Notice | None:
        notice = await self._repository.get(tx, notice_id)
        if notice is not None:
            payload = {"campaign_id": notice.campaign_id, **notice.payload}
            await self._tidings.tell(tx, notice.user_id, notice.kind, notice.related_id, payload)
        return notice

    async def _claim(self, tx: Tx, notice: Notice) -> str | None:
        if not await self._repository.claim_mail(tx, notice.notice_id):
            return None
        recipient = await self._recipient(tx, notice.user_id)
        if recipient is None:
            await self._repository.settle_mail(tx, notice.notice_id, MailStatus.SUPPRESSED)
        return recipient

    async def _recipient(self, tx: Tx, user_id: str) -> str | None:
        """The address, unless there is none or its owner does not want such mail."""
        if not await self._tidings.wants_mail(tx, user_id, TOPIC):
            return None
        try:
            return await self._addresses.email(tx, user_id)
        except NotFound:
            return None

    async def _settle(self, notice_id: str, status: MailStatus) -> None:
        await self._database.run(lambda tx: self._repository.settle_mail(tx, notice_id, status))

    def _written(self, notice: Notice, recipient: str) -> Mail:
        said, link = sentence(notice), self._tidings.unsubscribe_link(notice.user_id, TOPIC)
        return Mail(
            message_id=f"<{notice.notice_id}@callsheet>",
            recipient=recipient,
            subject=f"Your campaign {notice.campaign_name}",
            text=f"{said}\n\nNo more of these: {link}\n",
            html=f'<p>{html.escape(said)}</p><p><a href="{html.escape(link)}">No more of these</a></p>',
            headers={"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        )
