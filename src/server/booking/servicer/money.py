"""What bookings cost their buyers, and what they bring their providers."""

from callsheet.booking.v1 import card_pb2, payment_pb2, policy_pb2
from server.booking.cards import convert as cards
from server.booking.fees import convert as fees
from server.booking.money import convert as money
from server.booking.servicer.parts import Answering
from server.core.call import current_actor


class MoneyCalls(Answering):
    """What bookings cost their buyers, and what they bring their providers."""

    async def PutFeePolicy(
        self, request: policy_pb2.PutFeePolicyRequest, context: object
    ) -> policy_pb2.PutFeePolicyResponse:
        command = fees.put_fee_policy(request, current_actor())
        result = await self._do.fees.put(command, self._once(request, fees.put_fee_policy_response))
        return fees.put_fee_policy_response(result)

    async def ListFeePolicies(
        self, request: policy_pb2.ListFeePoliciesRequest, context: object
    ) -> policy_pb2.ListFeePoliciesResponse:
        command = fees.list_fee_policies(request, current_actor())
        page = await self._do.fees.list(command)
        return fees.list_fee_policies_response(page)

    async def CreateSetupIntent(
        self, request: card_pb2.CreateSetupIntentRequest, context: object
    ) -> card_pb2.CreateSetupIntentResponse:
        intent = await self._do.cards.begin(current_actor(), cards.key_of(request))
        return cards.create_setup_intent_response(intent)

    async def ListSavedCards(
        self, request: card_pb2.ListSavedCardsRequest, context: object
    ) -> card_pb2.ListSavedCardsResponse:
        found = await self._do.cards.list(current_actor())
        return cards.list_saved_cards_response(found)

    async def RemoveSavedCard(
        self, request: card_pb2.RemoveSavedCardRequest, context: object
    ) -> card_pb2.RemoveSavedCardResponse:
        once = self._once(request, cards.remove_saved_card_response)
        await self._do.cards.remove(current_actor(), request.payment_method_id, once)
        return cards.remove_saved_card_response(None)

    async def GetPayment(
        self, request: payment_pb2.GetPaymentRequest, context: object
    ) -> payment_pb2.GetPaymentResponse:
        command = money.get_payment(request, current_actor())
        view = await self._do.money.payment(command)
        return money.get_payment_response(view)

    async def GetReceipt(
        self, request: payment_pb2.GetReceiptRequest, context: object
    ) -> payment_pb2.GetReceiptResponse:
        actor = current_actor()
        receipt = await self._do.money.receipt(request.order_id, actor)
        return money.get_receipt_response(receipt)

    async def GetEarnings(
        self, request: payment_pb2.GetEarningsRequest, context: object
    ) -> payment_pb2.GetEarningsResponse:
        command = money.get_earnings(request, current_actor())
        earnings = await self._do.money.earnings(command)
        return money.get_earnings_response(earnings)

    async def CreatePayoutOnboarding(
        self, request: payment_pb2.CreatePayoutOnboardingRequest, context: object
    ) -> payment_pb2.CreatePayoutOnboardingResponse:
        command = money.begin_onboarding(request, current_actor())
        link = await self._do.onboarding.begin(command)
        return money.onboarding_response(link)
