"""Webhooks: signed, delivered until taken, and on demand held back, repeated or out of order."""

import asyncio
import hmac
import json
import random
import time
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final, Self

import aiohttp

from devstack.stripe_sandbox.store import Store
from devstack.stripe_sandbox.values import Document, Json
from devstack.stripe_sandbox.world import Event
from server.core.clock import Clock

MOST_ATTEMPTS: Final = 25
FIRST_WAIT: Final = 0.2
LONGEST_WAIT: Final = 30.0
ANSWER_WITHIN: Final = aiohttp.ClientTimeout(total=10)


class Order(StrEnum):
    """In which order the events of a batch leave."""

    CREATED = "created"
    REVERSED = "reversed"
    SHUFFLED = "shuffled"


@dataclass(frozen=True, slots=True)
class Policy:
    """How webhooks are sent. `copies` are sent on top of the first of each."""

    url: str = ""
    secret: str = ""
    paused: bool = False
    copies: int = 0
    order: Order = Order.CREATED

    @property
    def sends(self) -> bool:
        return bool(self.url) and not self.paused

    @classmethod
    def read(cls, store: Store) -> Self:
        stored = json.loads(store.setting("webhooks", "{}"))
        return cls(**{**stored, "order": Order(stored.get("order", Order.CREATED))})

    def write(self, store: Store) -> None:
        fields = {"url": self.url, "secret": self.secret, "paused": self.paused, "copies": self.copies}
        store.set("webhooks", json.dumps({**fields, "order": self.order.value}))


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to the endpoint."""

    seq: int
    event_id: str
    attempts: int


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """The value of the `Stripe-Signature` header."""
    signature = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, sha256).hexdigest()
    return f"t={timestamp},v1={signature}"


def queue(store: Store, event_id: str) -> None:
    store.database.execute("insert into delivery (event_id, due) values (?, 0)", (event_id,))


def pending(store: Store) -> int:
    return int(store.database.execute("select count(*) from delivery where state = 'pending'").fetchone()[0])


def overview(store: Store) -> list[Json]:
    """The latest deliveries, the newest first."""
    rows = store.database.execute(
        "select event_id, json_extract(object.body, '$.type'), state, attempts, answer from delivery"
        " join object on object.id = event_id order by delivery.seq desc limit 100"
    )
    names = ("event", "type", "state", "attempts", "answer")
    return [dict(zip(names, row, strict=True)) for row in rows]


class Deliverer:
    """The one task that sends webhooks. What it has not delivered when it ends, the next one delivers.

    Signatures carry the sandbox's time; the pauses between attempts are real ones.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._changed = asyncio.Condition()

    async def wake(self) -> None:
        """Something was queued, or the policy changed."""
        async with self._changed:
            self._changed.notify_all()

    async def flush(self, seconds: float) -> int:
        """Waits until everything that may leave is delivered or the time is over; how many are left."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: not Policy.read(self._store).sends or pending(self._store) == 0)
        except TimeoutError:
            pass
        return pending(self._store)

    async def run(self) -> None:
        async with aiohttp.ClientSession(timeout=ANSWER_WITHIN) as session:
            while True:
                batch = self._due()
                for delivery in batch:
                    await self._attempt(session, delivery)
                    await self.wake()
                if not batch:
                    await self._rest()

    def _due(self) -> list[Delivery]:
        policy = Policy.read(self._store)
        if not policy.sends:
            return []
        rows = self._store.database.execute(
            "select seq, event_id, attempts from delivery where state = 'pending' and due <= ? order by seq",
            (time.time(),),
        )
        batch = [Delivery(*row) for row in rows]
        if policy.order is Order.REVERSED:
            batch.reverse()
        elif policy.order is Order.SHUFFLED:
            random.shuffle(batch)
        return batch

    async def _rest(self) -> None:
        """Until something changes, or the next retry is due."""
        try:
            async with asyncio.timeout(self._until_retry()), self._changed:
                await self._changed.wait()
        except TimeoutError:
            return

    def _until_retry(self) -> float | None:
        """Seconds to the next retry; none while nothing may leave."""
        if not Policy.read(self._store).sends:
            return None
        due = self._store.database.execute("select min(due) from delivery where state = 'pending'").fetchone()[0]
        return None if due is None else max(0.01, float(due) - time.time())

    async def _attempt(self, session: aiohttp.ClientSession, delivery: Delivery) -> None:
        policy = Policy.read(self._store)
        body = json.dumps(self._event(delivery.event_id)).encode()
        answer, taken = "", True
        for _ in range(1 + policy.copies):
            answer, taken = await self._send(session, policy, body)
        attempts = delivery.attempts + 1
        state = "delivered" if taken else "failed" if attempts >= MOST_ATTEMPTS else "pending"
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2**delivery.attempts)
        with self._store.transaction():
            self._store.database.execute(
                "update delivery set state = ?, attempts = ?, answer = ?, due = ? where seq = ?",
                (state, attempts, answer, time.time() + wait, delivery.seq),
            )

    def _event(self, event_id: str) -> Document:
        return self._store.get(Event, event_id).document(self._store)

    async def _send(self, session: aiohttp.ClientSession, policy: Policy, body: bytes) -> tuple[str, bool]:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": sign(policy.secret, int(self._clock.now().timestamp()), body),
            "User-Agent": "Stripe/1.0 (sandbox)",
        }
        try:
            async with session.post(policy.url, data=body, headers=headers) as response:
                await response.read()
                return str(response.status), 200 <= response.status < 300
        except (aiohttp.ClientError, TimeoutError) as failure:
            return type(failure).__name__, False
