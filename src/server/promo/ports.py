"""What other slices may ask of promo inside their transaction."""

from typing import Protocol

from server.core.db import Tx


class Attribution(Protocol):
    """Tells promo of orders whose buyers came by a click."""

    async def ordered(self, tx: Tx, order_id: str, click_token: str) -> None:
        """Stores what a buyer's device knows of the click that led it there: the impression's token. Whether it says
        anything is found out later, so a wrong one stops no order.
        """
        ...
