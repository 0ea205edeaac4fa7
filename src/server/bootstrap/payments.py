"""Payments, built: first what slices pay with, and last the inbox, which needs the slices' handlers."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from callsheet.payments.v1 import webhook_pb2
from server.adapters.stripe import client
from server.adapters.stripe.port import PaymentProcessor
from server.bootstrap.parts import Core, Slice
from server.core.grpc.server import Service
from server.core.secrecy import KeyedHash
from server.payments import jobs
from server.payments.domain import SliceName
from server.payments.ports import EventHandler
from server.payments.repository import CallRepository, InboxRepository, WalletRepository
from server.payments.servicer import WebhookServicer
from server.payments.usecases.calls import Calls
from server.payments.usecases.inbox import Inbox
from server.payments.usecases.wallets import CardWallets, hooks

TEST_KEYS = ("sk_test_", "rk_test_")


@dataclass(frozen=True, slots=True)
class Payments:
    """What slices pay with, before it is known what they want to hear."""

    core: Core
    processor: PaymentProcessor
    rows: InboxRepository
    call_rows: CallRepository
    calls: Calls
    wallets: CardWallets

    def slice(self, subscriptions: Mapping[SliceName, Mapping[str, EventHandler]]) -> Slice:
        """The slice, with the inbox that hands events to those who asked for them."""
        settings = self.core.settings
        inbox = Inbox(
            self.core.database,
            self.rows,
            self.call_rows,
            self.core.jobs,
            self.core.clock,
            secrets=[settings.stripe_webhook_secret.get_secret_value()],
            livemode=not settings.stripe_api_key.get_secret_value().startswith(TEST_KEYS),
            subscriptions={SliceName.PAYMENTS: self.wallets.handlers(), **subscriptions},
        )
        service = webhook_pb2.DESCRIPTOR.services_by_name["WebhookService"]
        return Slice(
            services=[Service(service, WebhookServicer(inbox))],
            jobs=jobs.registered(self.calls, inbox, self.wallets),
            crons=jobs.CRONS,
        )


async def build(stack: AsyncExitStack, core: Core) -> Payments:
    """Connects to the processor; nothing is called before somebody pays."""
    settings = core.settings
    processor = await stack.enter_async_context(
        client.connect(settings.stripe_api_key.get_secret_value(), api_base=settings.stripe_api_base)
    )
    wallet_rows = WalletRepository(KeyedHash(settings.pepper.get_secret_value().encode()))
    calls, inbox = CallRepository(), InboxRepository()
    book = Calls(
        core.database, calls, inbox, processor, core.jobs, core.clock, core.ids, hooks(wallet_rows, core.clock)
    )
    wallets = CardWallets(core.database, wallet_rows, book, processor, core.jobs, core.clock)
    return Payments(core, processor, inbox, calls, book, wallets)
