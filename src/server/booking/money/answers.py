"""Answers of the processor to stored calls: each goes to the row that the call was made for."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from server.adapters.stripe.objects import Account, PaymentIntent, Refund, Result, Transfer, TransferReversal
from server.booking.money.giving_back import REFUND
from server.booking.money.looking import Looking
from server.booking.money.onboarding import ACCOUNT, Onboarding
from server.booking.money.paying_out import REVERSAL, TRANSFER, PayingOut
from server.booking.money.repository import PaymentRepository
from server.booking.money.returning import Returning
from server.booking.money.taking import PAYMENT
from server.core.crash import point
from server.core.db import Database
from server.payments.ports import CallBook, CallFailure, StoredCall

_SILENT: Final = CallFailure("no_result")

Answer: TypeAlias = Callable[[StoredCall, Result | None], Awaitable[None]]


class Answers:
    """Hands each settled call to whoever made it. Told twice, nobody does anything twice."""

    def __init__(
        self,
        database: Database,
        calls: CallBook,
        payments: PaymentRepository,
        looking: Looking,
        returning: Returning,
        paying_out: PayingOut,
        onboarding: Onboarding,
    ) -> None:
        self._database = database
        self._calls = calls
        self._payments = payments
        self._looking = looking
        self._returning = returning
        self._paying_out = paying_out
        self._onboarding = onboarding
        self._to: Mapping[str, Answer] = MappingProxyType(
            {
                PAYMENT: self._payment,
                REFUND: self._refund,
                TRANSFER: self._transfer,
                REVERSAL: self._reversal,
                ACCOUNT: self._account,
            }
        )

    async def heard(self, call_id: str) -> None:
        """Settles what a call was made for by what came of it."""
        async with self._database.read() as tx:
            call = await self._calls.get(tx, call_id)
        await self._to[call.owner.kind](call, self._calls.result(call))
        await point("booking.money_answered")

    async def _payment(self, call: StoredCall, result: Result | None) -> None:
        if isinstance(result, PaymentIntent):
            await self._looking.look(call.owner.id, result)
            return
        failure = call.failure or _SILENT
        intent_id = failure.payment_intent_id or await self._intent_of(call.owner.id)
        if intent_id:
            await self._looking.look_up(call.owner.id, intent_id)
        else:
            await self._looking.refuse(call.owner.id, failure.decline_code or failure.code)

    async def _intent_of(self, payment_id: str) -> str:
        async with self._database.read() as tx:
            order_id = await self._payments.order_of(tx, payment_id)
            payments = await self._payments.of_order(tx, order_id) if order_id else []
        return next((payment.intent_id for payment in payments if payment.payment_id == payment_id), "")

    async def _refund(self, call: StoredCall, result: Result | None) -> None:
        if isinstance(result, Refund):
            await self._returning.look(call.owner.id, result)
        else:
            await self._returning.refuse(call.owner.id, (call.failure or _SILENT).code)

    async def _transfer(self, call: StoredCall, result: Result | None) -> None:
        processor_id = result.id if isinstance(result, Transfer) else ""
        failure = "" if processor_id else (call.failure or _SILENT).code
        await self._database.run(
            lambda tx: self._paying_out.transfer_answered(tx, call.owner.id, processor_id, failure)
        )
        await point("booking.transfer_answered")

    async def _reversal(self, call: StoredCall, result: Result | None) -> None:
        processor_id = result.id if isinstance(result, TransferReversal) else ""
        failure = "" if processor_id else (call.failure or _SILENT).code
        await self._database.run(
            lambda tx: self._paying_out.reversal_answered(tx, call.owner.id, processor_id, failure)
        )
        await point("booking.reversal_answered")

    async def _account(self, call: StoredCall, result: Result | None) -> None:
        if isinstance(result, Account):
            await self._onboarding.keep(call.owner.id, result)
