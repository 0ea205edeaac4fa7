"""Booking's money, built: first what order steps ask of it, then what hears the processor, which needs those steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.booking.book import OrderBook
from server.booking.money.answers import Answers
from server.booking.money.back_rows import RefundRepository
from server.booking.money.banks import Banks
from server.booking.money.beginning import Beginning
from server.booking.money.checking import Checking
from server.booking.money.crediting import OrderCredit
from server.booking.money.events import MoneyEvents
from server.booking.money.finding_rows import FindingRepository
from server.booking.money.giving_back import GivingBack
from server.booking.money.jobs import MoneyHandlers, registered
from server.booking.money.looking import Looking
from server.booking.money.onboarding import Onboarding
from server.booking.money.out_rows import PayoutRepository
from server.booking.money.paying_out import PayingOut
from server.booking.money.port import ChargebackSteps, OrderSteps
from server.booking.money.purse import Purse
from server.booking.money.reading import MoneyReading
from server.booking.money.repository import BalanceRepository, PaymentRepository
from server.booking.money.returning import Returning
from server.booking.money.story import MoneyStory
from server.booking.money.support_desk import SupportDesk
from server.booking.money.sweeping import Sweeping
from server.booking.money.taking import Taking
from server.booking.repository import BookingRepository
from server.bootstrap.parts import Core
from server.bootstrap.payments import Payments
from server.core.worker import Registered
from server.growth.ports import Credit
from server.payments.ports import EventHandler
from server.payments.story import PaymentHistory
from server.support.ports import Holds


@dataclass(frozen=True, slots=True)
class Rows:
    """Where money is kept."""

    payments: PaymentRepository
    balances: BalanceRepository
    refunds: RefundRepository
    payouts: PayoutRepository
    findings: FindingRepository


@dataclass(frozen=True, slots=True)
class BookingMoney:
    """What order steps ask, and what the rest is built from."""

    core: Core
    paying: Payments
    book: OrderBook
    orders: BookingRepository
    holds: Holds
    rows: Rows
    taking: Taking
    giving_back: GivingBack
    purse: Purse
    desk: SupportDesk

    def hearing(self, steps: OrderSteps, chargebacks: ChargebackSteps) -> "MoneyHearing":
        """What hears the processor, and tells the order."""
        return _hearing(self, steps, chargebacks)


@dataclass(frozen=True, slots=True)
class MoneyHearing:
    """What goes on by itself once the processor answers, and what reads it."""

    beginning: Beginning
    onboarding: Onboarding
    returning: Returning
    checking: Checking
    reading: MoneyReading
    story: MoneyStory
    jobs: Sequence[Registered]
    events: Mapping[str, EventHandler]


def build(
    core: Core, paying: Payments, book: OrderBook, orders: BookingRepository, credit: Credit, holds: Holds
) -> BookingMoney:
    rows = Rows(PaymentRepository(), BalanceRepository(), RefundRepository(), PayoutRepository(), FindingRepository())
    redeemed = OrderCredit(credit)
    taking = Taking(
        rows.payments, rows.balances, redeemed, paying.wallets, paying.calls, core.jobs, core.clock, core.ids
    )
    giving_back = GivingBack(
        rows.refunds, rows.payments, rows.balances, redeemed, paying.calls, core.jobs, core.clock, core.ids
    )
    purse = Purse(taking, giving_back, redeemed, rows.balances, holds, core.jobs, core.clock)
    desk = SupportDesk(book, orders, rows.balances, rows.refunds, giving_back, core.jobs, core.clock)
    return BookingMoney(core, paying, book, orders, holds, rows, taking, giving_back, purse, desk)


def _hearing(money: BookingMoney, steps: OrderSteps, chargebacks: ChargebackSteps) -> MoneyHearing:
    core, paying, rows, book = money.core, money.paying, money.rows, money.book
    database, processor, jobs, clock = core.database, paying.processor, core.jobs, core.clock
    beginning = Beginning(
        database, book, money.orders, rows.payments, paying.wallets, paying.calls, paying.calls, processor, clock
    )
    looking = Looking(
        database, book, rows.payments, rows.balances, money.taking, money.giving_back, steps, processor, clock
    )
    returning = Returning(
        database,
        book,
        rows.refunds,
        rows.payments,
        rows.balances,
        money.giving_back,
        processor,
        jobs,
        clock,
        core.ids,
    )
    paying_out = PayingOut(
        database,
        book,
        rows.payments,
        rows.balances,
        rows.payouts,
        money.holds,
        paying.calls,
        jobs,
        clock,
        core.ids,
    )
    onboarding = Onboarding(
        database, rows.payouts, rows.balances, paying.calls, paying.calls, processor, jobs, clock, core.ids
    )
    banks = Banks(
        database,
        book,
        rows.payments,
        rows.balances,
        rows.refunds,
        returning,
        chargebacks,
        money.holds,
        processor,
        jobs,
        clock,
    )
    checking = Checking(
        database,
        rows.payments,
        rows.balances,
        rows.refunds,
        rows.payouts,
        rows.findings,
        processor,
        jobs,
        clock,
        core.ids,
    )
    sweeping = Sweeping(
        database, rows.payments, rows.refunds, rows.balances, beginning, looking, returning, jobs, clock
    )
    reading = MoneyReading(
        database,
        money.orders,
        rows.payments,
        rows.balances,
        rows.refunds,
        rows.payouts,
        beginning,
        core.pages,
    )
    answers = Answers(database, paying.calls, rows.payments, looking, returning, paying_out, onboarding)
    events = MoneyEvents(
        database, paying.calls, paying.calls, looking, returning, paying_out, onboarding, banks, processor
    )
    return MoneyHearing(
        beginning=beginning,
        onboarding=onboarding,
        returning=returning,
        checking=checking,
        reading=reading,
        story=MoneyStory(checking, rows.findings, PaymentHistory()),
        jobs=registered(MoneyHandlers(beginning, answers, paying_out, sweeping, checking)),
        events=events.handlers(),
    )
