"""Decides that an advertiser is told something, in the transaction that gives cause to it."""

from collections.abc import Mapping, Sequence

from server.core.clock import Clock
from server.core.db import Tx
from server.core.ids import Ids
from server.core.jobs import Jobs
from server.promo.domain.campaign import Campaign
from server.promo.domain.notice import Due, Notice, NoticeKind
from server.promo.notices.repository import NoticeRepository
from server.promo.notices.timers import SEND_NOTICE


class Notices:
    """Keeps notices, with the job that tells them."""

    def __init__(self, repository: NoticeRepository, jobs: Jobs, clock: Clock, ids: Ids) -> None:
        self._repository = repository
        self._jobs = jobs
        self._clock = clock
        self._ids = ids

    async def news(self, tx: Tx, asked: Sequence[tuple[str, Due]]) -> list[tuple[str, Due]]:
        """Those of these things, each of a campaign, that were not told before."""
        told = await self._repository.told(tx, asked)
        return [(campaign, due) for campaign, due in asked if (campaign, due.kind, due.cause) not in told]

    async def tell(
        self, tx: Tx, campaign: Campaign, kind: NoticeKind, cause: str, payload: Mapping[str, str | int]
    ) -> None:
        """Tells the campaign's owner, unless the same cause was told of before."""
        notice = Notice(
            notice_id=self._ids.new("pntc"),
            campaign_id=campaign.campaign_id,
            campaign_name=campaign.terms.name,
            user_id=campaign.owner_user_id,
            kind=kind,
            cause=cause,
            payload=payload,
            created_at=self._clock.now(),
        )
        if await self._repository.insert(tx, notice):
            await self._jobs.enqueue(tx, SEND_NOTICE, key=notice.notice_id)
