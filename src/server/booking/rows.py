"""Rows of offers, orders and their history, and what they mean."""

import json
from datetime import timedelta
from decimal import Decimal

from server.booking.cancellation import CancellationPolicy, RefundBands
from server.booking.catalogue.domain import RateKind
from server.booking.catalogue.repository import service_profile
from server.booking.domain.order import Event, Order, OrderEvent, Status
from server.booking.domain.parties import ActorKind, By
from server.booking.domain.terms import LocationKind, Mode, Terms
from server.booking.fees.repository import fee_policy
from server.booking.pricing import LineItem, LineItemKind, Price
from server.booking.quoting import Offer, OfferedPackage, OfferedRate
from server.core.db import Record

_MODES = {mode.value: mode for mode in Mode}
_STATUSES = {status.value: status for status in Status}
_LOCATIONS = {kind.value: kind for kind in LocationKind}
_CANCELLATIONS = {policy.value: policy for policy in CancellationPolicy}
_LINES = {kind.value: kind for kind in LineItemKind}
"""To look a member up costs a fifth of calling its enum, and a page of orders does so a hundred times."""


def codes_of(terms: Terms) -> list[str]:
    """The rates that a booking asks for, by their codes."""
    return [terms.license_tier, *(extra.code for extra in terms.extras)]


def offer(row: Record) -> Offer:
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


def _package(row: Record) -> OfferedPackage:
    minutes = row["package_minutes"]
    return OfferedPackage(
        package_id=row["package_id"],
        title=row["package_title"],
        price_cents=row["package_cents"],
        duration=timedelta(minutes=minutes) if minutes else None,
        license_tier=row["package_license"] or "",
    )


def order(row: Record) -> Order:
    return Order(
        order_id=row["order_id"],
        buyer_user_id=row["buyer_user_id"],
        provider_user_id=row["provider_user_id"],
        service_profile_id=row["service_profile_id"],
        mode=_MODES[row["mode"]],
        status=_STATUSES[row["status"]],
        city=row["city"],
        start_ts=row["start_ts"],
        end_ts=row["end_ts"],
        time_zone=row["time_zone"],
        location_kind=_LOCATIONS[row["location_kind"]],
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
        line_items=line_items(row["line_items"]) if row["line_items"] else (),
        cancellation=_CANCELLATIONS[row["cancellation_policy"]],
        refund_bands=RefundBands(row["full_refund_until"], row["half_refund_until"]),
        busy_from=row["busy_from"],
        busy_to=row["busy_to"],
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        lbg_id=row["lbg_id"] or "",
        invite_id=row["invite_id"] or "",
        shown_at=row["shown_at"],
        holds_slot=row["holds_slot"],
        status_before_dispute=_STATUSES[row["status_before_dispute"]] if row["status_before_dispute"] else None,
        change_rounds=row["change_rounds"],
        closed_reason=row["closed_reason"] or "",
        pay_by=row["pay_by"],
        accepted_at=row["accepted_at"],
        confirmed_at=row["confirmed_at"],
        grace_until=row["grace_until"],
        checked_in_at=row["checked_in_at"],
        delivered_at=row["delivered_at"],
        review_until=row["review_until"],
        completed_at=row["completed_at"],
        chat_thread_id=row["chat_thread_id"] or "",
        payment_intent_id=row["stripe_payment_intent_id"] or "",
    )


def inserted(order: Order) -> dict[str, object]:
    """A new order as the statement that stores it takes it."""
    price, policy = order.price, order.price.policy
    return {
        "order_id": order.order_id,
        "buyer_user_id": order.buyer_user_id,
        "provider_user_id": order.provider_user_id,
        "service_profile_id": order.service_profile_id,
        "mode": order.mode,
        "status": order.status,
        "city": order.city,
        "start_ts": order.start_ts,
        "end_ts": order.end_ts,
        "time_zone": order.time_zone,
        "location_kind": order.location_kind,
        "location_address": order.location_address,
        "package_id": order.package_id or None,
        "travel_miles": order.travel_miles,
        "license_tier": order.license_tier or None,
        "subtotal_cents": price.subtotal_cents,
        "platform_fee_cents": price.platform_fee_cents,
        "tax_cents": price.tax_cents,
        "tip_cents": price.tip_cents,
        "credit_cents": price.credit_cents,
        "total_cents": price.total_cents,
        "currency": price.currency,
        "quote_hash": order.quote_hash,
        "fee_policy_id": policy.fee_policy_id,
        "fee_bips": policy.fee_bips,
        "fee_min_cents": policy.fee_min_cents,
        "fee_max_cents": policy.fee_max_cents,
        "tax_bips": policy.tax_bips,
        "credit_shrinks_tax": policy.credit_shrinks_tax,
        "commission_bips": policy.commission_bips,
        "cancellation_policy": order.cancellation,
        "full_refund_until": order.refund_bands.full_until,
        "half_refund_until": order.refund_bands.half_until,
        "busy_from": order.busy_from,
        "busy_to": order.busy_to,
        "version": order.version,
        "lbg_id": order.lbg_id or None,
        "invite_id": order.invite_id or None,
        "shown_at": order.shown_at,
        "now": order.created_at,
    }


def line_items(text: str) -> tuple[LineItem, ...]:
    """Lines from their arrays in JSON."""
    return tuple(
        LineItem(_LINES[kind], title, Decimal(qty), unit_cents, total_cents)
        for kind, title, qty, unit_cents, total_cents in json.loads(text)
    )


def order_event(row: Record) -> OrderEvent:
    details = json.loads(row["details"])
    return OrderEvent(
        order_id=row["order_id"],
        sequence=row["sequence"],
        event=Event(row["event"]),
        from_status=Status(row["from_status"]) if row["from_status"] else None,
        to_status=Status(row["to_status"]),
        by=By(ActorKind(row["actor_kind"]), row["actor_user_id"]),
        reason=details.pop("reason", ""),
        created_at=row["created_at"],
        details=details,
    )
