"""Booking and Growth end to end: credit that pays for a fee and comes back, and orders that qualify invitations."""

import asyncio
from datetime import timedelta

import pytest
from grpc import StatusCode

from callsheet.booking.v1 import dispute_pb2, fulfilment_pb2, invite_pb2, negotiation_pb2, order_pb2, ordering_pb2
from callsheet.directory.v1 import directory_pb2
from callsheet.growth.v1 import credit_pb2, referral_pb2
from callsheet.growth.v1.growth_pb2_grpc import GrowthServiceStub
from server.booking.fulfilment.timers import ORDER_COMPLETED, ORDER_REVERSED
from server.core.call import Role
from tests.rpc.booking import BUYER, PROVIDER, stamp
from tests.rpc.booking_flow import Flow, as_buyer, as_finance, as_provider, lasting
from tests.rpc.growth import person
from tests.rpc.harness import refusal

INVITER = "usr_inviter"
BUYERS = (directory_pb2.USER_KIND_BUYER,)


@pytest.fixture
def growth(flow: Flow) -> GrowthServiceStub:
    return GrowthServiceStub(flow.server.channel)


async def granted(growth: GrowthServiceStub, cents: int, cause_id: str = "sca_1") -> None:
    request = credit_pb2.GrantCreditRequest(
        user_id=BUYER,
        amount_cents=cents,
        currency="usd",
        scope=credit_pb2.CREDIT_SCOPE_BUYER_FEE_ONLY,
        reason="goodwill",
        related_id=cause_id,
    )
    await growth.GrantCredit(request, metadata=as_finance())


async def credit(growth: GrowthServiceStub, user_id: str = BUYER) -> int:
    request = credit_pb2.GetCreditBalanceRequest(user_id=user_id)
    return (await growth.GetCreditBalance(request, metadata=lasting(user_id))).balance_cents


async def entries(growth: GrowthServiceStub) -> list[tuple[int, int]]:
    """Kind and cents, the oldest first."""
    request = credit_pb2.ListCreditEntriesRequest(user_id=BUYER)
    answer = await growth.ListCreditEntries(request, metadata=as_buyer())
    return [(entry.kind, entry.amount_cents) for entry in reversed(answer.entries)]


async def cancelled(flow: Flow, order_id: str) -> None:
    await flow.booking.CancelOrder(ordering_pb2.CancelOrderRequest(order_id=order_id), metadata=as_buyer())
    await flow.work()


async def test_credit_is_spent_when_the_order_is_submitted_and_not_before(
    flow: Flow, growth: GrowthServiceStub
) -> None:
    await granted(growth, 1_000)
    order_id = await flow.draft(credit_cents=1_000)
    drafted = await credit(growth)
    await flow.submitted(order_id)
    await flow.work()
    order = await flow.read(order_id)

    assert (drafted, await credit(growth)) == (1_000, 0)
    assert (order.price.credit_cents, order.price.total_cents) == (1_000, 27_903)
    assert (await flow.balance(order_id))["charged_cents"] == 27_903
    assert await entries(growth) == [
        (credit_pb2.CREDIT_ENTRY_KIND_AWARD, 1_000),
        (credit_pb2.CREDIT_ENTRY_KIND_REDEEM, 1_000),
    ]


async def test_two_drafts_do_not_spend_the_same_credit(flow: Flow, growth: GrowthServiceStub) -> None:
    await granted(growth, 1_000)
    drafts = [await flow.draft(credit_cents=1_000, mode=order_pb2.BOOKING_MODE_RTB) for _ in range(4)]
    requests = [
        negotiation_pb2.SubmitOrderRequest(order_id=order_id, payment_method_id=flow.card) for order_id in drafts
    ]
    answers = await asyncio.gather(
        *(refusal(flow.booking.SubmitOrder(request, metadata=as_buyer())) for request in requests),
        return_exceptions=True,
    )
    refused = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert len(refused) == 3
    assert {(answer.code, answer.reason) for answer in refused} == {
        (StatusCode.FAILED_PRECONDITION, "CREDIT_INSUFFICIENT")
    }
    assert await credit(growth) == 0


