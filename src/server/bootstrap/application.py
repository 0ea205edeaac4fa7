"""A whole process, built and taken down again."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from prometheus_client import CollectorRegistry

from server.bootstrap import booking, directory, growth, payments, promo, support, upkeep
from server.bootstrap.core import core, layers
from server.bootstrap.fulfilment import Neighbours
from server.bootstrap.parts import Application
from server.config import Settings
from server.core import db
from server.core.clock import Clock, SystemClock
from server.payments.ports import SliceName


@asynccontextmanager
async def application(
    settings: Settings,
    process: str,
    *,
    clock: Clock | None = None,
    registry: CollectorRegistry | None = None,
    observer: db.ObserverFactory | None = None,
) -> AsyncIterator[Application]:
    """Builds everything for one process and takes it down again in reverse order."""
    async with AsyncExitStack() as stack:
        built = await core(stack, settings, process, clock or SystemClock(), registry or CollectorRegistry(), observer)
        paying = await payments.build(stack, built)
        advertising = await promo.build(stack, built, paying)
        neighbours = Neighbours(
            support.disputes(built),
            support.holds(built),
            support.chargebacks(built),
            growth.referral_judge(built),
            paying.wallets,
        )
        bookings = booking.build(built, paying, growth.credit_counter(built), neighbours)
        slices = (
            upkeep.build(built),
            directory.build(built, paying.wallets),
            bookings.slice,
            advertising.slice,
            growth.build(built),
            support.build(built, bookings.desk, paying.calls),
            paying.slice({SliceName.BOOKING: bookings.events, SliceName.PROMO: advertising.handlers}),
        )
        own = [layer for part in slices for layer in part.layers]
        yield Application(built, slices, layers(stack, built, process, own))
