"""What follows the confirmation of an order, built: fulfilment, cancelling, disputes and chats."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.booking.book import OrderBook
from server.booking.cancelling.repository import StrikeRepository
from server.booking.cancelling.usecases import Cancelling
from server.booking.chat.repository import ChatRepository
from server.booking.chat.usecases import Chat
from server.booking.disputes.chargebacks import ChargebackDisputes
from server.booking.disputes.deciding import DisputeDeciding
from server.booking.disputes.ending import Ending
from server.booking.disputes.following import Following
from server.booking.disputes.handling import DisputeHandling
from server.booking.disputes.jobs import registered as dispute_jobs
from server.booking.disputes.opening import DisputeOpening
from server.booking.disputes.reading import DisputeReading
from server.booking.disputes.repository import DecisionRepository, DisputeRepository
from server.booking.disputes.story import DisputeChapter
from server.booking.fulfilment.agreeing import Agreeing
from server.booking.fulfilment.extending import Extending
from server.booking.fulfilment.jobs import registered as fulfilment_jobs
from server.booking.fulfilment.milestone_steps import MilestoneSteps
from server.booking.fulfilment.repository import AdjustmentRepository, MilestoneRepository
from server.booking.fulfilment.silence import Silences
from server.booking.fulfilment.story import FulfilmentChapter
from server.booking.fulfilment.telling import Telling
from server.booking.fulfilment.usecases import Fulfilment
from server.booking.money.back_rows import RefundRepository
from server.booking.money.port import Money
from server.booking.negotiation.repository import RequestRepository
from server.booking.repository import BookingRepository
from server.booking.story import Chapter
from server.bootstrap.parts import Core
from server.core.worker import Registered
from server.growth.ports import Referrals
from server.payments.ports import Wallets
from server.support.ports import Chargebacks, Disputes, Holds


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What the other slices do for Booking."""

    disputes: Disputes
    holds: Holds
    chargebacks: Chargebacks
    referrals: Referrals
    wallets: Wallets


@dataclass(frozen=True, slots=True)
class AfterConfirmation:
    """The operations on confirmed orders, and their jobs."""

    fulfilment: Fulfilment
    milestones: MilestoneSteps
    agreeing: Agreeing
    cancelling: Cancelling
    dispute_opening: DisputeOpening
    dispute_handling: DisputeHandling
    dispute_deciding: DisputeDeciding
    dispute_reading: DisputeReading
    chat: Chat
    jobs: Sequence[Registered]
    chapters: Sequence[Chapter]


def build(
    core: Core,
    orders: BookingRepository,
    book: OrderBook,
    money: Money,
    neighbours: Neighbours,
) -> AfterConfirmation:
    database, jobs, clock, ids = core.database, core.jobs, core.clock, core.ids
    milestones, disputes, decisions = MilestoneRepository(), DisputeRepository(), DecisionRepository()
    silences = Silences(jobs)
    steps = MilestoneSteps(database, book, orders, milestones, money, silences, clock, ids)
    fulfilment = Fulfilment(database, book, milestones, money, jobs, clock)
    ending = Ending(book, milestones, silences, decisions, jobs, clock)
    handling = DisputeHandling(database, book, disputes, ending, clock, ids)
    telling = Telling(database, orders, AdjustmentRepository(ids), neighbours.wallets, neighbours.referrals)
    following = Following(database, book, disputes, decisions, money, neighbours.disputes, neighbours.holds, clock)
    return AfterConfirmation(
        fulfilment=fulfilment,
        milestones=steps,
        agreeing=Agreeing(database, book, AdjustmentRepository(ids), RefundRepository(), money, clock, ids),
        cancelling=Cancelling(
            database, book, orders, RequestRepository(), milestones, StrikeRepository(), money, clock
        ),
        dispute_opening=DisputeOpening(database, book, disputes, milestones, money, neighbours.disputes, clock, ids),
        dispute_handling=handling,
        dispute_deciding=DisputeDeciding(
            database, book, handling, disputes, decisions, ending, money, jobs, clock, ids
        ),
        dispute_reading=DisputeReading(database, orders, disputes, decisions, core.pages),
        chat=Chat(database, orders, ChatRepository(), clock, ids, core.pages),
        jobs=[*fulfilment_jobs(fulfilment, steps, telling), *dispute_jobs(following)],
        chapters=[
            FulfilmentChapter(milestones, AdjustmentRepository(ids)),
            DisputeChapter(disputes, decisions),
        ],
    )


def chargebacks(core: Core, book: OrderBook, neighbours: Neighbours) -> ChargebackDisputes:
    """For money: what a bank's complaint does to an order."""
    ending = Ending(book, MilestoneRepository(), Silences(core.jobs), DecisionRepository(), core.jobs, core.clock)
    return ChargebackDisputes(
        book, DisputeRepository(), ending, neighbours.chargebacks, neighbours.holds, core.jobs, core.clock, core.ids
    )


def extending(core: Core, book: OrderBook) -> Extending:
    """For money: how what was paid on top becomes part of the price."""
    return Extending(book, MilestoneRepository(), AdjustmentRepository(core.ids), core.clock, core.ids)
