"""The step that every way to a booking ends with: the slot is taken, and the total is collected for a provider who can
be paid.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from server.booking.book import Edit, OrderBook
from server.booking.domain.order import Event, Order
from server.booking.domain.parties import By
from server.booking.domain.terms import LocationKind
from server.booking.errors import NotBookable
from server.booking.fulfilment.fitting import Fitting
from server.booking.money.port import Money
from server.booking.providers.domain import Availability, ProviderProfile, obstacles
from server.booking.providers.hours import Window
from server.booking.providers.repository import ProviderRepository
from server.booking.rules.domain import MOST_RULES, Asked, matches
from server.booking.rules.repository import RuleRepository
from server.core.db import Tx

INSTANTLY_PAID_WITHIN = timedelta(minutes=15)
PAID_WITHIN = timedelta(hours=24)
STRIKES_END_INSTANT_BOOK = 3

_WHERE_THE_PROVIDER_TRAVELS = frozenset({LocationKind.BUYER, LocationKind.RENTED_STUDIO})


@dataclass(frozen=True, slots=True)
class Funding:
    """How an order that was not paid for yet is to be: with its credit, and with a saved card where one is named."""

    payment_method_id: str = ""


class Acceptance:
    """Accepts orders whose provider's time the caller has locked."""

    def __init__(
        self,
        book: OrderBook,
        providers: ProviderRepository,
        rules: RuleRepository,
        milestones: Fitting,
        money: Money,
    ) -> None:
        self._book = book
        self._providers = providers
        self._rules = rules
        self._milestones = milestones
        self._money = money

    async def accept(
        self,
        tx: Tx,
        order: Order,
        event: Event,
        by: By,
        *,
        pay_within: timedelta = PAID_WITHIN,
        edit: Edit | None = None,
        funding: Funding | None = None,
    ) -> Order:
        """Accepts an order: it holds its slot from now on, and is to be paid in time. NotBookable where its provider
        cannot be paid or its time has come, SlotTaken where somebody else has the time.
        """
        check_payable(await self._providers.get(tx, order.provider_user_id))
        now = self._book.now()

        def accepted(order: Order) -> Order:
            agreed = edit(order) if edit else order
            if agreed.start_ts <= now:
                raise NotBookable("started", "the booking's time has come already")
            return replace(agreed, pay_by=min(now + pay_within, agreed.start_ts))

        moved = await self._book.move(tx, order, event, by, edit=accepted)
        await self._milestones.fit(tx, moved)
        if funding is not None:
            await self._money.redeem(tx, moved)
            if funding.payment_method_id:
                await self._money.promise_card(tx, moved, funding.payment_method_id)
        await self._money.collect(tx, moved)
        return moved

    async def check_unasked(self, tx: Tx, order: Order, *, instantly: bool) -> None:
        """NotBookable unless the provider accepts such an order without being asked: one of their rules matches, and
        it lies in their working time.
        """
        profile = await self._providers.get(tx, order.provider_user_id)
        availability = Availability() if profile is None else profile.availability
        if instantly and profile is not None and profile.strikes >= STRIKES_END_INSTANT_BOOK:
            raise NotBookable("instant_book_lost", "the provider takes requests only")
        asked = Asked(order.price.subtotal_cents, order.start_ts, distance_of(order))
        rules = await self._rules.page(tx, order.service_profile_id, after="", limit=MOST_RULES)
        if not any(
            matches(rule.conditions, asked, availability.time_zone)
            for rule in rules
            if rule.conditions.allow_ib or not instantly
        ):
            raise NotBookable("no_rule_matches", "none of the provider's rules accepts this; send a request")
        for obstacle in obstacles(availability, Window(order.start_ts, order.end_ts), ()):
            raise NotBookable(obstacle.kind.value, "the provider does not work at that time; send a request")


def check_payable(profile: ProviderProfile | None) -> None:
    """Nobody is booked who could not be paid."""
    if profile is None or not profile.payouts_enabled:
        raise NotBookable("payouts_disabled", "the provider cannot be paid yet")


def distance_of(order: Order) -> Decimal | None:
    """How far the provider travels; not at all where the booking does not take them anywhere."""
    return order.travel_miles if order.location_kind in _WHERE_THE_PROVIDER_TRAVELS else Decimal(0)
