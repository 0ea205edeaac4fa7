"""Referrals without a database: mailboxes, steps, sides and scores."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from server.core.errors import IllegalTransition
from server.core.secrecy import one_mailbox
from server.growth.credit.domain import CreditScope
from server.growth.errors import InviteExpired, InviteNotForYou
from server.growth.referrals.domain import (
    TRANSITIONS,
    CompletedOrder,
    Invite,
    InviteEvent,
    InviteStatus,
    Program,
    ProgramKind,
    accepted,
    check_sides,
    held,
    month_of,
    moved,
    qualifies,
)
from server.growth.referrals.scoring import Decision, Evidence, SignalKind, score

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
INVITE = Invite(
    "rfi_1",
    "rpr_1",
    "usr_inviter",
    None,
    "00",
    "",
    InviteStatus.SENT,
    None,
    None,
    None,
    False,
    False,
    None,
    NOW,
    None,
    None,
)
PROGRAM = Program("rpr_1", ProgramKind.CROSS_SIDE, 1_500, 100, CreditScope.BUYER_FEE_ONLY, 5, 10_000, 30, True, NOW)
ORDER = CompletedOrder("ord_1", "usr_invitee", "usr_provider", 20_000, NOW)
NOTHING = Evidence(frozenset(), ring=False, mutual=False, accepted_in_a_day=0, other_mailbox=False)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna.Berg+shop@gmail.com", "annaberg@googlemail.com"),
        ("anna+a@example.org", " ANNA@example.org"),
        ("a.n.n.a@gmail.com", "anna+x+y@gmail.com"),
    ],
)
def test_two_spellings_of_one_mailbox_are_equal(one: str, other: str) -> None:
    assert one_mailbox(one) == one_mailbox(other)


@pytest.mark.parametrize(
    ("one", "other"), [("anna.berg@example.org", "annaberg@example.org"), ("a@gmail.com", "a@x.de")]
)
def test_two_mailboxes_are_two(one: str, other: str) -> None:
    assert one_mailbox(one) != one_mailbox(other)


@pytest.mark.parametrize(("status", "event"), list(product(InviteStatus, InviteEvent)))
def test_every_step_is_in_the_table_or_refused(status: InviteStatus, event: InviteEvent) -> None:
    invite = replace(INVITE, status=status)
    target = TRANSITIONS.get((status, event))
    if target is None:
        with pytest.raises(IllegalTransition):
            moved(invite, event)
    else:
        assert moved(invite, event).status is target


def test_an_invitation_is_accepted_in_time_or_not_at_all() -> None:
    assert accepted(INVITE, "usr_invitee", now=NOW + timedelta(days=29)).status is InviteStatus.ACCEPTED
    with pytest.raises(InviteExpired):
        accepted(INVITE, "usr_invitee", now=NOW + timedelta(days=30))


@pytest.mark.parametrize(
    ("kind", "inviter", "invitee", "fits"),
    [
        (ProgramKind.CROSS_SIDE, {"buyer"}, {"provider"}, True),
        (ProgramKind.CROSS_SIDE, {"buyer", "provider"}, {"buyer"}, True),
        (ProgramKind.CROSS_SIDE, {"buyer"}, {"buyer"}, False),
        (ProgramKind.BUYER_INVITES_BUYER, {"buyer"}, {"buyer", "provider"}, True),
        (ProgramKind.BUYER_INVITES_BUYER, {"provider"}, {"buyer"}, False),
        (ProgramKind.PROVIDER_INVITES_PROVIDER, {"provider"}, {"buyer"}, False),
        (ProgramKind.PROVIDER_INVITES_PROVIDER, {"provider"}, {"provider"}, True),
    ],
)
def test_a_programme_is_for_who_the_two_really_are(
    kind: ProgramKind, inviter: set[str], invitee: set[str], fits: bool
) -> None:
    if fits:
        check_sides(kind, frozenset(inviter), frozenset(invitee))
    else:
        with pytest.raises(InviteNotForYou):
            check_sides(kind, frozenset(inviter), frozenset(invitee))


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (ORDER, True),
        (replace(ORDER, total_cents=9_999), False),
        (replace(ORDER, provider_user_id="usr_inviter"), False),
        (replace(ORDER, buyer_user_id="usr_stranger"), False),
        (replace(ORDER, buyer_user_id="usr_b", provider_user_id="usr_invitee"), True),
    ],
)
def test_an_order_qualifies_by_sum_and_parties(order: CompletedOrder, expected: bool) -> None:
    invite = accepted(INVITE, "usr_invitee", now=NOW)
    assert qualifies(invite, PROGRAM, order) is expected
    assert not qualifies(INVITE, PROGRAM, order)


def test_what_qualified_is_held_for_two_weeks() -> None:
    after = held(accepted(INVITE, "usr_invitee", now=NOW), ORDER)
    assert (after.status, after.held_until) == (InviteStatus.HELD, NOW + timedelta(days=14))
    assert PROGRAM.reward_cents(20_000) == 1_700


def test_a_month_begins_where_the_inviter_lives() -> None:
    last_hour = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
    assert month_of("Europe/Berlin", last_hour).month == 11
    assert month_of("America/New_York", last_hour).month == 10


@pytest.mark.parametrize(
    ("evidence", "decision"),
    [
        (NOTHING, Decision.AWARD),
        (replace(NOTHING, shared=frozenset({SignalKind.ADDRESS}), accepted_in_a_day=50), Decision.AWARD),
        (replace(NOTHING, shared=frozenset({SignalKind.DEVICE})), Decision.REVIEW),
        (replace(NOTHING, shared=frozenset({SignalKind.PAYMENT})), Decision.REVIEW),
        (replace(NOTHING, ring=True), Decision.REVIEW),
        (replace(NOTHING, mutual=True), Decision.REVIEW),
        (replace(NOTHING, shared=frozenset({SignalKind.MAILBOX})), Decision.BLOCK),
        (replace(NOTHING, shared=frozenset({SignalKind.DEVICE, SignalKind.PAYMENT})), Decision.BLOCK),
    ],
)
def test_a_score_is_the_sum_of_its_reasons(evidence: Evidence, decision: Decision) -> None:
    found = score(evidence)
    assert found.decision is decision
    assert found.points == sum(found.reasons.values())
