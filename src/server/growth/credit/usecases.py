"""What can be done with credit from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.pagination import Listing, Page, PageTokens, page_size
from server.growth.credit.counter import CreditCounter
from server.growth.credit.domain import Books, Entry, Grant
from server.growth.credit.ledger import Award, Redemption, Reversal
from server.growth.credit.repository import CreditRepository

AT_ONCE = 200
NO_CURRENCY = "USD"


@dataclass(frozen=True, slots=True)
class Balance:
    """What somebody may spend now, what they owe, and what the balance consists of."""

    user_id: str
    currency: str
    balance_cents: int
    debt_cents: int
    grants: Sequence[Grant]


@dataclass(frozen=True, slots=True)
class ListEntries:
    """A page of somebody's ledger."""

    actor: Actor
    user_id: str
    page_size: int
    page_token: str


class CreditUseCases:
    """The operations on credit."""

    def __init__(
        self,
        database: Database,
        repository: CreditRepository,
        counter: CreditCounter,
        clock: Clock,
        pages: PageTokens,
    ) -> None:
        self._database = database
        self._repository = repository
        self._counter = counter
        self._clock = clock
        self._pages = pages

    async def balance(self, user_id: str) -> Balance:
        """What may be spent now: what has expired does not count, be it written off already or not."""
        async with self._database.read() as tx:
            books = await self._repository.read(tx, user_id)
        if books is None:
            return Balance(user_id, NO_CURRENCY, 0, 0, ())
        return _balance(books, self._clock.now())

    async def entries(self, command: ListEntries) -> Page[Entry]:
        """Somebody's ledger, newest first."""
        listing = Listing("ListCreditEntries", command.actor.user_id, {"user_id": command.user_id})
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            found = await self._repository.page(
                tx, command.user_id, before=int(position[0]) if position else None, limit=size + 1
            )
        return self._pages.page(listing, found, size, lambda entry: (str(entry.sequence),))

    async def grant(self, user_id: str, award: Award, once: Guard[Entry] | None) -> Entry:
        return await self._database.run(lambda tx: self._counter.award(tx, user_id, award), once=once)

    async def redeem(self, user_id: str, redemption: Redemption, once: Guard[Entry] | None) -> Entry:
        return await self._database.run(lambda tx: self._counter.redeem(tx, user_id, redemption), once=once)

    async def reverse(self, user_id: str, reversal: Reversal, once: Guard[Entry] | None) -> Entry:
        return await self._database.run(lambda tx: self._counter.reverse(tx, user_id, reversal), once=once)

    async def claw_back(self, user_id: str, entry_id: str, reason: str, once: Guard[Balance] | None) -> Balance:
        async def work(tx: Tx) -> Balance:
            return _balance(await self._counter.claw_back(tx, user_id, entry_id, reason), self._clock.now())

        return await self._database.run(work, once=once)

    async def expire(self) -> None:
        """Writes off what is past its time, person by person."""
        while True:
            async with self._database.read() as tx:
                people = await self._repository.people_with_expired(tx, now=self._clock.now(), limit=AT_ONCE)
            if not people:
                return
            for user_id in people:
                await self._database.run(partial(self._counter.expire, user_id=user_id))

    async def broken_chains(self) -> list[str]:
        """Whose ledger does not verify: an entry that is not what was hashed, or a balance that is not the fold."""
        broken: list[str] = []
        after = ""
        while True:
            async with self._database.read() as tx:
                accounts = await self._repository.accounts(tx, after=after, limit=AT_ONCE)
            if not accounts:
                return broken
            broken += [account.user_id for account in accounts if not await self._verifies(account.user_id)]
            after = accounts[-1].user_id

    async def _verifies(self, user_id: str) -> bool:
        """Reads account and chain of one instant, so that a concurrent entry is no breach."""
        balance, sequence, head = 0, 0, b""
        async with self._database.snapshot() as tx:
            while links := await self._repository.chain(tx, user_id, after=sequence, limit=AT_ONCE):
                for entry, stored in links:
                    if entry.previous_hash != head or entry.hash != stored or entry.sequence != sequence + 1:
                        return False
                    balance, sequence, head = balance + entry.signed_cents, entry.sequence, stored
            books = await self._repository.read(tx, user_id)
        if books is None:
            return False
        return (books.account.balance_cents, books.account.sequence, books.account.hash) == (balance, sequence, head)


def _balance(books: Books, now: datetime) -> Balance:
    live = [grant for grant in books.grants.values() if grant.remaining_cents and not grant.expired(now)]
    return Balance(
        user_id=books.account.user_id,
        currency=books.account.currency,
        balance_cents=sum(grant.remaining_cents for grant in live),
        debt_cents=books.debt_cents,
        grants=live,
    )
