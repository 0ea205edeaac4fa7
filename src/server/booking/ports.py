"""What other slices may ask of booking inside their transaction."""

from typing import Protocol

from server.booking.domain import Order
from server.core.db import Tx


class Orders(Protocol):
    """Reads orders; begins and commits nothing."""

    async def get(self, tx: Tx, order_id: str) -> Order | None: ...