@pytest.mark.parametrize("paid", [False, True])
async def test_credit_comes_back_with_a_cancellation(flow: Flow, growth: GrowthServiceStub, paid: bool) -> None:
    await granted(growth, 1_000)
    order_id = await flow.submitted(await flow.draft(credit_cents=1_000))
    if paid:
        await flow.work()
    await cancelled(flow, order_id)
    assert await credit(growth) == 1_000


async def test_credit_comes_back_when_nobody_answers(flow: Flow, growth: GrowthServiceStub) -> None:
    await granted(growth, 1_000)
    await flow.rows("update booking.autoaccept_rule set active = false returning rule_id")
    order_id = await flow.submitted(await flow.draft(credit_cents=1_000, mode=order_pb2.BOOKING_MODE_RTB))
    await flow.work()
    spent = await credit(growth)
    await flow.work(wait=timedelta(hours=48))
    assert spent == 0
    assert await flow.status(order_id) == "declined"
    assert await credit(growth) == 1_000


async def offered_by(flow: Flow, order_id: str) -> str:
    """The offer that waits for an answer."""
    row = await flow.row("select request_id from booking.request where order_id = $1 and status = 'pending'", order_id)
    return str(row["request_id"])


async def requested(flow: Flow, growth: GrowthServiceStub, cents: int) -> str:
    """An order that its provider has to answer, partly paid for with credit; its id."""
    await granted(growth, cents)
    await flow.rows("update booking.autoaccept_rule set active = false returning rule_id")
    order_id = await flow.submitted(await flow.draft(credit_cents=cents, mode=order_pb2.BOOKING_MODE_RTB))
    await flow.work()
    return order_id


async def test_credit_comes_back_when_the_provider_declines(flow: Flow, growth: GrowthServiceStub) -> None:
    order_id = await requested(flow, growth, 1_000)
    request = negotiation_pb2.DeclineRequestRequest(request_id=await offered_by(flow, order_id))
    spent = await credit(growth)
    await flow.booking.DeclineRequest(request, metadata=as_provider())
    await flow.work()

    assert (spent, await credit(growth)) == (0, 1_000)


@pytest.mark.parametrize(("unit_cents", "kept"), [(4_000, 500), (60_000, 1_000)])
async def test_a_counter_offer_lowers_the_credit_and_never_raises_it(
    flow: Flow, growth: GrowthServiceStub, unit_cents: int, kept: int
) -> None:
    """Credit pays the fee alone: of a smaller fee the rest goes back, and a greater one takes no more."""
    order_id = await requested(flow, growth, 1_000)
    await granted(growth, 700, "sca_2")
    line = negotiation_pb2.CounterLine(
        kind=order_pb2.LINE_ITEM_KIND_PACKAGE, title="Another", qty="1", unit_cents=unit_cents
    )
    counter = negotiation_pb2.CounterRequestRequest(request_id=await offered_by(flow, order_id), line_items=[line])
    offer = (await flow.booking.CounterRequest(counter, metadata=as_provider())).request
    countered = await credit(growth)
    await flow.booking.AcceptRequest(
        negotiation_pb2.AcceptRequestRequest(request_id=offer.request_id, total_cents=offer.total_cents),
        metadata=as_buyer(),
    )
    await flow.work()

    assert (await flow.read(order_id)).price.credit_cents == kept
    assert (countered, await credit(growth)) == (700, 1_700 - kept)


async def asked_for(flow: Flow, *, first_accept: bool) -> invite_pb2.Invite:
    """An invite to the provider, of which ten dollars are to be paid with credit."""
    start = flow.clock.now() + timedelta(days=20)
    terms = invite_pb2.InviteTerms(
        start_ts=stamp(start),
        end_ts=stamp(start + timedelta(hours=2)),
        time_zone="Europe/Berlin",
        location_kind=order_pb2.LOCATION_KIND_PROVIDER_STUDIO,
        credit_cents=1_000,
    )
    asking = invite_pb2.CreateInviteRequest(
        service_profile_ids=[flow.profile],
        recipient_cap=1,
        award_mode=invite_pb2.AWARD_MODE_FIRST_ACCEPT if first_accept else invite_pb2.AWARD_MODE_BUYER_AWARDS,
        terms=terms,
        title="Who has time?",
        payment_method_id=flow.card,
        expires_at=stamp(start - timedelta(days=10)),
    )
    return (await flow.booking.CreateInvite(asking, metadata=as_buyer())).invite


