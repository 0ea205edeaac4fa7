"""Every status of an order, a request, an invite and a recipient with every event: where it leads, or that it is
refused.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import product

import pytest

from server.booking.cancellation import CancellationPolicy, RefundBands
from server.booking.domain.invite import (
    AwardMode,
    Invite,
    InviteEvent,
    InviteStatus,
    Recipient,
    RecipientEvent,
    RecipientStatus,
    moved,
    recipient_moved,
)
from server.booking.domain.order import HOLDING, Event, Order, Status, address_for, apply, check_version, step
from server.booking.domain.parties import SYSTEM, Side
from server.booking.domain.request import (
    COUNTERS_EACH,
    Request,
    RequestEvent,
    RequestStatus,
    answer_by,
    answered,
    check_answer,
    check_consent,
    check_counter,
)
from server.booking.domain.terms import LocationKind, Mode
from server.booking.errors import CounterLimit, NotYourTurn, OfferChanged, OfferExpired
from server.booking.pricing import FeePolicy, Price
from server.core.errors import IllegalTransition, StaleVersion

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
START = NOW + timedelta(days=20)

CHARGED = "declined confirmed in_progress delivered completed cancelled_buyer cancelled_provider disputed resolved"
# Written down once more, by event, as the design's table has it: where from, and where to. A dot stays where it was.
LEGAL: dict[Event, tuple[str, str]] = {
    Event.BOOK_INSTANTLY: ("initiated", "accepted"),
    Event.SEND_REQUEST: ("initiated", "pending_accept"),
    Event.SEND_INVITE: ("initiated", "pending_accept"),
    Event.REQUEST_SHOWN: ("pending_accept", "."),
    Event.RESPOND: ("pending_accept", "."),
    Event.COUNTER: ("pending_accept countered", "countered"),
    Event.ACCEPT: ("pending_accept countered", "accepted"),
    Event.AUTO_ACCEPT: ("pending_accept", "accepted"),
    Event.AWARD: ("pending_accept", "accepted"),
    Event.DECLINE: ("pending_accept countered", "declined"),
    Event.REQUEST_EXPIRED: ("pending_accept countered", "declined"),
    Event.NOT_AWARDED: ("pending_accept", "declined"),
    Event.SLOT_GIVEN_AWAY: ("pending_accept countered", "declined"),
    Event.PAID: ("accepted", "confirmed"),
    Event.PAY_BY_PASSED: ("accepted", "declined"),
    Event.DRAFT_EXPIRED: ("initiated", "cancelled_buyer"),
    Event.CANCEL_BY_BUYER: ("initiated pending_accept countered accepted confirmed", "cancelled_buyer"),
    Event.CANCEL_BY_PROVIDER: ("accepted confirmed in_progress", "cancelled_provider"),
    Event.CANCEL_BY_AGENT: ("accepted confirmed in_progress", "cancelled_provider"),
    Event.REFUNDED_FOR_BUYER: ("confirmed", "cancelled_buyer"),
    Event.REFUNDED_FOR_PROVIDER: ("confirmed", "cancelled_provider"),
    Event.RESCHEDULE_PROPOSED: ("confirmed", "."),
    Event.RESCHEDULED: ("confirmed", "."),
    Event.RESCHEDULE_ENDED: ("confirmed", "."),
    Event.CHECK_IN: ("confirmed in_progress", "in_progress"),
    Event.START_REACHED: ("confirmed", "in_progress"),
    Event.DELIVER: ("confirmed in_progress", "delivered"),
    Event.END_REACHED: ("in_progress", "delivered"),
    Event.REQUEST_CHANGES: ("delivered", "in_progress"),
    Event.COMPLETE: ("delivered", "completed"),
    Event.REVIEW_SILENT: ("delivered", "completed"),
    Event.MILESTONES_SET: ("initiated pending_accept countered", "."),
    Event.MILESTONE_DELIVERED: ("confirmed in_progress delivered", "."),
    Event.MILESTONE_REOPENED: ("confirmed in_progress delivered", "."),
    Event.MILESTONE_APPROVED: ("confirmed in_progress delivered", "."),
    Event.TIP_ADDED: ("confirmed in_progress delivered completed", "."),
    Event.ADJUSTED: ("confirmed in_progress delivered", "."),
    Event.REFUNDED: (CHARGED, "."),
    Event.OPEN_DISPUTE: ("confirmed in_progress delivered completed", "disputed"),
    Event.DISPUTE_DECIDED: ("disputed", "resolved"),
    Event.ONE_DISPUTE_ENDED: ("disputed", "."),
    Event.CHARGEBACK_OPENED: (CHARGED, "disputed"),
    Event.CHARGEBACK_LOST: ("disputed", "resolved"),
    # Back to what the order was before its dispute.
    Event.DISPUTE_WITHDRAWN: ("disputed", "delivered"),
    Event.CHARGEBACK_WON: ("disputed", "delivered"),
}

REQUEST_LEGAL = {
    (RequestStatus.PENDING, RequestEvent.ACCEPT): RequestStatus.ACCEPTED,
    (RequestStatus.PENDING, RequestEvent.DECLINE): RequestStatus.DECLINED,
    (RequestStatus.PENDING, RequestEvent.COUNTER): RequestStatus.COUNTERED,
    (RequestStatus.PENDING, RequestEvent.EXPIRE): RequestStatus.EXPIRED,
}
INVITE_LEGAL = {
    (InviteStatus.OPEN, InviteEvent.AWARD): InviteStatus.AWARDED,
    (InviteStatus.OPEN, InviteEvent.CLOSE): InviteStatus.CLOSED,
}
RECIPIENT_LEGAL = {
    (RecipientStatus.NEW, RecipientEvent.RESPOND): RecipientStatus.RESPONDED,
    (RecipientStatus.NEW, RecipientEvent.LEAVE_OUT): RecipientStatus.NOT_AWARDED,
    (RecipientStatus.RESPONDED, RecipientEvent.AWARD): RecipientStatus.AWARDED,
    (RecipientStatus.RESPONDED, RecipientEvent.LEAVE_OUT): RecipientStatus.NOT_AWARDED,
}


def order(status: Status, *, holds_slot: bool = False) -> Order:
    policy = FeePolicy("fpl_1", 1250, 0, None, 888, False, 1000)
    return Order(
        order_id="ord_1",
        buyer_user_id="usr_buyer",
        provider_user_id="usr_provider",
        service_profile_id="srv_1",
        mode=Mode.RTB,
        status=status,
        city="berlin",
        start_ts=START,
        end_ts=START + timedelta(hours=2),
        time_zone="Europe/Berlin",
        location_kind=LocationKind.BUYER,
        location_address="Somewhere 1",
        package_id="",
        travel_miles=None,
        license_tier="",
        price=Price(10_000, 1_250, 111, 0, 0, 11_361, "usd", policy),
        quote_hash="0" * 64,
        line_items=(),
        cancellation=CancellationPolicy.FLEXIBLE,
        refund_bands=RefundBands(NOW, NOW),
        busy_from=START,
        busy_to=START + timedelta(hours=2),
        version=7,
        created_at=NOW,
        updated_at=NOW,
        holds_slot=holds_slot,
        status_before_dispute=Status.DELIVERED if status is Status.DISPUTED else None,
    )


def request(status: RequestStatus = RequestStatus.PENDING, round_: int = 0) -> Request:
    return Request(
        request_id="req_1",
        mode=Mode.RTB,
        order_id="ord_1",
        buyer_user_id="usr_buyer",
        provider_user_id="usr_provider",
        status=status,
        message="",
        offered_by=Side.PROVIDER if round_ % 2 else Side.BUYER,
        round=round_,
        supersedes_request_id=None,
        total_cents=11_361,
        lines=None,
        start_ts=None,
        end_ts=None,
        shown_at=NOW,
        expires_at=LATER,
        capture_before=None,
        answered_at=None,
        answer_reason="",
        created_at=NOW,
    )


def invite(status: InviteStatus) -> Invite:
    return Invite("inv_1", "usr_buyer", AwardMode.BUYER_AWARDS, status, "", "", 3, LATER, "pm_1", 1, NOW, NOW)


def recipient(status: RecipientStatus) -> Recipient:
    return Recipient("inv_1", "usr_provider", "ord_1", status, NOW, None, None, 11_361)


def refused(call: object, resource: str, status: StrEnum, event: StrEnum) -> None:
    assert callable(call)
    with pytest.raises(IllegalTransition) as refusal:
        call()
    assert refusal.value.metadata == {"resource": resource, "status": status, "event": event}


def test_the_list_names_every_event_that_moves_an_order() -> None:
    assert LEGAL.keys() == set(Event) - {Event.CREATE}


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("status", Status)
def test_a_status_and_an_event_lead_where_the_design_says_or_are_refused(status: Status, event: Event) -> None:
    before = order(status)
    sources, target = LEGAL.get(event, ("", ""))
    if status.value not in sources.split():
        refused(lambda: apply(before, event, now=LATER), "ord_1", status, event)
        return
    after = apply(before, event, now=LATER)
    assert after.status is (status if target == "." else Status(target))
    assert (after.version, after.updated_at) == (8, LATER)


def test_a_slot_is_taken_by_acceptance_alone_and_kept_until_a_terminal_status() -> None:
    steps = [(Status(source), event) for event, (sources, _) in LEGAL.items() for source in sources.split()]
    for (status, event), holds_slot in product(steps, (False, True)):
        if status in HOLDING or not holds_slot:
            after = apply(order(status, holds_slot=holds_slot), event, now=LATER)
            assert after.holds_slot is (after.status is Status.ACCEPTED or (holds_slot and after.status in HOLDING))


def test_a_disputed_order_remembers_where_it_was_and_goes_back_there() -> None:
    for before in (Status.CONFIRMED, Status.IN_PROGRESS, Status.DELIVERED, Status.COMPLETED):
        disputed = apply(order(before), Event.OPEN_DISPUTE, now=LATER)
        joined = apply(disputed, Event.CHARGEBACK_OPENED, now=LATER)
        assert disputed.status_before_dispute is joined.status_before_dispute is before
        back = apply(apply(joined, Event.ONE_DISPUTE_ENDED, now=LATER), Event.CHARGEBACK_WON, now=LATER)
        assert (back.status, back.status_before_dispute) == (before, None)


def test_coming_back_from_a_dispute_is_no_second_delivery() -> None:
    delivered = apply(order(Status.IN_PROGRESS), Event.DELIVER, now=NOW)
    disputed = apply(delivered, Event.OPEN_DISPUTE, now=LATER)
    assert apply(disputed, Event.DISPUTE_WITHDRAWN, now=LATER).delivered_at == NOW
    again = apply(apply(delivered, Event.REQUEST_CHANGES, now=LATER), Event.DELIVER, now=LATER)
    assert again.delivered_at == LATER


def test_milestones_of_a_way_are_stamped_once() -> None:
    accepted = apply(order(Status.PENDING_ACCEPT), Event.ACCEPT, now=NOW)
    confirmed = apply(accepted, Event.PAID, now=LATER)
    delivered = apply(apply(confirmed, Event.CHECK_IN, now=LATER), Event.DELIVER, now=LATER)
    completed = apply(delivered, Event.COMPLETE, now=LATER)
    assert (completed.accepted_at, completed.confirmed_at, completed.completed_at) == (NOW, LATER, LATER)


def test_a_stale_version_is_refused_and_none_is_not() -> None:
    check_version(order(Status.INITIATED), 7)
    check_version(order(Status.INITIATED), 0)
    with pytest.raises(StaleVersion):
        check_version(order(Status.INITIATED), 6)


def test_a_step_tells_both_statuses_and_its_sequence() -> None:
    before = order(Status.ACCEPTED)
    after = apply(before, Event.PAY_BY_PASSED, now=LATER)
    event = step(before, after, Event.PAY_BY_PASSED, SYSTEM, "not paid", {"total_cents": 11_361})
    assert (event.sequence, event.from_status, event.to_status) == (8, Status.ACCEPTED, Status.DECLINED)
    assert (event.reason, event.details) == ("not paid", {"total_cents": 11_361})


@pytest.mark.parametrize("event", RequestEvent)
@pytest.mark.parametrize("status", RequestStatus)
def test_a_request_is_answered_once(status: RequestStatus, event: RequestEvent) -> None:
    target = REQUEST_LEGAL.get((status, event))
    if target is None:
        refused(lambda: answered(request(status), event, now=LATER), "req_1", status, event)
    else:
        after = answered(request(status), event, "because", now=LATER)
        assert (after.status, after.answered_at, after.answer_reason) == (target, LATER, "because")


@pytest.mark.parametrize("event", InviteEvent)
@pytest.mark.parametrize("status", InviteStatus)
def test_an_invite_ends_once(status: InviteStatus, event: InviteEvent) -> None:
    target = INVITE_LEGAL.get((status, event))
    if target is None:
        refused(lambda: moved(invite(status), event, now=LATER), "inv_1", status, event)
    else:
        after = moved(invite(status), event, now=LATER)
        assert (after.status, after.version, after.updated_at) == (target, 2, LATER)


@pytest.mark.parametrize("event", RecipientEvent)
@pytest.mark.parametrize("status", RecipientStatus)
def test_a_recipient_is_decided_once(status: RecipientStatus, event: RecipientEvent) -> None:
    target = RECIPIENT_LEGAL.get((status, event))
    if target is None:
        refused(lambda: recipient_moved(recipient(status), event, now=LATER), "ord_1", status, event)
    else:
        after = recipient_moved(recipient(status), event, now=LATER)
        assert after.status is target
        assert (after.responded_at, after.decided_at) == ((LATER, None) if target == "responded" else (None, LATER))


def test_sides_take_turns_and_a_late_answer_is_refused_before_any_job_has_noticed() -> None:
    check_answer(request(), Side.PROVIDER, now=NOW)
    with pytest.raises(NotYourTurn) as turn:
        check_answer(request(), Side.BUYER, now=NOW)
    assert turn.value.metadata == {"request_id": "req_1", "turn": "provider"}
    with pytest.raises(OfferExpired):
        check_answer(request(), Side.PROVIDER, now=LATER)


def test_each_side_counters_three_times_and_never_twice_in_a_row() -> None:
    offer, by = request(), []
    while True:
        try:
            check_counter(offer)
        except CounterLimit:
            break
        by.append(offer.turn)
        with pytest.raises(NotYourTurn):
            check_answer(offer, offer.offered_by, now=NOW)
        offer = replace(offer, round=offer.round + 1, offered_by=offer.turn)
    assert by == [Side.PROVIDER, Side.BUYER] * COUNTERS_EACH


def test_a_buyer_consents_to_exactly_the_total_that_they_saw() -> None:
    counter = request(round_=1)
    check_consent(counter, 11_361)
    with pytest.raises(OfferChanged) as changed:
        check_consent(counter, 11_360)
    assert changed.value.metadata == {"resource": "req_1", "total_cents": "11361"}
    check_consent(request(), 0)


@pytest.mark.parametrize(
    ("start", "capture_before", "expected"),
    [
        (timedelta(days=20), None, timedelta(hours=48)),
        (timedelta(hours=30), None, timedelta(hours=30)),
        (timedelta(days=20), timedelta(days=7), timedelta(hours=48)),
        (timedelta(days=20), timedelta(hours=40), timedelta(hours=28)),
        (timedelta(hours=20), timedelta(hours=40), timedelta(hours=20)),
    ],
)
def test_an_offer_expires_by_the_earliest_of_its_limits(
    start: timedelta, capture_before: timedelta | None, expected: timedelta
) -> None:
    limit = None if capture_before is None else NOW + capture_before
    assert answer_by(NOW + start, limit, now=NOW) == NOW + expected


BUYER, PROVIDER, STRANGER = "usr_buyer", "usr_provider", "usr_stranger"
BEFORE = {Status.INITIATED, Status.PENDING_ACCEPT, Status.COUNTERED, Status.ACCEPTED, Status.DECLINED}
CANCELLED = {Status.CANCELLED_BUYER, Status.CANCELLED_PROVIDER}


@pytest.mark.parametrize("status", list(Status))
def test_the_address_is_the_owners_then_the_parties_and_after_a_cancellation_nobodys(status: Status) -> None:
    confirmed = None if status in BEFORE else NOW
    seen = replace(order(status), confirmed_at=confirmed)
    readers = {
        viewer
        for viewer, is_agent in ((BUYER, False), (PROVIDER, False), (STRANGER, False), ("usr_agent", True))
        if address_for(seen, viewer, is_agent=is_agent)
    }
    if status in CANCELLED:
        assert readers == set()
    elif status in BEFORE:
        assert readers == {BUYER}
    else:
        assert readers == {BUYER, PROVIDER, "usr_agent"}


@pytest.mark.parametrize("cancelled", sorted(CANCELLED))
def test_a_chargeback_reveals_no_address_that_a_cancellation_has_hidden(cancelled: Status) -> None:
    ended = replace(order(cancelled), confirmed_at=NOW, closed_reason="rain")
    disputed = apply(ended, Event.CHARGEBACK_OPENED, now=LATER)
    lost = apply(disputed, Event.CHARGEBACK_LOST, now=LATER)
    assert [address_for(step, BUYER) for step in (disputed, lost)] == ["", ""]
