"""What the tests of booking's decisions share: an order, wherever it stands."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from server.booking.cancellation import CancellationPolicy, refund_bands
from server.booking.domain.order import Order, Status
from server.booking.domain.terms import LocationKind, Mode
from server.booking.pricing import FeePolicy, Price

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
POLICY = FeePolicy("fpl_1", 1250, 0, None, 888, False, 1000)


def an_order(status: Status = Status.CONFIRMED, **changes: object) -> Order:
    """An order of 100.00 for two hours, which starts twenty days from now."""
    start = NOW + timedelta(days=20)
    made = Order(
        order_id="ord_1",
        buyer_user_id="usr_buyer",
        provider_user_id="usr_provider",
        service_profile_id="srv_1",
        mode=Mode.RTB,
        status=status,
        city="berlin",
        start_ts=start,
        end_ts=start + timedelta(hours=2),
        time_zone="Europe/Berlin",
        location_kind=LocationKind.BUYER,
        location_address="Somewhere 1",
        package_id="",
        travel_miles=None,
        license_tier="",
        price=Price(10_000, 1_250, 111, 500, 0, 11_861, "usd", POLICY),
        quote_hash="0" * 64,
        line_items=(),
        cancellation=CancellationPolicy.STANDARD,
        refund_bands=refund_bands(CancellationPolicy.STANDARD, start),
        busy_from=start,
        busy_to=start + timedelta(hours=2),
        version=7,
        created_at=NOW,
        updated_at=NOW,
        status_before_dispute=Status.DELIVERED if status is Status.DISPUTED else None,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # names and types are the test's own


def starting_in(order: Order, ahead: timedelta, policy: CancellationPolicy = CancellationPolicy.STANDARD) -> Order:
    """The same order, so long before its start, under that policy."""
    start = NOW + ahead
    return replace(
        order,
        start_ts=start,
        end_ts=start + timedelta(hours=2),
        cancellation=policy,
        refund_bands=refund_bands(policy, start),
    )
