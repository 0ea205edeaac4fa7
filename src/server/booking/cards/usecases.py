"""What a buyer can do with their cards."""

from collections.abc import Sequence

from server.core.call import Actor
from server.core.db import Database, Guard
from server.core.ids import Ids
from server.payments.ports import SavedCard, SetupIntent, Wallets


class Cards:
    """The operations on a buyer's cards."""

    def __init__(self, database: Database, wallets: Wallets, ids: Ids) -> None:
        self._database = database
        self._wallets = wallets
        self._ids = ids

    async def begin(self, actor: Actor, key: str) -> SetupIntent:
        """Begins to save a card; the same key leads to the same intent. The processor is called outside of any
        transaction, and its secret passes through without being stored.
        """
        return await self._wallets.begin_card(actor.user_id, key=key or self._ids.new("key"))

    async def list(self, actor: Actor) -> Sequence[SavedCard]:
        """The caller's cards, the newest first."""
        async with self._database.read() as tx:
            return await self._wallets.cards(tx, actor.user_id)

    async def remove(self, actor: Actor, payment_method_id: str, once: Guard[None] | None) -> None:
        """Gives a card up at once; the processor is told by a job."""
        await self._database.run(lambda tx: self._wallets.remove_card(tx, actor.user_id, payment_method_id), once=once)