async def test_a_provider_is_not_told_how_much_credit_a_buyer_has_left(flow: Flow, growth: GrowthServiceStub) -> None:
    await granted(growth, 1_000)
    invite = await asked_for(flow, first_accept=True)
    later = flow.clock.now() + timedelta(days=22)
    elsewhen = {"start_ts": stamp(later), "end_ts": stamp(later + timedelta(hours=2))}
    await flow.submitted(await flow.draft(credit_cents=377, **elsewhen))
    gladly = invite_pb2.RespondToInviteRequest(invite_id=invite.invite_id, accept=True)
    refused = await refusal(flow.booking.RespondToInvite(gladly, metadata=as_provider()))

    assert (refused.code, refused.reason) == (StatusCode.FAILED_PRECONDITION, "NOT_BOOKABLE")
    assert refused.metadata.keys() == {"why", "correlation_id"}
    assert refused.metadata["why"] == "credit_missing"
    assert "623" not in refused.message
    assert await credit(growth) == 623


@pytest.mark.parametrize("first_accept", [True, False])
async def test_an_invite_spends_credit_once_somebody_is_awarded(
    flow: Flow, growth: GrowthServiceStub, first_accept: bool
) -> None:
    await granted(growth, 1_000)
    invite = await asked_for(flow, first_accept=first_accept)
    asked = await credit(growth)
    gladly = invite_pb2.RespondToInviteRequest(invite_id=invite.invite_id, accept=True)
    order = (await flow.booking.RespondToInvite(gladly, metadata=as_provider())).order
    responded = await credit(growth)
    if not first_accept:
        award = invite_pb2.AwardInviteRequest(
            invite_id=invite.invite_id, recipient_user_id=PROVIDER, total_cents=invite.recipients[0].total_cents
        )
        await flow.booking.AwardInvite(award, metadata=as_buyer())
    awarded = await credit(growth)
    await flow.work()

    assert (asked, responded, awarded) == (1_000, 0 if first_accept else 1_000, 0)
    assert await flow.status(order.order_id) == "confirmed"
    await cancelled(flow, order.order_id)
    assert await credit(growth) == 1_000


async def test_any_number_of_partial_refunds_give_back_the_credit_to_the_cent(
    flow: Flow, growth: GrowthServiceStub
) -> None:
    await granted(growth, 1_001)
    order_id = await flow.submitted(await flow.draft(credit_cents=1_001))
    await flow.work()
    given = []
    for cents in (3_333, 3_333, 3_333, 15_001):
        request = fulfilment_pb2.AddAdjustmentRequest(order_id=order_id, title="Less", amount_cents=cents)
        await flow.booking.AddAdjustment(request, metadata=as_provider())
        await flow.work()
        given.append(await credit(growth))
    balance = await flow.balance(order_id)

    assert given == [133, 267, 400, 1_001]
    assert balance["credit_returned_cents"] == 1_001
    assert balance["refunded_cents"] == balance["charged_cents"] - 500


async def test_in_the_half_band_credit_is_forfeited_with_the_fee(flow: Flow, growth: GrowthServiceStub) -> None:
    await granted(growth, 1_000)
    order_id = await flow.submitted(await flow.draft(credit_cents=1_000))
    await flow.work()
    await flow.work(wait=timedelta(days=19, hours=12))
    await cancelled(flow, order_id)
    assert await credit(growth) == 0


