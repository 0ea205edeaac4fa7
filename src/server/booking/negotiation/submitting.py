"""A draft is sent on its way: booked at once by the provider's rules, or asked for."""

from dataclasses import dataclass, replace

from server.booking.book import OrderBook, visible
from server.booking.domain.order import Event, Order, check_version, target
from server.booking.domain.parties import ActorKind, By, Side
from server.booking.domain.request import Request, RequestStatus, answer_by
from server.booking.domain.terms import Mode
from server.booking.errors import NotBookable
from server.booking.money.port import Money
from server.booking.negotiation.acceptance import INSTANTLY_PAID_WITHIN, Acceptance, Funding
from server.booking.negotiation.desk import OfferDesk
from server.booking.repository import BookingRepository
from server.core.call import Actor
from server.core.crash import point
from server.core.db import Database, Guard, Tx
from server.core.errors import NotFound
from server.core.ids import Ids


@dataclass(frozen=True, slots=True)
class SubmitOrder:
    """A buyer sends their draft."""

    actor: Actor
    order_id: str
    payment_method_id: str
    message: str
    version: int


class Submitting:
    """Sends drafts."""

    def __init__(
        self,
        database: Database,
        repository: BookingRepository,
        book: OrderBook,
        desk: OfferDesk,
        acceptance: Acceptance,
        money: Money,
        ids: Ids,
    ) -> None:
        self._database = database
        self._repository = repository
        self._book = book
        self._desk = desk
        self._acceptance = acceptance
        self._money = money
        self._ids = ids

    async def submit(self, command: SubmitOrder, once: Guard[Order] | None) -> Order:
        """Books or asks, by the order's mode. Its credit is spent in the same step."""

        async def work(tx: Tx) -> Order:
            found = visible(await self._repository.get(tx, command.order_id), command.order_id, command.actor)
            if command.actor.user_id != found.buyer_user_id:
                raise NotFound(command.order_id)
            if found.mode is Mode.IB:
                return await self._book_instantly(tx, await self._book.lock_slot(tx, found.order_id), command)
            return await self._ask(tx, await self._book.lock(tx, found.order_id), command)

        submitted = await self._database.run(work, once=once)
        await point("booking.submitted")
        return submitted

    async def _book_instantly(self, tx: Tx, order: Order, command: SubmitOrder) -> Order:
        check_version(order, command.version)
        target(order, Event.BOOK_INSTANTLY)
        await self._acceptance.check_unasked(tx, order, instantly=True)
        return await self._acceptance.accept(
            tx,
            order,
            Event.BOOK_INSTANTLY,
            By(ActorKind.BUYER, order.buyer_user_id),
            pay_within=INSTANTLY_PAID_WITHIN,
            funding=Funding(command.payment_method_id),
        )

    async def _ask(self, tx: Tx, order: Order, command: SubmitOrder) -> Order:
        """With a saved card the provider sees the request at once; without one when its total is authorised."""
        check_version(order, command.version)
        target(order, Event.SEND_REQUEST)
        now = self._book.now()
        if order.start_ts <= now:
            raise NotBookable("started", "the booking's time has come already")
        shown_at = now if command.payment_method_id else None
        moved = await self._book.move(
            tx,
            order,
            Event.SEND_REQUEST,
            By(ActorKind.BUYER, order.buyer_user_id),
            edit=lambda order: replace(order, shown_at=shown_at),
        )
        request = Request(
            request_id=self._ids.new("req"),
            mode=order.mode,
            order_id=order.order_id,
            buyer_user_id=order.buyer_user_id,
            provider_user_id=order.provider_user_id,
            status=RequestStatus.PENDING,
            message=command.message,
            offered_by=Side.BUYER,
            round=0,
            supersedes_request_id=None,
            total_cents=order.price.total_cents,
            lines=None,
            start_ts=None,
            end_ts=None,
            shown_at=shown_at,
            expires_at=answer_by(order.start_ts, None, now=now),
            capture_before=None,
            answered_at=None,
            answer_reason="",
            created_at=now,
        )
        await self._desk.place(tx, request)
        await self._money.redeem(tx, moved)
        if command.payment_method_id:
            await self._money.promise_card(tx, moved, command.payment_method_id)
        else:
            await self._money.authorise(tx, moved)
        return moved
