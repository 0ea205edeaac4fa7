"""Finds what a call of ours made, by the reference that the call left in its metadata.

Only lists are asked: the processor's search index lags behind by a minute and would miss what just happened.
"""

from datetime import datetime

from stripe.params import (
    AccountListParams,
    CustomerListParams,
    PaymentIntentListParams,
    RefundListParams,
    SetupIntentListParams,
    TransferListParams,
    TransferReversalListParams,
)

from server.adapters.stripe import documents, objects
from server.adapters.stripe.calling import PAGE, Caller, Fetch
from server.adapters.stripe.documents import Document
from server.adapters.stripe.requests import CALL_REFERENCE


class Searching(Caller):
    """Answers whether a call whose outcome nobody knows did happen."""

    async def find_customer(self, call_id: str, *, since: datetime) -> objects.Customer | None:
        async def fetch(after: str | None) -> Document:
            params: CustomerListParams = {"limit": PAGE, "created": {"gte": self._from(since)}}
            if after is not None:
                params["starting_after"] = after
            return await self._document(self._v1.customers.list_async(params))

        found = await self._made_by(call_id, fetch)
        return None if found is None else documents.customer(found)

    async def find_account(self, call_id: str, *, since: datetime) -> objects.Account | None:
        async def fetch(after: str | None) -> Document:
            params: AccountListParams = {"limit": PAGE, "created": {"gte": self._from(since)}}
            if after is not None:
                params["starting_after"] = after
            return await self._document(self._v1.accounts.list_async(params))

        found = await self._made_by(call_id, fetch)
        return None if found is None else documents.account(found)

    async def find_setup_intent(self, call_id: str, *, customer_id: str, since: datetime) -> objects.SetupIntent | None:
        async def fetch(after: str | None) -> Document:
            params: SetupIntentListParams = {
                "limit": PAGE,
                "created": {"gte": self._from(since)},
                "customer": customer_id,
            }
            if after is not None:
                params["starting_after"] = after
            return await self._document(self._v1.setup_intents.list_async(params))

        found = await self._made_by(call_id, fetch)
        return None if found is None else documents.setup_intent(found)

    async def find_payment_intent(
        self, call_id: str, *, customer_id: str | None, since: datetime
    ) -> objects.PaymentIntent | None:
        async def fetch(after: str | None) -> Document:
            params: PaymentIntentListParams = {
                "limit": PAGE,
                "created": {"gte": self._from(since)},
                "expand": ["data.latest_charge"],
            }
            if customer_id is not None:
                params["customer"] = customer_id
            if after is not None:
                params["starting_after"] = after
            return await self._document(self._v1.payment_intents.list_async(params))

        found = await self._made_by(call_id, fetch)
        return None if found is None else documents.payment_intent(found)

    async def find_refund(self, call_id: str, *, charge_id: str) -> objects.Refund | None:
        async def fetch(after: str | None) -> Document:
            params: RefundListParams = {"limit": PAGE, "charge": charge_id}
            if after is not None:
                params["starting_after"] = after
            return await self._document(self._v1.refunds.list_async(params))

        found = await self._made_by(call_id, fetch)
        return None if found is None else documents.refund(found)

    async def find_transfer(
        self, call_id: str, *, transfer_group: str | None, since: datetime
    ) -> objects.Transfer | None:
        async def fetch(after: str | None) -> Document:
            params: TransferListParams = {"limit": PAGE, "created": {"gte": self._from(since)}}
            if transfer_group is not None:
                params["transfer_group"] = transfer_group
            if after is not None:
                params["starting_after"] = after
            return await self._document(self._v1.transfers.list_async(params))

        found = await self._made_by(call_id, fetch)
        return None if found is None else documents.transfer(found)

    async def find_reversal(self, call_id: str, *, transfer_id: str) -> objects.TransferReversal | None:
        async def fetch(after: str | None) -> Document:
            params: TransferReversalListParams = {"limit": PAGE}
            if after is not None:
                params["starting_after"] = after
            return await self._document(self._v1.transfers.reversals.list_async(transfer_id, params))

        found = await self._made_by(call_id, fetch)
        return None if found is None else documents.transfer_reversal(found)

    async def _made_by(self, call_id: str, fetch: Fetch) -> Document | None:
        async for entry in self._every(fetch):
            if documents.metadata(entry).get(CALL_REFERENCE) == call_id:
                return entry
        return None
