"""Credit inside somebody's transaction: what the other slices and the referrals ask of it."""

from server.core.clock import Clock
from server.core.db import Tx
from server.core.errors import AlreadyExists, FieldInvalid, NotFound, Violation
from server.core.ids import Ids
from server.growth.credit.domain import Books, Entry, EntryKind
from server.growth.credit.ledger import Award, Ledger, Redemption, Reversal
from server.growth.credit.repository import CreditRepository
from server.growth.errors import CreditInsufficient


class CreditCounter:
    """Locks a person's account, applies the rules, and writes what changed. Begins and commits nothing."""

    def __init__(self, repository: CreditRepository, clock: Clock, ids: Ids) -> None:
        self._repository = repository
        self._clock = clock
        self._ids = ids

    async def award(self, tx: Tx, user_id: str, award: Award) -> Entry:
        """Gives credit; AlreadyExists where the same cause has given some before."""
        now = self._clock.now()
        before = await self._repository.open(tx, user_id, award.currency, now=now)
        after = Ledger(self._ids, now).award(before, award)
        await self._repository.save(tx, before, after, now=now)
        return next(entry for entry in after.entries if entry.related_id == award.related_id)

    async def takes(self, tx: Tx, user_id: str, currency: str) -> bool:
        """Whether somebody could be given credit in a currency: an account is in that of its first credit."""
        return await self._repository.currency(tx, user_id) in (None, currency)

    async def redeem(self, tx: Tx, user_id: str, redemption: Redemption) -> Entry:
        """Pays with credit, all of the amount or nothing."""
        now = self._clock.now()
        before = await self._repository.lock(tx, user_id)
        if before is None:
            raise CreditInsufficient(0)
        after = Ledger(self._ids, now).redeem(before, redemption)
        await self._repository.save(tx, before, after, now=now)
        return after.last

    async def reverse(self, tx: Tx, user_id: str, reversal: Reversal) -> Entry:
        """Gives part of a redemption back, any number of times up to the whole."""
        now = self._clock.now()
        before = await self._repository.lock(tx, user_id, redeem_entry_id=reversal.entry_id)
        if before is None or not before.portions:
            raise NotFound(reversal.entry_id)
        after = Ledger(self._ids, now).reverse(before, reversal)
        await self._repository.save(tx, before, after, now=now)
        return next(entry for entry in after.entries if entry.reverses_entry_id == reversal.entry_id)

    async def claw_back(self, tx: Tx, user_id: str, entry_id: str, reason: str) -> Books:
        """Takes an award back, once; what is spent of it becomes a debt."""
        now = self._clock.now()
        before = await self._repository.lock(tx, user_id, award_entry_id=entry_id)
        entry = None if before is None else await self._repository.entry(tx, user_id, entry_id)
        if before is None or entry is None:
            raise NotFound(entry_id)
        if entry.kind is not EntryKind.AWARD or entry.reverses_entry_id is not None:
            raise FieldInvalid(Violation("entry_id", "must be an award, and none that reverses a redemption"))
        if await self._repository.clawed_back(tx, user_id, entry_id):
            raise AlreadyExists(f"the clawback of {entry_id}")
        grant = next(grant for grant in before.grants.values() if grant.entry_id == entry_id)
        expired_cents = await self._repository.expired_cents(tx, user_id, grant.grant_id)
        after = Ledger(self._ids, now).claw_back(before, grant, reason, expired_cents=expired_cents)
        await self._repository.save(tx, before, after, now=now)
        return after

    async def expire(self, tx: Tx, user_id: str) -> None:
        """Ends what is past its time."""
        now = self._clock.now()
        before = await self._repository.lock(tx, user_id)
        if before is not None:
            await self._repository.save(tx, before, Ledger(self._ids, now).expired(before), now=now)

    async def entry_about(self, tx: Tx, user_id: str, kind: EntryKind, related_id: str) -> Entry | None:
        """The entry of a kind that a cause has made."""
        return await self._repository.entry_about(tx, user_id, kind, related_id)
