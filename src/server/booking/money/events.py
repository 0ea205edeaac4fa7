"""Events of the processor about an order's money. Each is a hint: its handler looks the object up, and moves what
belongs to it to where it is; so events may come twice, late, in any order, and before what they are about.
"""

from collections.abc import Awaitable, Callable, Mapping

from server.adapters.stripe.port import PaymentProcessor
from server.adapters.stripe.requests import CALL_REFERENCE
from server.adapters.stripe.webhooks import ProcessorEvent
from server.booking.money.banks import Banks
from server.booking.money.giving_back import REFUND
from server.booking.money.looking import Looking
from server.booking.money.onboarding import Onboarding
from server.booking.money.paying_out import REVERSAL, TRANSFER, PayingOut
from server.booking.money.returning import Returning
from server.booking.money.taking import PAYMENT
from server.core.db import Database
from server.payments.ports import CallBook, EventHandler, ObjectBook, Owner, Park

PAYMENT_EVENTS = (
    "payment_intent.created",
    "payment_intent.requires_action",
    "payment_intent.amount_capturable_updated",
    "payment_intent.processing",
    "payment_intent.payment_failed",
    "payment_intent.succeeded",
    "payment_intent.canceled",
    "charge.succeeded",
    "charge.captured",
    "charge.failed",
    "charge.expired",
    "charge.updated",
    "charge.refunded",
)
REFUND_EVENTS = ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated")
TRANSFER_EVENTS = ("transfer.created", "transfer.updated", "transfer.reversed")
ACCOUNT_EVENTS = ("account.updated",)
DISPUTE_EVENTS = (
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
)
WARNING_EVENTS = ("radar.early_fraud_warning.created",)


class MoneyEvents:
    """Booking's handlers."""

    def __init__(
        self,
        database: Database,
        calls: CallBook,
        objects: ObjectBook,
        looking: Looking,
        returning: Returning,
        paying_out: PayingOut,
        onboarding: Onboarding,
        banks: Banks,
        processor: PaymentProcessor,
    ) -> None:
        self._database = database
        self._calls = calls
        self._objects = objects
        self._looking = looking
        self._returning = returning
        self._paying_out = paying_out
        self._onboarding = onboarding
        self._banks = banks
        self._processor = processor

    def handlers(self) -> Mapping[str, EventHandler]:
        """Which handler takes events of which type."""
        groups: tuple[tuple[tuple[str, ...], Callable[[ProcessorEvent, Owner], Awaitable[None]]], ...] = (
            (PAYMENT_EVENTS, self._on_payment),
            (REFUND_EVENTS, self._on_refund),
            (TRANSFER_EVENTS, self._on_transfer),
            (ACCOUNT_EVENTS, self._on_account),
            (DISPUTE_EVENTS, self._on_dispute),
            (WARNING_EVENTS, self._on_warning),
        )
        return {kind: handler for kinds, handler in groups for kind in kinds}

    async def _on_payment(self, event: ProcessorEvent, owner: Owner) -> None:
        _must_be(owner, PAYMENT)
        intent_id = next((one for one in event.references if one.startswith("pi_")), None)
        if intent_id is None:
            raise Park("the event names no payment")
        await self._known(owner, event)
        await self._looking.look_up(owner.id, intent_id)

    async def _on_refund(self, event: ProcessorEvent, owner: Owner) -> None:
        """A refund whose call has not heard its answer yet is known by its reference; one without was made past us."""
        call_id = event.metadata.get(CALL_REFERENCE)
        if owner.kind == PAYMENT and call_id:
            async with self._database.read() as tx:
                owner = (await self._calls.get(tx, call_id)).owner
        if owner.kind == REFUND:
            await self._returning.look_up(owner.id, event.object_id)
        else:
            _must_be(owner, PAYMENT)
            await self._returning.found_elsewhere(owner.id, event.object_id)

    async def _on_transfer(self, event: ProcessorEvent, owner: Owner) -> None:
        _must_be(owner, TRANSFER, REVERSAL)
        if owner.kind == TRANSFER:
            await self._paying_out.arrived(owner.id, await self._processor.transfer(event.object_id))

    async def _on_account(self, event: ProcessorEvent, owner: Owner) -> None:
        await self._onboarding.look_up(event.object_id)

    async def _on_dispute(self, event: ProcessorEvent, owner: Owner) -> None:
        _must_be(owner, PAYMENT)
        await self._banks.look_up(owner.id, event.object_id)

    async def _on_warning(self, event: ProcessorEvent, owner: Owner) -> None:
        _must_be(owner, PAYMENT)
        await self._banks.warned(owner.id, event.object_id)

    async def _known(self, owner: Owner, event: ProcessorEvent) -> None:
        """Whatever belongs to a payment that the event is about is the payment's: complaints carry nothing of ours, and
        find their way by the charge.
        """
        await self._database.run(lambda tx: self._objects.register(tx, event.references, owner))


def _must_be(owner: Owner, *kinds: str) -> None:
    if owner.kind not in kinds:
        raise Park(f"about a {owner.kind}")
