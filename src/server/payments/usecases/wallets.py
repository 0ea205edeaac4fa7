"""Payers and their cards. The processor holds the cards; here is what a person recognises them by."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from server.adapters.stripe import requests
from server.adapters.stripe.objects import Customer, Result, SetupIntent
from server.adapters.stripe.port import PaymentProcessor
from server.adapters.stripe.webhooks import ProcessorEvent
from server.core.clock import Clock
from server.core.db import Database, Tx
from server.core.errors import NotFound
from server.core.jobs import Jobs
from server.payments.domain import INLINE, CallStatus, Owner, Payer, SavedCard, SliceName, StoredCall
from server.payments.errors import CallFailed
from server.payments.kinds import SYNC_CARDS
from server.payments.ports import EventHandler
from server.payments.repository import WalletRepository
from server.payments.usecases.calls import Calls, Hook


class CardWallets:
    """The `Wallets`."""

    def __init__(
        self,
        database: Database,
        repository: WalletRepository,
        calls: Calls,
        processor: PaymentProcessor,
        jobs: Jobs,
        clock: Clock,
    ) -> None:
        self._database = database
        self._repository = repository
        self._calls = calls
        self._processor = processor
        self._jobs = jobs
        self._clock = clock

    async def payer(self, user_id: str) -> Payer:
        async with self._database.read() as tx:
            found = await self._repository.payer(tx, user_id)
        if found is not None:
            return found
        await self._make(requests.CreateCustomer(), f"customer:{_opaque(user_id)}", user_id)
        async with self._database.read() as tx:
            made = await self._repository.payer(tx, user_id)
        if made is None:
            raise NotFound(user_id)
        return made

    async def begin_card(self, user_id: str, *, key: str) -> SetupIntent:
        payer = await self.payer(user_id)
        request = requests.CreateSetupIntent(customer_id=payer.customer_id)
        result = await self._make(request, f"setup:{_opaque(user_id, key)}", user_id)
        if not isinstance(result, SetupIntent):
            raise CallFailed("unexpected_result")
        # A stored result has no secret: whoever asks again gets it from the processor.
        return result if result.client_secret else await self._processor.setup_intent(result.id)

    async def _make(self, request: requests.Request, key: str, user_id: str) -> Result:
        """Stores a call and makes it at once."""
        stored = await self._database.run(
            lambda tx: self._calls.store(tx, request, key=key, owner=_of(user_id), after=INLINE)
        )
        call, result = await self._calls.perform(stored.call_id)
        if call.status is CallStatus.FAILED or result is None:
            raise CallFailed(call.failure.code if call.failure else "no_result")
        return result

    async def cards(self, tx: Tx, user_id: str) -> Sequence[SavedCard]:
        return await self._repository.cards(tx, user_id)

    async def fingerprint(self, tx: Tx, payment_method_id: str) -> str:
        return await self._repository.fingerprint(tx, payment_method_id)

    async def remove_card(self, tx: Tx, user_id: str, payment_method_id: str) -> None:
        now = self._clock.now()
        await self._repository.detach(tx, user_id, payment_method_id, now=now)
        payer = await self._repository.payer(tx, user_id)
        if payer is not None and payer.default_payment_method_id == payment_method_id:
            await self._repository.set_default(tx, user_id, None, now=now)
        request = requests.DetachPaymentMethod(payment_method_id=payment_method_id)
        await self._calls.store(tx, request, key=f"detach:{payment_method_id}", owner=_of(user_id))

    async def forget(self, tx: Tx, user_id: str) -> None:
        payer = await self._repository.payer(tx, user_id)
        if payer is None:
            return
        await self._repository.keep_only(tx, user_id, [], now=self._clock.now())
        request = requests.DeleteCustomer(customer_id=payer.customer_id)
        await self._calls.store(tx, request, key=f"forget:{payer.customer_id}", owner=_of(user_id))

    async def sync(self, customer_id: str) -> None:
        """Makes the saved cards of a customer equal to what the processor holds now; the newest becomes the default
        where there is none.
        """
        held = [method for method in await self._processor.payment_methods(customer_id) if method.card is not None]

        async def work(tx: Tx) -> None:
            payer, now = await self._repository.payer_of_customer(tx, customer_id), self._clock.now()
            if payer is None:
                return
            for method in reversed(held):
                if method.card is not None:
                    await self._repository.save_card(tx, payer.user_id, method.id, method.card, now=now)
            kept = [method.id for method in held]
            await self._repository.keep_only(tx, payer.user_id, kept, now=now)
            if payer.default_payment_method_id not in kept:
                await self._repository.set_default(tx, payer.user_id, kept[0] if kept else None, now=now)
            await self._calls.register(tx, kept, _of(payer.user_id))

        await self._database.run(work)

    async def on_cards_changed(self, event: ProcessorEvent, owner: Owner) -> None:
        """Something about a user's cards happened: looks at all of them, once for however many events."""

        async def work(tx: Tx) -> None:
            payer = await self._repository.payer(tx, owner.id)
            if payer is not None:
                await self._jobs.enqueue(tx, SYNC_CARDS, key=payer.customer_id)

        await self._database.run(work)

    def handlers(self) -> Mapping[str, EventHandler]:
        """The events about payers that payments itself handles."""
        types = (
            "setup_intent.succeeded",
            "payment_method.attached",
            "payment_method.automatically_updated",
            "payment_method.detached",
            "payment_method.updated",
        )
        return dict.fromkeys(types, self.on_cards_changed)


def hooks(repository: WalletRepository, clock: Clock) -> Mapping[str, Hook]:
    """What payments does in the transaction that commits a call of its own."""

    async def keep_payer(tx: Tx, call: StoredCall, result: Result) -> None:
        if isinstance(result, Customer):
            await repository.insert_payer(tx, call.owner.id, result.id, now=clock.now())

    return {"customers.create": keep_payer}


def _of(user_id: str) -> Owner:
    return Owner(SliceName.PAYMENTS, "user", user_id)


def _opaque(*parts: str) -> str:
    """A key's part that names a person to nobody: keys outlive an erasure."""
    return sha256("\x00".join(parts).encode()).hexdigest()[:40]
