"""The calls that only look."""

from stripe.params import BalanceTransactionListParams

from server.adapters.stripe import documents, objects
from server.adapters.stripe.calling import PAGE, Caller
from server.adapters.stripe.documents import Document


class Reading(Caller):
    """Objects by their id, what belongs to a payer, and balances."""

    async def customer(self, customer_id: str) -> objects.Customer:
        return documents.customer(await self._document(self._v1.customers.retrieve_async(customer_id)))

    async def payment_method(self, payment_method_id: str) -> objects.PaymentMethod:
        call = self._v1.payment_methods.retrieve_async(payment_method_id)
        return documents.payment_method(await self._document(call))

    async def payment_methods(self, customer_id: str) -> tuple[objects.PaymentMethod, ...]:
        async def fetch(after: str | None) -> Document:
            service = self._v1.customers.payment_methods
            return await self._document(
                service.list_async(
                    customer_id,
                    {"type": "card", "limit": PAGE, "starting_after": after}
                    if after
                    else {"type": "card", "limit": PAGE},
                )
            )

        return tuple([documents.payment_method(entry) async for entry in self._every(fetch)])

    async def setup_intent(self, setup_intent_id: str) -> objects.SetupIntent:
        return documents.setup_intent(await self._document(self._v1.setup_intents.retrieve_async(setup_intent_id)))

    async def payment_intent(self, payment_intent_id: str) -> objects.PaymentIntent:
        call = self._v1.payment_intents.retrieve_async(payment_intent_id, {"expand": ["latest_charge"]})
        return documents.payment_intent(await self._document(call))

    async def charge(self, charge_id: str) -> objects.Charge:
        return documents.charge(await self._document(self._v1.charges.retrieve_async(charge_id)))

    async def refund(self, refund_id: str) -> objects.Refund:
        return documents.refund(await self._document(self._v1.refunds.retrieve_async(refund_id)))

    async def account(self, account_id: str) -> objects.Account:
        return documents.account(await self._document(self._v1.accounts.retrieve_async(account_id)))

    async def transfer(self, transfer_id: str) -> objects.Transfer:
        return documents.transfer(await self._document(self._v1.transfers.retrieve_async(transfer_id)))

    async def dispute(self, dispute_id: str) -> objects.Dispute:
        return documents.dispute(await self._document(self._v1.disputes.retrieve_async(dispute_id)))

    async def early_fraud_warning(self, warning_id: str) -> objects.EarlyFraudWarning:
        call = self._v1.radar.early_fraud_warnings.retrieve_async(warning_id)
        return documents.early_fraud_warning(await self._document(call))

    async def balance(self, account_id: str | None = None) -> objects.Balance:
        return documents.balance(await self._document(self._v1.balance.retrieve_async(options=self._on(account_id))))

    async def balance_transactions(
        self, *, account_id: str | None = None, after: str | None = None, limit: int = PAGE
    ) -> objects.Page[objects.BalanceTransaction]:
        params: BalanceTransactionListParams = {"limit": limit}
        if after is not None:
            params["starting_after"] = after
        found = await self._document(self._v1.balance_transactions.list_async(params, self._on(account_id)))
        entries = documents.children(found, "data")
        return objects.Page(
            items=tuple(documents.balance_transaction(entry) for entry in entries),
            more=documents.flag(found, "has_more"),
        )
