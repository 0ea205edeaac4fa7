"""Protobuf and domain, in both directions."""

from datetime import datetime
from decimal import Decimal

from google.protobuf.timestamp_pb2 import Timestamp

from callsheet.booking.v1 import order_pb2, ordering_pb2
from server.booking import pricing
from server.booking.domain import order as domain
from server.booking.domain import parties
from server.booking.domain import terms as booking
from server.booking.usecases import CreateOrder, ListOrderEvents, ListOrders, WatchOrder
from server.core.call import Actor, Role, current_actor
from server.core.grpc.proto import EnumMap, instant, timestamp
from server.core.pagination import Page

MODES = EnumMap(order_pb2.BookingMode, booking.Mode, "BOOKING_MODE_", order_pb2.BookingMode.ValueType)
STATUSES = EnumMap(order_pb2.BookingStatus, domain.Status, "BOOKING_STATUS_", order_pb2.BookingStatus.ValueType)
LOCATIONS = EnumMap(order_pb2.LocationKind, booking.LocationKind, "LOCATION_KIND_", order_pb2.LocationKind.ValueType)
ACTORS = EnumMap(order_pb2.ActorKind, parties.ActorKind, "ACTOR_KIND_", order_pb2.ActorKind.ValueType)
LINES = EnumMap(order_pb2.LineItemKind, pricing.LineItemKind, "LINE_ITEM_KIND_", order_pb2.LineItemKind.ValueType)
SIDES = EnumMap(ordering_pb2.Side, parties.Side, "SIDE_", ordering_pb2.Side.ValueType, default=parties.Side.BUYER)


def terms(message: order_pb2.BookingTerms) -> booking.Terms:
    return booking.Terms(
        service_profile_id=message.service_profile_id,
        mode=MODES.member(message.mode),
        start_ts=instant(message.start_ts, "terms.start_ts"),
        end_ts=instant(message.end_ts, "terms.end_ts"),
        time_zone=message.time_zone,
        location_kind=LOCATIONS.member(message.location_kind),
        location_address=message.location_address,
        tip_cents=message.tip_cents,
        package_id=message.package_id,
        extras=tuple(booking.Extra(extra.code, Decimal(extra.qty)) for extra in message.extras),
        travel_miles=Decimal(message.travel_miles) if message.travel_miles else None,
        license_tier=message.license_tier,
        credit_cents=message.credit_cents,
    )


def create_order(request: ordering_pb2.CreateOrderRequest, actor: Actor) -> CreateOrder:
    return CreateOrder(
        actor=actor,
        terms=terms(request.terms),
        quote_hash=request.quote_hash,
        click_token=request.click_token,
    )


def list_orders(request: ordering_pb2.ListOrdersRequest, actor: Actor) -> ListOrders:
    return ListOrders(
        actor=actor,
        side=SIDES.member(request.side),
        statuses=frozenset(STATUSES.member(status) for status in request.statuses),
        page_size=request.page_size,
        page_token=request.page_token,
    )


def list_order_events(request: ordering_pb2.ListOrderEventsRequest, actor: Actor) -> ListOrderEvents:
    return ListOrderEvents(actor, request.order_id, request.page_size, request.page_token)


def watch_order(request: ordering_pb2.WatchOrderRequest, actor: Actor) -> WatchOrder:
    return WatchOrder(actor=actor, order_id=request.order_id, after_sequence=request.after_sequence)


def quote_order_response(quote: pricing.Quote) -> ordering_pb2.QuoteOrderResponse:
    return ordering_pb2.QuoteOrderResponse(
        price=_price(quote.price), line_items=map(line_item, quote.line_items), quote_hash=quote.quote_hash
    )


def create_order_response(order: domain.Order) -> ordering_pb2.CreateOrderResponse:
    return ordering_pb2.CreateOrderResponse(order=order_for(order, current_actor()))


def get_order_response(order: domain.Order, viewer: Actor) -> ordering_pb2.GetOrderResponse:
    return ordering_pb2.GetOrderResponse(order=order_for(order, viewer))


