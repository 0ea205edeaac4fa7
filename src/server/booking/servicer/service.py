"""The service, composed of its topics."""

from callsheet.booking.v1.booking_pb2_grpc import BookingServiceServicer
from server.booking.servicer.chat import ChatCalls
from server.booking.servicer.disputes import DisputeCalls
from server.booking.servicer.fulfilment import FulfilmentCalls
from server.booking.servicer.invites import InviteCalls
from server.booking.servicer.money import MoneyCalls
from server.booking.servicer.negotiation import NegotiationCalls
from server.booking.servicer.offering import OfferingCalls
from server.booking.servicer.orders import OrderCalls


class BookingServicer(
    OrderCalls,
    NegotiationCalls,
    InviteCalls,
    FulfilmentCalls,
    DisputeCalls,
    ChatCalls,
    OfferingCalls,
    MoneyCalls,
    BookingServiceServicer,
):
    """Answers `callsheet.booking.v1.BookingService`."""
