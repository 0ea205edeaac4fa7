"""Orders, their lines and their history, read and written."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import cast

import asyncpg

from callsheet.sql.booking import Queries
from server.booking import rows
from server.booking.catalogue.domain import MILE
from server.booking.domain.order import Order, OrderEvent, Status
from server.booking.domain.parties import Side
from server.booking.domain.terms import Terms
from server.booking.errors import SlotTaken
from server.booking.quoting import Offer
from server.core.call import correlation_id
from server.core.db import Tx, load_queries
from server.core.errors import NotFound, StaleVersion
from server.core.ids import Ids

_queries = load_queries("server.booking", Queries)


class BookingRepository:
    """Reads and writes orders on the caller's transaction."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids

    async def offer(self, tx: Tx, terms: Terms, *, now: datetime) -> Offer:
        """What can be booked and on which terms, as far as the asked booking touches it."""
        (offer,) = await self.offers(tx, [terms], now=now)
        return offer

    async def offers(self, tx: Tx, asked: Sequence[Terms], *, now: datetime) -> list[Offer]:
        """The same for several bookings, in their order and in one read; NotFound names the first profile that is not
        offered.
        """
        found = await _queries.offers(
            tx,
            service_profile_ids=[terms.service_profile_id for terms in asked],
            package_ids=[terms.package_id for terms in asked],
            codes=sorted({MILE} | {code for terms in asked for code in rows.codes_of(terms)}),
            now=now,
        )
        offers = {row["place"]: rows.offer(row) for row in found}
        for place, terms in enumerate(asked, start=1):
            if place not in offers:
                raise NotFound(terms.service_profile_id)
        return [offers[place] for place in sorted(offers)]

    async def insert(self, tx: Tx, orders: Sequence[Order]) -> None:
        """Stores new orders with their lines, in two statements however many they are."""
        await _queries.insert_order(tx, [rows.inserted(order) for order in orders])
        await self._insert_lines(tx, orders)

    async def _insert_lines(self, tx: Tx, orders: Sequence[Order]) -> None:
        await _queries.insert_line_item(
            tx,
            [
                {
                    "id": self._ids.new("lin"),
                    "order_id": order.order_id,
                    "position": position,
                    "kind": item.kind,
                    "title": item.title,
                    "qty": item.qty,
                    "unit_cents": item.unit_cents,
                    "total_cents": item.total_cents,
                }
                for order in orders
                for position, item in enumerate(order.line_items, start=1)
            ],
        )

    async def get(self, tx: Tx, order_id: str) -> Order | None:
        row = await _queries.get_order(tx, order_id=order_id)
        return None if row is None else rows.order(row)

    async def lock(self, tx: Tx, order_id: str) -> Order | None:
        """Reads an order and keeps others from changing it until the transaction ends."""
        row = await _queries.lock_order(tx, order_id=order_id)
        return None if row is None else rows.order(row)

    async def page(
        self, tx: Tx, user_id: str, side: Side, statuses: frozenset[Status], before: str | None, limit: int
    ) -> list[Order]:
        """A user's orders on that side, newest first, older than the given id."""
        read = _queries.list_orders_of_buyer if side is Side.BUYER else _queries.list_orders_of_provider
        found = await read(tx, user_id=user_id, statuses=sorted(statuses), before=before, limit=limit)
        return [rows.order(row) for row in found]

    async def provider_of(self, tx: Tx, order_id: str) -> str | None:
        """Whose time the order is about; it never changes."""
        return cast("str | None", await _queries.provider_of(tx, order_id=order_id))

    async def lock_provider(self, tx: Tx, provider_user_id: str) -> None:
        """Waits for everybody else who wants a slot of this provider's."""
        await _queries.lock_provider(tx, provider_user_id=provider_user_id)

    async def check_slot(self, tx: Tx, order: Order) -> None:
        """SlotTaken where another booking of the provider's has the time; none gets it while the provider is locked."""
        row = await _queries.slot_conflict(
            tx,
            provider_user_id=order.provider_user_id,
            order_id=order.order_id,
            busy_from=order.busy_from,
            busy_to=order.busy_to,
        )
        if row is not None:
            raise SlotTaken(row["busy_from"], row["busy_to"])

    async def save(self, tx: Tx, before: Order, after: Order) -> None:
        """Writes a change; StaleVersion where the order is no longer what it was decided from, SlotTaken where the
        constraint saw what nobody looked for.
        """
        price = after.price
        try:
            saved = await _queries.save_order(
                tx,
                order_id=after.order_id,
                expected_version=before.version,
                version=after.version,
                status=after.status,
                start_ts=after.start_ts,
                end_ts=after.end_ts,
                subtotal_cents=price.subtotal_cents,
                platform_fee_cents=price.platform_fee_cents,
                tax_cents=price.tax_cents,
                tip_cents=price.tip_cents,
                credit_cents=price.credit_cents,
                total_cents=price.total_cents,
                quote_hash=after.quote_hash,
                full_refund_until=after.refund_bands.full_until,
                half_refund_until=after.refund_bands.half_until,
                busy_from=after.busy_from,
                busy_to=after.busy_to,
                holds_slot=after.holds_slot,
                status_before_dispute=after.status_before_dispute,
                change_rounds=after.change_rounds,
                closed_reason=after.closed_reason or None,
                shown_at=after.shown_at,
                pay_by=after.pay_by,
                accepted_at=after.accepted_at,
                confirmed_at=after.confirmed_at,
                grace_until=after.grace_until,
                checked_in_at=after.checked_in_at,
                delivered_at=after.delivered_at,
                review_until=after.review_until,
                completed_at=after.completed_at,
                chat_thread_id=after.chat_thread_id or None,
                connect_transfer_group=after.order_id if after.confirmed_at else None,
                lbg_id=after.lbg_id or None,
                now=after.updated_at,
            )
        except asyncpg.ExclusionViolationError as error:
            raise SlotTaken(after.busy_from, after.busy_to) from error
        if saved is None:
            raise StaleVersion(after.order_id, after.version)
        if after.line_items != before.line_items:
            await _queries.delete_line_items(tx, order_id=after.order_id)
            await self._insert_lines(tx, [after])

    async def end_offers(self, tx: Tx, order: Order) -> None:
        """Ends the offer and the place in an invite of an order that was closed."""
        await _queries.end_offers(tx, order_id=order.order_id, reason=order.closed_reason, now=order.updated_at)

    async def record(self, tx: Tx, events: Sequence[OrderEvent]) -> None:
        """Writes steps of histories."""
        await _queries.insert_order_events(
            tx,
            [
                {
                    "order_id": event.order_id,
                    "sequence": event.sequence,
                    "event_id": self._ids.new("oev"),
                    "event": event.event,
                    "from_status": event.from_status,
                    "to_status": event.to_status,
                    "actor_kind": event.by.kind,
                    "actor_user_id": event.by.user_id,
                    "correlation_id": correlation_id(),
                    "details": json.dumps({**event.details, **({"reason": event.reason} if event.reason else {})}),
                    "now": event.created_at,
                }
                for event in events
            ],
        )

    async def events_after(self, tx: Tx, order_id: str, sequence: int, limit: int) -> list[OrderEvent]:
        found = await _queries.order_events_after(tx, order_id=order_id, sequence=sequence, limit=limit)
        return [rows.order_event(row) for row in found]
