"""Booking, built."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from callsheet.booking.v1 import booking_pb2
from server.adapters.eventlog import delivery
from server.booking.book import OrderBook
from server.booking.cards.usecases import Cards
from server.booking.catalogue.repository import CatalogueRepository
from server.booking.catalogue.usecases import Catalogue
from server.booking.chat.repository import ChatRepository
from server.booking.fees.repository import FeeRepository
from server.booking.fees.usecases import Fees
from server.booking.money.support_desk import SupportDesk
from server.booking.outgoing import ORDERS, OrderFeed
from server.booking.providers.repository import ProviderRepository
from server.booking.providers.usecases import Providers
from server.booking.repository import BookingRepository
from server.booking.rules.repository import RuleRepository
from server.booking.rules.usecases import Rules
from server.booking.servicer.parts import BookingParts
from server.booking.servicer.service import BookingServicer
from server.booking.steps import PaidSteps
from server.booking.story import OrderTeller
from server.booking.usecases import EVENTS_CHANNEL as ORDER_EVENTS
from server.booking.usecases import BookingUseCases
from server.bootstrap import booking_money, fulfilment, negotiation
from server.bootstrap.advertising import attribution
from server.bootstrap.fulfilment import Neighbours
from server.bootstrap.parts import Core, Slice
from server.bootstrap.payments import Payments
from server.core.grpc.server import Service
from server.core.relay import Route
from server.growth.ports import Credit
from server.payments.ports import EventHandler

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Booking:
    """The slice, and what other slices get from it."""

    slice: Slice
    desk: SupportDesk
    events: Mapping[str, EventHandler]
    """What the slice wants to hear of the processor."""


def build(core: Core, paying: Payments, credit: Credit, neighbours: Neighbours) -> Booking:
    repository = BookingRepository(core.ids)
    book = OrderBook(repository, OrderFeed(core.outbox), core.jobs, core.clock)
    money = booking_money.build(core, paying, book, repository, credit, neighbours.holds)
    before = negotiation.build(core, repository, book, money.purse, paying.wallets)
    after = fulfilment.build(core, repository, book, money.purse, neighbours)
    steps = PaidSteps(
        book,
        ChatRepository(),
        negotiation.desk(core, book),
        fulfilment.extending(core, book),
        core.jobs,
        core.ids,
    )
    hearing = money.hearing(steps, fulfilment.chargebacks(core, book, neighbours))
    orders = BookingUseCases(
        core.database, repository, book, core.clock, core.ids, core.pages, core.wakeups, attribution(core)
    )
    parts = BookingParts(
        orders=orders,
        submitting=before.submitting,
        answering=before.answering,
        offers=before.offers,
        inviting=before.inviting,
        awarding=before.awarding,
        groups=before.groups,
        rescheduling=before.rescheduling,
        catalogue=Catalogue(core.database, CatalogueRepository(), core.clock, core.ids, core.pages),
        providers=Providers(
            core.database,
            ProviderRepository(),
            core.clock,
            lambda: secrets.token_urlsafe(SECRET_BYTES),
            core.settings.public_url,
        ),
        rules=Rules(core.database, RuleRepository(), core.clock, core.ids, core.pages),
        cards=Cards(core.database, paying.wallets, core.ids),
        money=hearing.reading,
        onboarding=hearing.onboarding,
        chat=after.chat,
        fulfilment=after.fulfilment,
        milestones=after.milestones,
        agreeing=after.agreeing,
        cancelling=after.cancelling,
        dispute_opening=after.dispute_opening,
        dispute_handling=after.dispute_handling,
        dispute_deciding=after.dispute_deciding,
        dispute_reading=after.dispute_reading,
        fees=Fees(core.database, FeeRepository(), core.clock, core.ids, core.pages),
    )
    built = Slice(
        services=[
            Service(booking_pb2.DESCRIPTOR.services_by_name["BookingService"], BookingServicer(parts, core.calls))
        ],
        jobs=[*before.jobs, *after.jobs, *hearing.jobs],
        channels=[ORDER_EVENTS],
        routes=[Route(ORDERS, delivery.Delivery(core.log, ORDERS, partitions=1))],
        tellers={"ord": OrderTeller(repository, [*after.chapters, hearing.story])},
    )
    return Booking(built, money.desk, hearing.events)
