"""The story of two cases, with every clock and cent: a no-show whose money goes back, a chargeback that is answered.

Everybody in it is new each time, so that it can be told again.
"""

from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.table import Table

from server.config import Settings
from server.core.clock import SystemClock
from server.core.ids import SystemIds
from server.core.money import half_up
from server.demo.caller import caller
from server.demo.casework import Casework
from server.demo.chargeback import ChargebackStory
from server.demo.no_show import NoShow
from server.demo.stage import Stage, money

COMMISSION_BIPS: Final = 1000


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part."""

    buyer: str
    photographer: str
    agent: str
    approver: str


@dataclass(frozen=True, slots=True)
class Row:
    """Where the money of a booking is at one moment."""

    name: str
    charged_cents: int
    given_back_cents: int
    at_the_bank_cents: int
    platform_cents: int
    photographer_cents: int

    @property
    def adds_up(self) -> bool:
        """Whether no cent is missing and none is there twice."""
        return self.charged_cents == (
            self.given_back_cents + self.at_the_bank_cents + self.platform_cents + self.photographer_cents
        )


class Story:
    """Tells it, case by case."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        ids = SystemIds(SystemClock())
        self._cast = Cast(*(ids.new("usr") for _ in range(4)))
        self._desk = Casework(stage, self._cast.agent, self._cast.approver)

    async def tell(self) -> bool:
        """Whether every cent is where it belongs."""
        stage, cast = self._stage, self._cast
        profile, card = await stage.offers(cast.photographer), await stage.card(cast.buyer)
        missed = await stage.instant(cast.buyer, profile, card)
        await NoShow(self._desk, cast.buyer, cast.photographer).tell(missed, await self._share(missed))
        rows = [await self._row("the no-show", missed)]

        disputed = await stage.instant(cast.buyer, profile, card)
        await stage.finished(cast.buyer, disputed)
        share = await self._share(disputed)
        chargeback = ChargebackStory(self._desk, cast.buyer, cast.photographer)
        await chargeback.until_earned(share, f"the photographer has {money(share)}")
        complaint, taken = await chargeback.answered(disputed)
        rows.append(await self._row("taken by the bank", disputed, taken.withdrawn_cents))
        await chargeback.won(complaint, taken.case_id, share)
        rows.append(await self._row("brought back", disputed))
        return self._add_up(rows)

    async def _share(self, order_id: str) -> int:
        """What of an order is its photographer's."""
        receipt = await self._stage.receipt(self._cast.buyer, order_id)
        return receipt.subtotal_cents - half_up(receipt.subtotal_cents * COMMISSION_BIPS, 10_000)

    async def _row(self, name: str, order_id: str, at_the_bank_cents: int = 0) -> Row:
        receipt = await self._stage.receipt(self._cast.buyer, order_id)
        earned = await self._stage.earned(self._cast.photographer)
        kept = receipt.platform_fee_cents + receipt.tax_cents + receipt.subtotal_cents - await self._share(order_id)
        gone = receipt.refunded_cents + at_the_bank_cents
        return Row(name, receipt.charged_cents, receipt.refunded_cents, at_the_bank_cents, 0 if gone else kept, earned)

    def _add_up(self, rows: list[Row]) -> bool:
        self._desk.title("The money")
        table = Table("booking", "charged", "back", "at the bank", "platform", "provider", "")
        for row in rows:
            amounts = (
                row.charged_cents,
                row.given_back_cents,
                row.at_the_bank_cents,
                row.platform_cents,
                row.photographer_cents,
            )
            table.add_row(row.name, *map(money, amounts), "[green]✓[/]" if row.adds_up else "[red]✗[/]")
        self._stage.output.print(table)
        return all(row.adds_up for row in rows)


async def play(settings: Settings, output: Console) -> bool:
    """Tells the story against the stack that the settings name; whether every cent is where it belongs."""
    async with caller(settings) as calls:
        return await Story(Stage(calls, output)).tell()
