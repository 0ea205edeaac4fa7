"""A buyer's cards: protobuf and domain, in both directions."""

from collections.abc import Sequence

from callsheet.booking.v1 import card_pb2 as pb
from server.core.call import current_call
from server.payments.ports import SavedCard, SetupIntent


def key_of(request: pb.CreateSetupIntentRequest) -> str:
    """The key of the field, or of the header. The intent is found again by it, so no answer is stored."""
    call = current_call()
    return request.idempotency_key or (call.idempotency_key if call else "")


def create_setup_intent_response(intent: SetupIntent) -> pb.CreateSetupIntentResponse:
    return pb.CreateSetupIntentResponse(setup_intent_id=intent.id, client_secret=intent.client_secret)


def list_saved_cards_response(cards: Sequence[SavedCard]) -> pb.ListSavedCardsResponse:
    return pb.ListSavedCardsResponse(
        cards=[
            pb.SavedCard(
                payment_method_id=card.payment_method_id,
                brand=card.brand,
                last4=card.last4,
                exp_month=card.exp_month,
                exp_year=card.exp_year,
            )
            for card in cards
        ]
    )


def remove_saved_card_response(_: None) -> pb.RemoveSavedCardResponse:
    return pb.RemoveSavedCardResponse()
