"""The service, composed of its topics."""

from callsheet.booking.v1.booking_pb2_grpc import BookingServiceServicer
from server.booking.servicer.money import MoneyCalls
from server.booking.servicer.offering import OfferingCalls
from server.booking.servicer.orders import OrderCalls


class BookingServicer(OrderCalls, OfferingCalls, MoneyCalls, BookingServiceServicer):
    """Answers `callsheet.booking.v1.BookingService`."""
