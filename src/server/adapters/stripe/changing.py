"""The calls that change something. Each is one request of ours, made under the key that its caller stored."""

from typing import cast

from stripe.params import (
    CustomerCreateParams,
    DisputeUpdateParamsEvidence,
    PaymentIntentCancelParams,
    PaymentIntentCaptureParams,
    PaymentIntentConfirmParams,
    PaymentIntentCreateParams,
    RefundCreateParams,
    TransferCreateParams,
)

from server.adapters.stripe import documents, objects, requests
from server.adapters.stripe.calling import Caller


class Changing(Caller):
    """Customers, cards, payments, refunds, accounts, transfers, disputes: everything that has an effect."""

    async def create_customer(self, request: requests.CreateCustomer, *, key: str) -> objects.Customer:
        params: CustomerCreateParams = {"metadata": dict(request.metadata)}
        return documents.customer(await self._document(self._v1.customers.create_async(params, self._under(key))))

    async def delete_customer(self, request: requests.DeleteCustomer, *, key: str) -> objects.Customer:
        call = self._v1.customers.delete_async(request.customer_id, options=self._under(key))
        return documents.customer(await self._document(call))

    async def attach_payment_method(self, request: requests.AttachPaymentMethod, *, key: str) -> objects.PaymentMethod:
        call = self._v1.payment_methods.attach_async(
            request.payment_method_id, {"customer": request.customer_id}, self._under(key)
        )
        return documents.payment_method(await self._document(call))

    async def detach_payment_method(self, request: requests.DetachPaymentMethod, *, key: str) -> objects.PaymentMethod:
        call = self._v1.payment_methods.detach_async(request.payment_method_id, options=self._under(key))
        return documents.payment_method(await self._document(call))

    async def create_setup_intent(self, request: requests.CreateSetupIntent, *, key: str) -> objects.SetupIntent:
        call = self._v1.setup_intents.create_async(
            {
                "customer": request.customer_id,
                "usage": "off_session",
                "allowed_payment_method_types": ["card"],
                "metadata": dict(request.metadata),
            },
            self._under(key),
        )
        return documents.setup_intent(await self._document(call))

    async def create_payment_intent(self, request: requests.CreatePaymentIntent, *, key: str) -> objects.PaymentIntent:
        params = _payment(request)
        call = self._v1.payment_intents.create_async(params, self._under(key))
        return documents.payment_intent(await self._document(call))

    async def confirm_payment_intent(
        self, request: requests.ConfirmPaymentIntent, *, key: str
    ) -> objects.PaymentIntent:
        params: PaymentIntentConfirmParams = {"expand": ["latest_charge"]}
        if request.off_session:
            params["off_session"] = True
        if request.payment_method_id is not None:
            params["payment_method"] = request.payment_method_id
        if request.return_url is not None:
            params["return_url"] = request.return_url
        call = self._v1.payment_intents.confirm_async(request.payment_intent_id, params, self._under(key))
        return documents.payment_intent(await self._document(call))

    async def capture_payment_intent(
        self, request: requests.CapturePaymentIntent, *, key: str
    ) -> objects.PaymentIntent:
        params: PaymentIntentCaptureParams = {"expand": ["latest_charge"]}
        if request.amount_cents is not None:
            params["amount_to_capture"] = request.amount_cents
        call = self._v1.payment_intents.capture_async(request.payment_intent_id, params, self._under(key))
        return documents.payment_intent(await self._document(call))

    async def cancel_payment_intent(self, request: requests.CancelPaymentIntent, *, key: str) -> objects.PaymentIntent:
        params: PaymentIntentCancelParams = {"expand": ["latest_charge"]}
        if request.reason is not None:
            params["cancellation_reason"] = request.reason.value
        call = self._v1.payment_intents.cancel_async(request.payment_intent_id, params, self._under(key))
        return documents.payment_intent(await self._document(call))

    async def create_refund(self, request: requests.CreateRefund, *, key: str) -> objects.Refund:
        params: RefundCreateParams = {
            "charge": request.charge_id,
            "amount": request.amount_cents,
            "metadata": dict(request.metadata),
        }
        if request.reason is not None:
            params["reason"] = request.reason.value
        return documents.refund(await self._document(self._v1.refunds.create_async(params, self._under(key))))

    async def create_account(self, request: requests.CreateAccount, *, key: str) -> objects.Account:
        call = self._v1.accounts.create_async(
            {
                "country": request.country,
                "controller": {
                    "fees": {"payer": "application"},
                    "losses": {"payments": "application"},
                    "stripe_dashboard": {"type": "express"},
                },
                "capabilities": {"transfers": {"requested": True}},
                "metadata": dict(request.metadata),
            },
            self._under(key),
        )
        return documents.account(await self._document(call))

    async def create_account_link(self, request: requests.CreateAccountLink, *, key: str) -> objects.AccountLink:
        call = self._v1.account_links.create_async(
            {
                "account": request.account_id,
                "type": "account_onboarding",
                "refresh_url": request.refresh_url,
                "return_url": request.return_url,
            },
            self._under(key),
        )
        return documents.account_link(await self._document(call))

    async def create_transfer(self, request: requests.CreateTransfer, *, key: str) -> objects.Transfer:
        params: TransferCreateParams = {
            "amount": request.amount_cents,
            "currency": request.currency,
            "destination": request.account_id,
            "metadata": dict(request.metadata),
        }
        if request.source_charge_id is not None:
            params["source_transaction"] = request.source_charge_id
        if request.transfer_group is not None:
            params["transfer_group"] = request.transfer_group
        return documents.transfer(await self._document(self._v1.transfers.create_async(params, self._under(key))))

    async def reverse_transfer(self, request: requests.ReverseTransfer, *, key: str) -> objects.TransferReversal:
        call = self._v1.transfers.reversals.create_async(
            request.transfer_id,
            {"amount": request.amount_cents, "metadata": dict(request.metadata)},
            self._under(key),
        )
        return documents.transfer_reversal(await self._document(call))

    async def update_dispute(self, request: requests.UpdateDispute, *, key: str) -> objects.Dispute:
        evidence = cast("DisputeUpdateParamsEvidence", dict(request.evidence))
        call = self._v1.disputes.update_async(
            request.dispute_id, {"evidence": evidence, "submit": request.submit}, self._under(key)
        )
        return documents.dispute(await self._document(call))

    async def close_dispute(self, request: requests.CloseDispute, *, key: str) -> objects.Dispute:
        call = self._v1.disputes.close_async(request.dispute_id, options=self._under(key))
        return documents.dispute(await self._document(call))


def _payment(request: requests.CreatePaymentIntent) -> PaymentIntentCreateParams:
    """Cards only: nothing that sends the payer through other sites."""
    params: PaymentIntentCreateParams = {
        "amount": request.amount_cents,
        "currency": request.currency,
        "capture_method": request.capture.value,
        "allowed_payment_method_types": ["card"],
        "metadata": dict(request.metadata),
        "expand": ["latest_charge"],
    }
    if request.customer_id is not None:
        params["customer"] = request.customer_id
    if request.payment_method_id is not None:
        params["payment_method"] = request.payment_method_id
    if request.save_card:
        params["setup_future_usage"] = "off_session"
    if request.transfer_group is not None:
        params["transfer_group"] = request.transfer_group
    if request.description is not None:
        params["description"] = request.description
    if request.confirm:
        params["confirm"] = True
        if request.off_session:
            params["off_session"] = True
        if request.return_url is not None:
            params["return_url"] = request.return_url
    return params
