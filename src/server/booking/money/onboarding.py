"""How providers come to be paid: their account at the processor, the form that enables it, and what it may do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from server.adapters.stripe.objects import Account, AccountLink
from server.adapters.stripe.port import PaymentProcessor
from server.adapters.stripe.requests import CreateAccount, CreateAccountLink, Request
from server.booking.money.out_rows import PayoutRepository
from server.booking.money.repository import BalanceRepository
from server.booking.money.timers import ANSWERED, SETTLE
from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Tx
from server.core.errors import DependencyDown, NotFound
from server.core.ids import Ids
from server.core.jobs import Jobs
from server.payments.ports import CallBook, Owner, Performer, SliceName

ACCOUNT: Final = "account"


@dataclass(frozen=True, slots=True)
class BeginOnboarding:
    """A provider wants to be paid."""

    actor: Actor
    country: str
    refresh_url: str
    return_url: str


@dataclass(frozen=True, slots=True)
class OnboardingLink:
    """Where to send them. The address opens the form to whoever has it, so nobody keeps it."""

    account_id: str
    url: str
    expires_at: datetime


class Onboarding:
    """Accounts of providers."""

    def __init__(
        self,
        database: Database,
        payouts: PayoutRepository,
        balances: BalanceRepository,
        calls: CallBook,
        performer: Performer,
        processor: PaymentProcessor,
        jobs: Jobs,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._payouts = payouts
        self._balances = balances
        self._calls = calls
        self._performer = performer
        self._processor = processor
        self._jobs = jobs
        self._clock = clock
        self._ids = ids

    async def begin(self, command: BeginOnboarding) -> OnboardingLink:
        """The provider's account, made when first asked for, and a fresh link to its form. NotFound before they have a
        profile.
        """
        account_id = await self._account(command)
        request = CreateAccountLink(
            account_id=account_id, refresh_url=command.refresh_url, return_url=command.return_url
        )
        link = await self._made(request, f"link:{self._ids.new('lnk')}", command.actor.user_id)
        if not isinstance(link, AccountLink):
            raise DependencyDown("stripe")
        return OnboardingLink(account_id, link.url, link.expires_at)

    async def _account(self, command: BeginOnboarding) -> str:
        provider = command.actor.user_id
        async with self._database.read() as tx:
            payee = await self._payouts.payee(tx, provider)
        if payee is None:
            raise NotFound(provider)
        if payee.account_id:
            return payee.account_id
        opaque = sha256(provider.encode()).hexdigest()[:40]
        account = await self._made(
            CreateAccount(country=command.country), f"account:{opaque}:{command.country}", provider
        )
        if not isinstance(account, Account):
            raise DependencyDown("stripe")
        return await self.keep(provider, account)

    async def _made(self, request: Request, key: str, provider: str) -> object:
        """Stores a call and makes it at once; an account's job is only the net below."""
        owner = Owner(SliceName.BOOKING, ACCOUNT, provider)
        stored = await self._database.run(
            lambda tx: self._calls.store(tx, request, key=key, owner=owner, reply=ANSWERED)
        )
        _, result = await self._performer.perform(stored.call_id)
        return result

    async def keep(self, provider_user_id: str, account: Account) -> str:
        """Keeps a provider's account and what it may do; the account that stands."""

        async def work(tx: Tx) -> str:
            kept = await self._payouts.keep_account(tx, provider_user_id, account.id, now=self._clock.now())
            if kept is None:
                raise NotFound(provider_user_id)
            return kept

        return await self._database.run(work)

    async def look_up(self, account_id: str) -> None:
        """Asks the processor what an account may do. Once it can be paid to, what its owner is owed is due."""
        account = await self._processor.account(account_id)
        enabled = account.payouts_enabled and account.transfers_active

        async def work(tx: Tx) -> None:
            owner = await self._payouts.set_enabled(tx, account_id, enabled=enabled, now=self._clock.now())
            waiting: Sequence[str] = ()
            if owner is not None and enabled:
                waiting = await self._balances.owing_to(tx, owner)
            for order_id in waiting:
                await self._jobs.enqueue(tx, SETTLE, key=order_id)

        await self._database.run(work)
