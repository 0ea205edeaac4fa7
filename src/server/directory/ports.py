"""What other slices may ask of the directory inside their transaction."""

from typing import Protocol

from server.core.db import Tx
from server.directory.domain import UserProfile


class People(Protocol):
    """Reads people; begins and commits nothing."""

    async def get(self, tx: Tx, user_id: str) -> UserProfile | None: ...
