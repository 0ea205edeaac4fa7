"""Throwing switches."""

from dataclasses import dataclass
from typing import Protocol

from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.errors import NotFound
from server.promo.campaigns.repository import CampaignRepository
from server.promo.domain.switches import KillSwitchScope, Switch, Switchboard, Switched, switched
from server.promo.switches.repository import SwitchRepository


@dataclass(frozen=True, slots=True)
class SetKillSwitch:
    """Somebody of the staff switches something off, or on again."""

    actor: Actor
    switch: Switch
    stopped: bool
    reason: str


class SwitchAnnouncements(Protocol):
    """Tells the click stream what is switched off, from the transaction that decides it."""

    async def switched(self, tx: Tx, board: Switchboard) -> None: ...


class SwitchUseCases:
    """The operations on switches."""

    def __init__(
        self,
        database: Database,
        switches: SwitchRepository,
        campaigns: CampaignRepository,
        feed: SwitchAnnouncements,
        clock: Clock,
    ) -> None:
        self._database = database
        self._switches = switches
        self._campaigns = campaigns
        self._feed = feed
        self._clock = clock

    async def set(self, command: SetKillSwitch, once: Guard[Switchboard] | None) -> Switchboard:
        """Throws a switch. It is in force for every click that comes behind it in the log."""

        async def work(tx: Tx) -> Switchboard:
            campaign_id = command.switch.subject if command.switch.scope is KillSwitchScope.CAMPAIGN else None
            if campaign_id is not None and await self._campaigns.get(tx, campaign_id) is None:
                raise NotFound(campaign_id)
            board = switched(await self._switches.lock(tx), command.switch, stopped=command.stopped)
            entry = Switched(
                board.version,
                command.switch,
                command.stopped,
                command.reason,
                command.actor.user_id,
                self._clock.now(),
            )
            await self._switches.save(tx, board, entry)
            await self._feed.switched(tx, board)
            return board

        return await self._database.run(work, once=once)

    async def get(self) -> Switchboard:
        """Everything that is switched off."""
        async with self._database.read() as tx:
            return await self._switches.get(tx)
