"""Rows of schema `booking` and what they mean."""

import json
from datetime import datetime, timedelta
from decimal import Decimal

from callsheet.sql.booking import Queries
from server.booking.cancellation import CancellationPolicy, RefundBands
from server.booking.catalogue.domain import MILE, RateKind
from server.booking.catalogue.repository import service_profile
from server.booking.domain import (
    ActorKind,
    Event,
    LocationKind,
    Mode,
    Order,
    OrderEvent,
    Side,
    Status,
    Terms,
)
from server.booking.fees.repository import fee_policy
from server.booking.pricing import LineItem, LineItemKind, Price
from server.booking.quoting import Offer, OfferedPackage, OfferedRate
from server.core.call import correlation_id
from server.core.db import Record, Tx, load_queries
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
            package=_package(row) if row["package_id"] else None,
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
            busy_to=order.busy_to,
            version=order.version,
            now=order.created_at,
        )
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
        return None if row is None else _order(row)

    async def lock(self, tx: Tx, order_id: str) -> Order | None:
        """Reads an order and keeps others from changing it until the transaction ends."""
        row = await _queries.lock_order(tx, order_id=order_id)
        return None if row is None else _order(row)

    async def page(
        self, tx: Tx, user_id: str, side: Side, statuses: frozenset[Status], before: str | None, limit: int
    ) -> list[Order]:
        """A user's orders on that side, newest first, older than the given id."""
        read = _queries.list_orders_of_buyer if side is Side.BUYER else _queries.list_orders_of_provider
        rows = await read(tx, user_id=user_id, statuses=sorted(statuses), before=before, limit=limit)
        return [_order(row) for row in rows]

    async def save_status(self, tx: Tx, before: Order, after: Order, reason: str) -> None:
        """Writes a transition; StaleVersion where the order is no longer what it was decided from."""
        moved = await _queries.set_order_status(
            tx,
            order_id=after.order_id,
            expected_version=before.version,
            version=after.version,
            status=after.status,
            closed_reason=reason or None,
            now=after.updated_at,
        )
        if moved is None:
            raise StaleVersion(after.order_id, after.version)

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
            actor_kind=event.actor_kind,
            actor_user_id=event.actor_user_id,
            correlation_id=correlation_id(),
            details=json.dumps({"reason": event.reason} if event.reason else {}),
            now=event.created_at,
        )

    async def events_after(self, tx: Tx, order_id: str, sequence: int, limit: int) -> list[OrderEvent]:
        rows = await _queries.order_events_after(tx, order_id=order_id, sequence=sequence, limit=limit)
        return [_event(row) for row in rows]


def _package(row: Record) -> OfferedPackage:
    minutes = row["package_minutes"]
    return OfferedPackage(
        package_id=row["package_id"],
        title=row["package_title"],
        price_cents=row["package_cents"],
        duration=timedelta(minutes=minutes) if minutes else None,
        license_tier=row["package_license"] or "",
    )


def _order(row: Record) -> Order:
    return Order(
        order_id=row["order_id"],
        buyer_user_id=row["buyer_user_id"],
        provider_user_id=row["provider_user_id"],
        service_profile_id=row["service_profile_id"],
        mode=Mode(row["mode"]),
        status=Status(row["status"]),
        city=row["city"],
        start_ts=row["start_ts"],
        end_ts=row["end_ts"],
        time_zone=row["time_zone"],
        location_kind=LocationKind(row["location_kind"]),
        location_address=row["location_address"] or "",
        package_id=row["package_id"] or "",
        travel_miles=row["travel_miles"],
        license_tier=row["license_tier"] or "",
        price=Price(
            subtotal_cents=row["subtotal_cents"],
            platform_fee_cents=row["platform_fee_cents"],
            tax_cents=row["tax_cents"],
            tip_cents=row["tip_cents"],
            credit_cents=row["credit_cents"],
            total_cents=row["total_cents"],
            currency=row["currency"],
            policy=fee_policy(row),
        ),
        quote_hash=row["quote_hash"],
        line_items=tuple(
            LineItem(LineItemKind(kind), title, Decimal(qty), unit_cents, total_cents)
            for kind, title, qty, unit_cents, total_cents in json.loads(row["line_items"] or "[]")
        ),
        cancellation=CancellationPolicy(row["cancellation_policy"]),
        refund_bands=RefundBands(row["full_refund_until"], row["half_refund_until"]),
        busy_to=row["busy_to"],
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _event(row: Record) -> OrderEvent:
    return OrderEvent(
        order_id=row["order_id"],
        sequence=row["sequence"],
        event=Event(row["event"]),
        from_status=Status(row["from_status"]) if row["from_status"] else None,
        to_status=Status(row["to_status"]),
        actor_kind=ActorKind(row["actor_kind"]),
        actor_user_id=row["actor_user_id"],
        reason=json.loads(row["details"]).get("reason", ""),
        created_at=row["created_at"],
    )
