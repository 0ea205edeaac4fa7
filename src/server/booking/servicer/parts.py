"""What the RPCs call."""

from dataclasses import dataclass

from server.booking.cancelling.usecases import Cancelling
from server.booking.cards.usecases import Cards
from server.booking.catalogue.usecases import Catalogue
from server.booking.chat.usecases import Chat
from server.booking.disputes.deciding import DisputeDeciding
from server.booking.disputes.handling import DisputeHandling
from server.booking.disputes.opening import DisputeOpening
from server.booking.disputes.reading import DisputeReading
from server.booking.fees.usecases import Fees
from server.booking.fulfilment.agreeing import Agreeing
from server.booking.fulfilment.milestone_steps import MilestoneSteps
from server.booking.fulfilment.usecases import Fulfilment
from server.booking.invites.awarding import Awarding
from server.booking.invites.groups import Groups
from server.booking.invites.inviting import Inviting
from server.booking.money.onboarding import Onboarding
from server.booking.money.reading import MoneyReading
from server.booking.negotiation.answering import OfferAnswers
from server.booking.negotiation.reading import OfferReading
from server.booking.negotiation.submitting import Submitting
from server.booking.providers.usecases import Providers
from server.booking.rescheduling.usecases import Rescheduling
from server.booking.rules.usecases import Rules
from server.booking.usecases import BookingUseCases
from server.core.grpc.once import IdempotentCalls


@dataclass(frozen=True, slots=True)
class BookingParts:
    """The operations of the booking slice, by theme."""

    orders: BookingUseCases
    submitting: Submitting
    answering: OfferAnswers
    offers: OfferReading
    inviting: Inviting
    awarding: Awarding
    groups: Groups
    rescheduling: Rescheduling
    catalogue: Catalogue
    providers: Providers
    rules: Rules
    fees: Fees
    cards: Cards
    money: MoneyReading
    onboarding: Onboarding
    chat: Chat
    fulfilment: Fulfilment
    milestones: MilestoneSteps
    agreeing: Agreeing
    cancelling: Cancelling
    dispute_opening: DisputeOpening
    dispute_handling: DisputeHandling
    dispute_deciding: DisputeDeciding
    dispute_reading: DisputeReading


class Answering:
    """What every topic's calls answer from."""

    def __init__(self, parts: BookingParts, calls: IdempotentCalls) -> None:
        self._do = parts
        self._once = calls.once
