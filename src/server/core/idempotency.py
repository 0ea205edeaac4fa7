"""One effect per idempotency key.

The key is claimed by the first statement of the very transaction that has the effect. Of two calls with one key the
second waits on the first one's row: when the first commits, the second replays its answer; when it rolls back, the
second runs. Only successes are stored, for a week.

      call A                          call B
      insert key ── claimed
      … work …                        insert key ── waits on A's row (at most 2 s)
      store answer, commit  ────────▶ nothing inserted: same content → replay, other content → refuse
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import asyncpg

from callsheet.sql.core import Queries
from server.core.clock import Clock
from server.core.db import Tx, load_queries
from server.core.errors import IdempotencyKeyInUse, IdempotencyKeyReused

T = TypeVar("T")
KEPT = timedelta(days=7)

_queries = load_queries("server.core", Queries)


class Replay(Exception):
    """The answer was given before; these are its bytes. Raised out of the transaction, which then has no effect."""

    def __init__(self, response: bytes) -> None:
        super().__init__("replayed")
        self.response = response


@dataclass(frozen=True, slots=True)
class Once(Generic[T]):
    """A guard for one transaction: claims the key before the work, stores the rendered answer after it."""

    key: str
    principal: str
    method: str
    request_hash: bytes
    encode: Callable[[T], bytes]
    clock: Clock

    async def before(self, tx: Tx) -> None:
        now = self.clock.now()
        if await self._claimed(tx, now):
            return
        stored = await _queries.idempotent_answer(tx, principal=self.principal, method=self.method, key=self.key)
        if stored is None or stored["expires_at"] <= now:
            # The winner rolled back, or its answer is past its week and the row was taken over meanwhile.
            raise IdempotencyKeyInUse
        if stored["request_hash"] != self.request_hash:
            raise IdempotencyKeyReused
        raise Replay(stored["response"])

    async def after(self, tx: Tx, result: T) -> None:
        await _queries.keep_idempotent_answer(
            tx, principal=self.principal, method=self.method, key=self.key, response=self.encode(result)
        )

    async def _claimed(self, tx: Tx, now: datetime) -> bool:
        try:
            claimed = await _queries.claim_idempotency_key(
                tx,
                principal=self.principal,
                method=self.method,
                key=self.key,
                request_hash=self.request_hash,
                now=now,
                expires_at=now + KEPT,
            )
        except asyncpg.LockNotAvailableError as error:
            raise IdempotencyKeyInUse from error
        return claimed is not None


def content_hash(message: bytes) -> bytes:
    """What tells two requests apart: a hash of the deterministic bytes without the key itself."""
    return hashlib.sha256(message).digest()


async def forget_expired(tx: Tx, now: datetime, limit: int) -> int:
    """Deletes answers past their week, a bounded number at a time; tells how many."""
    return len(await _queries.delete_expired_idempotency_keys(tx, now=now, limit=limit))
