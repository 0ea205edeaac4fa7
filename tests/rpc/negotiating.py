"""What the tests of agreeing on a booking share: a provider who can be booked, a buyer who can pay, and what the
processor tells of a payment.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from callsheet.booking.v1 import invite_pb2, negotiation_pb2, offering_pb2, order_pb2, ordering_pb2, policy_pb2
from callsheet.booking.v1 import provider_pb2 as providers
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from server.booking.book import OrderBook
from server.booking.chat.repository import ChatRepository
from server.booking.domain.order import Event, Order
from server.booking.domain.parties import SYSTEM
from server.booking.negotiation.desk import OfferDesk
from server.booking.negotiation.repository import RequestRepository
from server.booking.outgoing import OrderFeed
from server.booking.repository import BookingRepository
from server.booking.steps import PaidSteps
from server.bootstrap.fulfilment import extending
from server.core.db import Tx
from tests.rpc.booking import BUYER, PROVIDER, change, stamp
from tests.rpc.harness import Running, as_user, token

CARD = "pm_buyer"


@dataclass(frozen=True, slots=True)
class Told:
    """What the processor tells of an order's payments, once somebody pays."""

    server: Running

    async def authorised(self, order_id: str, capture_before: datetime | None = None) -> Order:
        """The order's whole total is authorised."""
        book, steps = self._parts()

        async def work(tx: Tx) -> Order:
            return await steps.authorised(tx, await book.lock(tx, order_id), capture_before)

        return await self.server.app.core.database.run(work)

    async def captured(self, order_id: str) -> Order:
        """The order's whole total was captured."""
        book, steps = self._parts()

        async def work(tx: Tx) -> Order:
            return await steps.captured(tx, await book.lock(tx, order_id))

        return await self.server.app.core.database.run(work)

    async def moved(self, order_id: str, event: Event) -> Order:
        """Something that others do to an order, as far as the order itself goes."""
        book, _ = self._parts()

        async def work(tx: Tx) -> Order:
            return await book.move(tx, await book.lock(tx, order_id), event, SYSTEM)

        return await self.server.app.core.database.run(work)

    def _parts(self) -> tuple[OrderBook, PaidSteps]:
        core = self.server.app.core
        book = OrderBook(BookingRepository(core.ids), OrderFeed(core.outbox), core.jobs, core.clock)
        desk = OfferDesk(book, RequestRepository(), core.jobs)
        return book, PaidSteps(book, ChatRepository(), desk, extending(core, book), core.jobs, core.ids)


async def bookable(
    server: Running, provider: str = PROVIDER, *, hourly_cents: int = 10_000, buffer_minutes: int = 30
) -> str:
    """A service profile of a provider who can be paid; its id."""
    booking = BookingServiceStub(server.channel)
    profile = providers.UpsertProviderProfileRequest(
        time_zone="Europe/Berlin",
        travel_buffer_minutes=buffer_minutes,
        cancellation_policy=providers.CANCELLATION_POLICY_FLEXIBLE,
    )
    await booking.UpsertProviderProfile(profile, metadata=as_user(provider))
    await set_payouts(server, provider, enabled=True)
    offer = offering_pb2.UpsertServiceProfileRequest(
        title="Portraits", city="berlin", hourly_cents=hourly_cents, currency="usd"
    )
    answer = await booking.UpsertServiceProfile(offer, metadata=as_user(provider))
    return answer.service_profile.service_profile_id


async def set_payouts(server: Running, provider: str, *, enabled: bool) -> None:
    """Whether the processor pays the provider, as onboarding leaves it."""
    await server.app.core.database.run(
        lambda tx: tx.execute(
            """
            update booking.provider_profile set stripe_account_id = 'acct_' || provider_user_id, payouts_enabled = $2
            where provider_user_id = $1
            """,
            provider,
            enabled,
        )
    )


async def card_of(server: Running, user_id: str = BUYER, payment_method_id: str = CARD) -> str:
    """A saved card, as the wallet keeps it; its id."""
    await server.app.core.database.run(
        lambda tx: tx.execute(
            """
            with payer as (
              insert into payments.customer (user_id, stripe_customer_id) values ($1, 'cus_' || $1)
              on conflict do nothing
            )
            insert into payments.payment_method (payment_method_id, user_id, brand, last4, exp_month, exp_year)
            values ($2, $1, 'visa', '4242', 12, 2040)
            """,
            user_id,
            payment_method_id,
        )
    )
    return payment_method_id


