"""The hourly pass over charged clicks."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Tx
from server.promo.campaigns.repository import CampaignRepository
from server.promo.clicks.crediting import Crediting
from server.promo.domain.crediting import FoundInvalid
from server.promo.domain.late import GRACE, HourOfCampaign, neighbourhoods, without_impression
from server.promo.domain.notice import NoticeKind
from server.promo.domain.verdicts import Rule
from server.promo.late.repository import LateRepository
from server.promo.notices.telling import Notices

LOOKED_AT_ONCE = 2_000
CREDITED_AT_ONCE = 500
DECIDED_BY = "late_pass"
_HOUR = timedelta(hours=1)


class LatePass:
    """Looks again at what was charged, hour after hour."""

    def __init__(
        self,
        database: Database,
        repository: LateRepository,
        campaigns: CampaignRepository,
        crediting: Crediting,
        notices: Notices,
        clock: Clock,
    ) -> None:
        self._database = database
        self._repository = repository
        self._campaigns = campaigns
        self._crediting = crediting
        self._notices = notices
        self._clock = clock
        self._log = structlog.get_logger("late_pass")

    async def run(self) -> None:
        """One pass, by both rules, over everything that is old enough and was not looked at before."""
        before = self._clock.now() - GRACE
        async with self._database.read() as tx:
            partitions = await self._repository.partitions(tx)
        for partition in partitions:
            await self._look_for_impressions(partition, before)
        await self._look_for_spikes(before)

    async def _look_for_impressions(self, partition: int, before: datetime) -> None:
        rule = Rule.NO_IMPRESSION
        while True:
            async with self._database.read() as tx:
                after = await self._repository.looked_through(tx, rule, partition) or 0
                stretch = await self._repository.charged_after(tx, partition, after, before, LOOKED_AT_ONCE)
                recorded: set[str] = set()
                for near in neighbourhoods(stretch.clicks):
                    wanted = {click.impression_id for click in near.clicks}
                    recorded |= await self._repository.recorded(tx, wanted, near.since, near.until)
            if not stretch.clicks:
                return
            await self._give_back(without_impression(stretch.clicks, recorded))
            await self._looked_through(rule, stretch.through, partition)

    async def _look_for_spikes(self, before: datetime) -> None:
        hour = await self._first_hour(before)
        while hour + _HOUR <= before:
            await self._look_at(hour)
            hour += _HOUR
            await self._looked_through(Rule.CTR_SPIKE, int(hour.timestamp()), 0)

    async def _looked_through(self, rule: Rule, through: int, part: int) -> None:
        await self._database.run(lambda tx: self._repository.look_through(tx, rule, through, part))

    async def _first_hour(self, before: datetime) -> datetime:
        """Where the pass before ended; the newest hour alone where there was none."""
        async with self._database.read() as tx:
            through = await self._repository.looked_through(tx, Rule.CTR_SPIKE)
        if through is not None:
            return datetime.fromtimestamp(through, UTC)
        return before.replace(minute=0, second=0, microsecond=0) - _HOUR

    async def _look_at(self, hour: datetime) -> None:
        found: dict[str, Sequence[FoundInvalid]] = {}
        async with self._database.read() as tx:
            for busy in await self._repository.busy_hours(tx, hour):
                if busy.is_spike:
                    found[busy.campaign_id] = await self._of_spike(tx, busy)
        await self._give_back(found)

    async def _of_spike(self, tx: Tx, busy: HourOfCampaign) -> list[FoundInvalid]:
        return busy.found(await self._repository.charged_in(tx, busy.campaign_id, busy.hour))

    async def _give_back(self, found: Mapping[str, Sequence[FoundInvalid]]) -> None:
        for campaign_id, clicks in sorted(found.items()):
            for start in range(0, len(clicks), CREDITED_AT_ONCE):
                await self._credit(campaign_id, clicks[start : start + CREDITED_AT_ONCE])
        await point("late.credited")

    async def _credit(self, campaign_id: str, clicks: Sequence[FoundInvalid]) -> None:
        """What was given back before is passed over, whoever did it."""

        async def work(tx: Tx) -> None:
            campaign = await self._campaigns.lock(tx, campaign_id)
            if campaign is None:
                return
            credited = await self._crediting.credit(tx, campaign, clicks, decided_by=DECIDED_BY)
            if credited.clicks:
                told = {"amount_cents": credited.amount_cents, "clicks": credited.clicks}
                await self._notices.tell(tx, campaign, NoticeKind.CLICKS_CREDITED, credited.last_entry_id, told)
                self._log.info("clicks given back", campaign_id=campaign_id, clicks=credited.clicks)

        await self._database.run(work)
