"""Booking, built."""

from callsheet.booking.v1 import booking_pb2
from server.adapters.eventlog import delivery
from server.booking.jobs import registered as booking_jobs
from server.booking.outgoing import ORDERS, OrderFeed
from server.booking.repository import BookingRepository
from server.booking.servicer import BookingServicer
from server.booking.story import OrderTeller
from server.booking.usecases import EVENTS_CHANNEL as ORDER_EVENTS
from server.booking.usecases import BookingUseCases
from server.bootstrap.parts import Core, Slice
from server.core.grpc.server import Service
from server.core.relay import Route


def build(core: Core) -> Slice:
    repository = BookingRepository(core.ids)
    usecases = BookingUseCases(
        core.database,
        repository,
        core.clock,
        core.ids,
        core.jobs,
        OrderFeed(core.outbox),
        core.pages,
        core.wakeups,
    )
    return Slice(
        services=[
            Service(booking_pb2.DESCRIPTOR.services_by_name["BookingService"], BookingServicer(usecases, core.calls))
        ],
        jobs=booking_jobs(usecases),
        channels=[ORDER_EVENTS],
        routes=[Route(ORDERS, delivery.Delivery(core.log, ORDERS, partitions=1))],
        tellers={"ord": OrderTeller(repository)},
    )
