"""Orders, their lines and their history, read and written."""

import json
from datetime import datetime, timedelta
from typing import cast

import asyncpg

from callsheet.sql.booking import Queries
from server.booking import rows
from server.booking.cancellation import CancellationPolicy
from server.booking.catalogue.domain import MILE, RateKind
from server.booking.catalogue.repository import service_profile
from server.booking.domain.order import Order, OrderEvent, Status
from server.booking.domain.parties import Side
from server.booking.domain.terms import Terms
from server.booking.errors import SlotTaken
from server.booking.fees.repository import fee_policy
from server.booking.quoting import Offer, OfferedRate
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
        row = await _queries.offer(
            tx,
            service_profile_id=terms.service_profile_id,
            package_id=terms.package_id,
            codes=[MILE, terms.license_tier, *(extra.code for extra in terms.extras)],
            now=now,
        )
        if row is None:
            raise NotFound(terms.service_profile_id)
        return Offer(
            profile=service_profile(row),
            package=rows.package(row) if row["package_id"] else None,
            rates=tuple(
                OfferedRate(RateKind(kind), code, title, unit_cents)
                for kind, code, title, unit_cents in json.loads(row["rates"] or "[]")
            ),
            policy=fee_policy(row),
            cancellation=CancellationPolicy(row["cancellation_policy"]),
            travel_buffer=timedelta(minutes=row["travel_buffer_minutes"]),
        )

    async def insert(self, tx: Tx, order: Order) -> None:
        """Stores a new order with its lines."""
        price, policy = order.price, order.price.policy
        await _queries.insert_order(
            tx,
            order_id=order.order_id,
            buyer_user_id=order.buyer_user_id,
            provider_user_id=order.provider_user_id,
            service_profile_id=order.service_profile_id,
            mode=order.mode,
            status=order.status,
            city=order.city,
            start_ts=order.start_ts,
            end_ts=order.end_ts,
            time_zone=order.time_zone,
            location_kind=order.location_kind,
            location_address=order.location_address,
            package_id=order.package_id or None,
            travel_miles=order.travel_miles,
            license_tier=order.license_tier or None,
            subtotal_cents=price.subtotal_cents,
            platform_fee_cents=price.platform_fee_cents,
            tax_cents=price.tax_cents,
            tip_cents=price.tip_cents,
            credit_cents=price.credit_cents,
            total_cents=price.total_cents,
            currency=price.currency,
            quote_hash=order.quote_hash,
            fee_policy_id=policy.fee_policy_id,
            fee_bips=policy.fee_bips,
            fee_min_cents=policy.fee_min_cents,
            fee_max_cents=policy.fee_max_cents,
            tax_bips=policy.tax_bips,
            credit_shrinks_tax=policy.credit_shrinks_tax,
            commission_bips=policy.commission_bips,
            cancellation_policy=order.cancellation,
            full_refund_until=order.refund_bands.full_until,
            half_refund_until=order.refund_bands.half_until,
            busy_from=order.busy_from,
            busy_to=order.busy_to,
            version=order.version,
            lbg_id=order.lbg_id or None,
            invite_id=order.invite_id or None,
            now=order.created_at,
        )
        await self._insert_lines(tx, order)

    async def _insert_lines(self, tx: Tx, order: Order) -> None:
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
            await self._insert_lines(tx, after)

    async def record(self, tx: Tx, event: OrderEvent) -> None:
        """Writes one step of the history."""
        await _queries.insert_order_event(
            tx,
            order_id=event.order_id,
            sequence=event.sequence,
            event_id=self._ids.new("oev"),
            event=event.event,
            from_status=event.from_status,
            to_status=event.to_status,
            actor_kind=event.by.kind,
            actor_user_id=event.by.user_id,
            correlation_id=correlation_id(),
            details=json.dumps({**event.details, **({"reason": event.reason} if event.reason else {})}),
            now=event.created_at,
        )

    async def events_after(self, tx: Tx, order_id: str, sequence: int, limit: int) -> list[OrderEvent]:
        found = await _queries.order_events_after(tx, order_id=order_id, sequence=sequence, limit=limit)
        return [rows.order_event(row) for row in found]