async def ruled(
    booking: BookingServiceStub, profile: str, provider: str = PROVIDER, *, allow_ib: bool = True, **changes: object
) -> None:
    """A rule by which the provider accepts."""
    request = policy_pb2.CreateAutoAcceptRuleRequest(service_profile_id=profile, allow_ib=allow_ib)
    change(request, changes)
    await booking.CreateAutoAcceptRule(request, metadata=as_user(provider))


async def drafted(booking: BookingServiceStub, asked: order_pb2.BookingTerms, buyer: str = BUYER) -> str:
    """A draft; its id."""
    request = ordering_pb2.CreateOrderRequest(terms=asked)
    return (await booking.CreateOrder(request, metadata=as_user(buyer))).order.order_id


async def submitted(booking: BookingServiceStub, order_id: str, card: str = "", buyer: str = BUYER) -> order_pb2.Order:
    """The draft sent on its way."""
    request = negotiation_pb2.SubmitOrderRequest(order_id=order_id, payment_method_id=card, message="Please come")
    return (await booking.SubmitOrder(request, metadata=as_user(buyer))).order


async def requested(
    server: Running, profile: str, *, days: float = 20, hours: float = 2
) -> negotiation_pb2.BookingRequest:
    """A request that the provider sees: the buyer's card stands behind it."""
    booking = BookingServiceStub(server.channel)
    order_id = await drafted(booking, terms_of(profile, days=days, hours=hours))
    await submitted(booking, order_id, CARD)
    return await pending(booking, order_id)


async def pending(booking: BookingServiceStub, order_id: str, user_id: str = BUYER) -> negotiation_pb2.BookingRequest:
    """The offer about an order that waits for an answer."""
    request = negotiation_pb2.ListRequestsRequest(order_id=order_id, statuses=[negotiation_pb2.REQUEST_STATUS_PENDING])
    (found,) = (await booking.ListRequests(request, metadata=as_user(user_id))).requests
    return found


def terms_of(
    profile: str,
    *,
    mode: order_pb2.BookingMode.ValueType = order_pb2.BOOKING_MODE_RTB,
    days: float = 20,
    hours: float = 2,
    **changes: object,
) -> order_pb2.BookingTerms:
    """What a buyer asks for, at noon so many days from now."""
    start = noon(days)
    asked = order_pb2.BookingTerms(
        service_profile_id=profile,
        mode=mode,
        start_ts=stamp(start),
        end_ts=stamp(start + timedelta(hours=hours)),
        time_zone="Europe/Berlin",
        location_kind=order_pb2.LOCATION_KIND_PROVIDER_STUDIO,
        location_address="Somewhere 1, Berlin",
    )
    change(asked, changes)
    return asked


def noon(days: float) -> datetime:
    """Noon in UTC, so many days from now."""
    today = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    return today + timedelta(days=days)


def invite_terms(days: float = 20, hours: float = 2) -> invite_pb2.InviteTerms:
    """What everybody who is invited is asked for."""
    start = noon(days)
    return invite_pb2.InviteTerms(
        start_ts=stamp(start),
        end_ts=stamp(start + timedelta(hours=hours)),
        time_zone="Europe/Berlin",
        location_kind=order_pb2.LOCATION_KIND_PROVIDER_STUDIO,
    )


def later(user_id: str) -> tuple[tuple[str, str], ...]:
    """Call metadata that is still good when the clock was moved on by weeks."""
    return (("authorization", f"Bearer {token(user_id, lifetime=timedelta(days=90))}"),)


async def status_of(server: Running, order_id: str) -> str:
    """Where an order stands."""
    return str(
        await server.app.core.database.run(
            lambda tx: tx.fetchval("select status::text from booking.order where order_id = $1", order_id)
        )
    )


async def history(server: Running, order_id: str) -> list[str]:
    """The names of an order's events."""
    rows = await server.app.core.database.run(
        lambda tx: tx.fetch("select event from booking.order_event where order_id = $1 order by sequence", order_id)
    )
    return [row["event"] for row in rows]
