"""Reads whether a campaign is charged."""

from server.core.clock import Clock
from server.core.db import Tx
from server.promo.domain.campaign import Campaign
from server.promo.domain.charging import Charging, charging
from server.promo.domain.partitions import partition_of
from server.promo.money.repository import LedgerRepository
from server.promo.switches.repository import SwitchRepository


class ChargingReader:
    """Looks at the switches and at how the campaign's partition of the click log moves on."""

    def __init__(self, ledger: LedgerRepository, switches: SwitchRepository, partitions: int, clock: Clock) -> None:
        self._ledger = ledger
        self._switches = switches
        self._partitions = partitions
        self._clock = clock

    async def of(self, tx: Tx, campaign: Campaign) -> Charging:
        partition = partition_of(campaign.campaign_id, self._partitions)
        board = await self._switches.get(tx)
        moved_at = await self._ledger.partition_moved_at(tx, partition)
        return charging(campaign, board, moved_at, now=self._clock.now())