async def invited(flow: Flow, growth: GrowthServiceStub) -> str:
    """The buyer signs up by the invitation of somebody else; the invitation's id."""
    await person(flow.server, INVITER)
    await person(flow.server, PROVIDER, kinds=(directory_pb2.USER_KIND_PROVIDER,))
    terms = referral_pb2.ProgramTerms(
        kind=referral_pb2.PROGRAM_KIND_BUYER_INVITES_BUYER,
        reward_fixed_cents=1_500,
        credit_scope=credit_pb2.CREDIT_SCOPE_BUYER_FEE_ONLY,
        monthly_cap=5,
        min_order_cents=10_000,
        active=True,
    )
    program = await growth.CreateReferralProgram(
        referral_pb2.CreateReferralProgramRequest(terms=terms), metadata=lasting("usr_admin", Role.ADMIN)
    )
    invite = await growth.CreateReferralInvite(
        referral_pb2.CreateReferralInviteRequest(program_id=program.program.program_id, email="buyer@example.org"),
        metadata=lasting(INVITER),
    )
    flow.clock.advance(timedelta(minutes=10))
    await person(flow.server, BUYER, email="buyer@example.org", kinds=BUYERS)
    await growth.AcceptReferralInvite(
        referral_pb2.AcceptReferralInviteRequest(invite_id=invite.invite.invite_id), metadata=as_buyer()
    )
    return invite.invite.invite_id


async def stands(flow: Flow, invite_id: str) -> str:
    return str((await flow.row("select status from referral_invite where invite_id = $1", invite_id))["status"])


async def test_a_completed_order_qualifies_and_its_inviter_is_rewarded_after_the_hold(
    flow: Flow, growth: GrowthServiceStub
) -> None:
    invite_id = await invited(flow, growth)
    order_id = await flow.completed()
    held = await stands(flow, invite_id)
    await flow.enqueue(ORDER_COMPLETED, order_id)
    await flow.work(wait=timedelta(days=14, minutes=1))
    signals = await flow.rows("select kind from referral_signal where user_id = $1", BUYER)

    assert held == "held"
    assert await stands(flow, invite_id) == "awarded"
    assert await credit(growth, INVITER) == 1_500
    assert "payment" in {row["kind"] for row in signals}


async def test_a_dispute_decided_for_the_buyer_ends_the_reward(flow: Flow, growth: GrowthServiceStub) -> None:
    invite_id = await invited(flow, growth)
    order_id = await flow.completed()
    dispute = await flow.disputed(order_id)
    await flow.reviewed(dispute.dispute_id)
    await flow.approved(await flow.proposed(dispute.dispute_id, dispute_pb2.DISPUTE_RESULT_RESOLVED_BUYER, 25_000))
    await flow.work()
    assert await stands(flow, invite_id) == "rejected"
    await flow.work(wait=timedelta(days=15))
    assert await credit(growth, INVITER) == 0


async def test_a_chargeback_that_is_lost_takes_the_reward_back(flow: Flow, growth: GrowthServiceStub) -> None:
    invite_id = await invited(flow, growth)
    order_id = await flow.completed()
    await flow.work(wait=timedelta(days=14, minutes=1))
    awarded = await credit(growth, INVITER)
    charge = await flow.row("select stripe_charge_id from booking.payment where order_id = $1", order_id)
    complaint = await flow.sandbox.switches.post(f"charges/{charge['stripe_charge_id']}/disputes")
    await flow.work()
    await flow.sandbox.switches.post(f"disputes/{complaint['id']}/decide", status="lost")
    await flow.work()
    await flow.enqueue(ORDER_REVERSED, order_id)
    await flow.work()

    assert awarded == 1_500
    assert await stands(flow, invite_id) == "clawed_back"
    assert await credit(growth, INVITER) == 0


async def test_an_order_that_is_disputed_before_it_is_told_qualifies_nobody(
    flow: Flow, growth: GrowthServiceStub
) -> None:
    invite_id = await invited(flow, growth)
    order_id = await flow.delivered()
    await flow.booking.CompleteOrder(fulfilment_pb2.CompleteOrderRequest(order_id=order_id), metadata=as_buyer())
    await flow.disputed(order_id)
    await flow.work()
    assert await stands(flow, invite_id) == "accepted"


async def test_an_order_that_is_refunded_whole_takes_the_reward_back(flow: Flow, growth: GrowthServiceStub) -> None:
    invite_id = await invited(flow, growth)
    order_id = await flow.completed()
    held = await stands(flow, invite_id)
    charge = await flow.row("select stripe_charge_id from booking.payment where order_id = $1", order_id)
    status, _, _ = await flow.sandbox.raw("POST", "/v1/refunds", f"charge={charge['stripe_charge_id']}")
    await flow.work()

    assert (held, status) == ("held", 200)
    assert await stands(flow, invite_id) == "rejected"
