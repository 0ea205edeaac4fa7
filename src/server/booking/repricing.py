"""What a change of an agreed booking costs, by the terms that it was priced under. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from server.booking.cancellation import refund_bands
from server.booking.domain.order import Order
from server.booking.domain.request import Request
from server.booking.pricing import LineItem, LineItemKind, Price, hours, line, price_of, quote_of
from server.booking.quoting import LARGEST_TOTAL_CENTS, LONGEST_BOOKING
from server.core.errors import FieldInvalid, Violation


def retimed(order: Order, start: datetime, end: datetime) -> tuple[LineItem, ...]:
    """The order's lines for another time: what is booked by the hour follows the hours, the rest stays."""
    if order.package_id:
        return order.line_items
    duration = hours(end - start)
    return tuple(
        line(item.kind, item.title, duration, item.unit_cents) if item.kind is LineItemKind.PACKAGE else item
        for item in order.line_items
    )


def price_with(order: Order, lines: Sequence[LineItem]) -> Price:
    """The order's price with other lines. It uses no more credit than was counted on before."""
    before = order.price
    price = price_of(
        tuple(lines),
        before.policy,
        tip_cents=before.tip_cents,
        credit_offered_cents=before.credit_cents,
        currency=before.currency,
    )
    if price.total_cents > LARGEST_TOTAL_CENTS:
        raise FieldInvalid(Violation("line_items", f"the total may be at most {LARGEST_TOTAL_CENTS} cents"))
    return price


def check_times(start: datetime, end: datetime, *, now: datetime) -> None:
    """What the proto's rules cannot say of a new time."""
    if start <= now:
        raise FieldInvalid(Violation("start_ts", "must be in the future"))
    if end - start > LONGEST_BOOKING:
        raise FieldInvalid(Violation("end_ts", f"must be at most {LONGEST_BOOKING.days} days after start_ts"))


def moved_to(order: Order, start: datetime, end: datetime) -> Order:
    """The order at another time: its slot keeps the buffer that it was priced with, its policy counts from there."""
    return replace(
        order,
        start_ts=start,
        end_ts=end,
        busy_from=start,
        busy_to=end + (order.busy_to - order.end_ts),
        refund_bands=refund_bands(order.cancellation, start),
    )


def agreed(order: Order, offer: Request) -> Order:
    """The order as the offer has it, with a price that says so."""
    if offer.lines is None:
        return order
    if offer.start_ts is not None and offer.end_ts is not None:
        order = moved_to(order, offer.start_ts, offer.end_ts)
    quote = quote_of(offer.lines, price_with(order, offer.lines), offer.request_id)
    return replace(order, line_items=quote.line_items, price=quote.price, quote_hash=quote.quote_hash)
