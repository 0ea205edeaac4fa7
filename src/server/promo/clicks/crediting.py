"""The one way in which clicks are given back, whoever found them invalid."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.core.clock import Clock
from server.core.db import Tx
from server.core.ids import Ids
from server.promo.clicks.repository import ClickRepository
from server.promo.domain.campaign import Campaign
from server.promo.domain.crediting import FoundInvalid, credit_of
from server.promo.money.funding import Funding


@dataclass(frozen=True, slots=True)
class Credited:
    """What one look gave back."""

    clicks: int = 0
    amount_cents: int = 0
    last_entry_id: str = ""


class Crediting:
    """Gives clicks back, inside the caller's transaction, which holds the campaign."""

    def __init__(self, clicks: ClickRepository, funding: Funding, clock: Clock, ids: Ids) -> None:
        self._clicks = clicks
        self._funding = funding
        self._clock = clock
        self._ids = ids

    async def credit(self, tx: Tx, campaign: Campaign, found: Sequence[FoundInvalid], *, decided_by: str) -> Credited:
        """Credits those of the clicks that were charged and not given back yet, and revises their decisions: one entry
        a click, one new total for the stream.
        """
        charged = await self._clicks.charged(tx, campaign.campaign_id, [one.event_id for one in found])
        owed = [one for one in found if one.event_id in charged and not charged[one.event_id].credited]
        if not owed:
            return Credited()
        movements = [
            credit_of(charged[one.event_id], campaign.campaign_id, self._ids.new("pble"), one.rule) for one in owed
        ]
        entries = await self._funding.bring_all(tx, campaign, movements)
        await self._clicks.revise(tx, campaign.campaign_id, owed, decided_by=decided_by, now=self._clock.now())
        amount = sum(movement.funds.total_cents for movement in movements)
        return Credited(len(owed), amount, entries[-1].link.movement.entry_id)
