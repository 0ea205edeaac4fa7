"""How bookings are agreed on and moved, built."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.booking.book import OrderBook
from server.booking.deadlines import Deadlines
from server.booking.fulfilment.fitting import Fitting
from server.booking.fulfilment.repository import MilestoneRepository
from server.booking.invites.awarding import Awarding
from server.booking.invites.groups import Groups
from server.booking.invites.inviting import Inviting
from server.booking.invites.repository import InviteRepository
from server.booking.invites.settling import InviteSettling
from server.booking.jobs import registered
from server.booking.money.back_rows import RefundRepository
from server.booking.money.port import Money
from server.booking.negotiation.acceptance import Acceptance
from server.booking.negotiation.answering import OfferAnswers
from server.booking.negotiation.desk import OfferDesk
from server.booking.negotiation.reading import OfferReading
from server.booking.negotiation.repository import RequestRepository
from server.booking.negotiation.submitting import Submitting
from server.booking.providers.repository import ProviderRepository
from server.booking.repository import BookingRepository
from server.booking.rescheduling.repository import RescheduleRepository
from server.booking.rescheduling.usecases import Rescheduling
from server.booking.rules.repository import RuleRepository
from server.bootstrap.parts import Core
from server.core.worker import Registered
from server.payments.ports import Wallets


@dataclass(frozen=True, slots=True)
class Negotiation:
    """The operations up to a confirmed order and on its time, and their jobs."""

    submitting: Submitting
    answering: OfferAnswers
    offers: OfferReading
    inviting: Inviting
    awarding: Awarding
    groups: Groups
    rescheduling: Rescheduling
    jobs: Sequence[Registered]


def desk(core: Core, book: OrderBook) -> OfferDesk:
    """For the steps that money tells: when a provider sees a request."""
    return OfferDesk(book, RequestRepository(), core.jobs)


def build(core: Core, orders: BookingRepository, book: OrderBook, money: Money, wallets: Wallets) -> Negotiation:
    database, jobs, ids = core.database, core.jobs, core.ids
    requests, invites = RequestRepository(), InviteRepository()
    acceptance = Acceptance(book, ProviderRepository(), RuleRepository(), Fitting(MilestoneRepository()), money)
    answering = OfferAnswers(database, book, requests, desk(core, book), acceptance, money, ids)
    rescheduling = Rescheduling(database, RescheduleRepository(), book, RefundRepository(), money, ids, jobs)
    settling = InviteSettling(database, invites, book, jobs)
    return Negotiation(
        submitting=Submitting(database, orders, book, desk(core, book), acceptance, money, ids),
        answering=answering,
        offers=OfferReading(database, requests, core.pages),
        inviting=Inviting(database, orders, invites, book, wallets, ids, jobs),
        awarding=Awarding(database, invites, book, acceptance, wallets, jobs),
        groups=Groups(database, orders, invites, book, ids),
        rescheduling=rescheduling,
        jobs=registered(Deadlines(database, book, money), answering, settling, rescheduling),
    )