def list_orders_response(page: Page[domain.Order], viewer: Actor) -> ordering_pb2.ListOrdersResponse:
    return ordering_pb2.ListOrdersResponse(
        orders=[order_for(order, viewer) for order in page.items], next_page_token=page.next_token
    )


def list_order_events_response(page: Page[domain.OrderEvent]) -> ordering_pb2.ListOrderEventsResponse:
    return ordering_pb2.ListOrderEventsResponse(events=map(_told_event, page.items), next_page_token=page.next_token)


def watch_order_response(event: domain.OrderEvent) -> ordering_pb2.WatchOrderResponse:
    return ordering_pb2.WatchOrderResponse(event=_told_event(event))


def _told_event(event: domain.OrderEvent) -> order_pb2.OrderEvent:
    """As those see it who may see the order."""
    message = order_event(event)
    message.reason = event.reason
    return message


def order_event(event: domain.OrderEvent) -> order_pb2.OrderEvent:
    """As it is published: what somebody wrote about it stays between those who may see the order."""
    return order_pb2.OrderEvent(
        sequence=event.sequence,
        order_id=event.order_id,
        event=event.event,
        from_status=STATUSES.number(event.from_status) if event.from_status else order_pb2.BOOKING_STATUS_UNSPECIFIED,
        to_status=STATUSES.number(event.to_status),
        created_at=timestamp(event.created_at),
        actor_kind=ACTORS.number(event.by.kind),
    )


def order_for(order: domain.Order, viewer: Actor) -> order_pb2.Order:
    """An order as somebody sees it: who may not know the address yet, or not any more, does not."""
    return order_pb2.Order(
        order_id=order.order_id,
        buyer_user_id=order.buyer_user_id,
        provider_user_id=order.provider_user_id,
        service_profile_id=order.service_profile_id,
        mode=MODES.number(order.mode),
        status=STATUSES.number(order.status),
        city=order.city,
        start_ts=timestamp(order.start_ts),
        end_ts=timestamp(order.end_ts),
        time_zone=order.time_zone,
        location_kind=LOCATIONS.number(order.location_kind),
        location_address=domain.address_for(order, viewer.user_id, is_agent=viewer.has(Role.AGENT)),
        package_id=order.package_id,
        travel_miles="" if order.travel_miles is None else format(order.travel_miles, "f"),
        license_tier=order.license_tier,
        price=_price(order.price),
        line_items=map(line_item, order.line_items),
        version=order.version,
        created_at=timestamp(order.created_at),
        updated_at=timestamp(order.updated_at),
        lbg_id=order.lbg_id,
        invite_id=order.invite_id,
        pay_by=_when(order.pay_by),
        accepted_at=_when(order.accepted_at),
        confirmed_at=_when(order.confirmed_at),
        checked_in_at=_when(order.checked_in_at),
        delivered_at=_when(order.delivered_at),
        review_until=_when(order.review_until),
        completed_at=_when(order.completed_at),
        closed_reason=order.closed_reason,
        chat_thread_id=order.chat_thread_id,
        full_refund_until=timestamp(order.refund_bands.full_until),
        half_refund_until=timestamp(order.refund_bands.half_until),
        grace_until=_when(order.grace_until),
        change_rounds=order.change_rounds,
        status_before_dispute=STATUSES.number(order.status_before_dispute)
        if order.status_before_dispute
        else order_pb2.BOOKING_STATUS_UNSPECIFIED,
    )


def _when(at: datetime | None) -> Timestamp | None:
    return None if at is None else timestamp(at)


def _price(price: pricing.Price) -> order_pb2.Price:
    return order_pb2.Price(
        subtotal_cents=price.subtotal_cents,
        platform_fee_cents=price.platform_fee_cents,
        tax_cents=price.tax_cents,
        tip_cents=price.tip_cents,
        credit_cents=price.credit_cents,
        total_cents=price.total_cents,
        currency=price.currency,
    )


def line_item(item: pricing.LineItem) -> order_pb2.LineItem:
    return order_pb2.LineItem(
        kind=LINES.number(item.kind),
        title=item.title,
        qty=format(item.qty.normalize(), "f"),
        unit_cents=item.unit_cents,
        total_cents=item.total_cents,
    )
