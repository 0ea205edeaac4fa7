"""The money of an order, for whoever tells its story."""

from callsheet.sql.booking_money import Queries
from server.booking.money.repository import BalanceRepository
from server.booking.story import Told
from server.core.db import Tx, load_queries
from server.core.story import Entry, Sum
from server.payments.ports import History

_queries = load_queries("server.booking.money", Queries)


class MoneyChapter:
    """What was charged, given back and paid out, what the processor was asked and said, and whether it adds up."""

    def __init__(self, balances: BalanceRepository, history: History) -> None:
        self._balances = balances
        self._history = history

    async def tell(self, tx: Tx, order_id: str) -> Told:
        rows = await _queries.money_story(tx, order_id=order_id)
        moves = [Entry(row["at"], row["what"], row["details"]) for row in rows]
        asked = [entry for row in rows for entry in await self._history.entries(tx, row["id"])]
        balance = (await self._balances.read(tx, order_id)).balance
        return Told(
            entries=[*moves, *asked],
            sums=[
                Sum("charged - refunded - withdrawn + reinstated = what is accounted for", left, explained)
                for left, explained in [(balance.remaining_cents(), balance.explained_cents())]
                if balance.charged_cents
            ],
        )
