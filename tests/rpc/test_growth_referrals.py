"""Referrals over a socket: from an invitation to a reward, and what becomes of those who invite themselves."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import grpc
import pytest

from callsheet.directory.v1 import directory_pb2
from callsheet.growth.v1 import credit_pb2
from callsheet.growth.v1 import referral_pb2 as pb
from callsheet.growth.v1.growth_pb2_grpc import GrowthServiceStub
from devstack.roles import DatabaseUrls
from server.core.call import Role
from server.core.clock import ManualClock
from server.growth.referrals import usecases
from tests.rpc.growth import lasting, person
from tests.rpc.harness import Running, read_refusal, refusal, running_server
from tests.rpc.referring import ADMIN, INVITER, Bring, World

AGENT = lasting("usr_agent", Role.AGENT)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime.now(UTC))


@pytest.fixture
async def server(database: DatabaseUrls, clock: ManualClock) -> AsyncIterator[Running]:
    async with running_server(database, clock=clock) as running:
        await person(running, INVITER, email="anna.berg@gmail.com")
        yield running


@pytest.fixture
def growth(server: Running) -> GrowthServiceStub:
    return GrowthServiceStub(server.channel)


@pytest.fixture
async def world(server: Running, database: DatabaseUrls, clock: ManualClock) -> World:
    """The orders themselves are Booking's; what referrals make of them does not need their rows."""
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute("alter table referral_invite drop constraint referral_invite_qualified_order_id_fkey")
    await connection.close()
    made = World(server, database, clock)
    await made.program()
    return made


async def test_whoever_brings_somebody_is_rewarded_after_the_hold(world: World) -> None:
    bring = Bring("usr_new", inviter_device="phone 1", device="phone 2", card="card 2")
    invite = await world.accepted(bring)
    await world.order("usr_new", cents=9_999)
    assert (await world.outcome(invite.invite_id))[0] == "accepted"
    await world.order("usr_new", provider=INVITER)
    assert (await world.outcome(invite.invite_id))[0] == "accepted"
    await world.order("usr_new", card="card 2")
    assert (await world.outcome(invite.invite_id))[0] == "held"
    assert await world.credit() == 0
    world.clock.advance(timedelta(days=14, minutes=1))
    for _ in range(2):
        await world.server.worker().run_due()

    assert await world.outcome(invite.invite_id) == ("awarded", False, "referral")
    assert await world.credit() == 1_500
    assessment = await world.row("select score, inputs::text as inputs, decision from referral_assessment")
    assert (assessment["score"], assessment["decision"]) == (0, "award")
    listed = await world.growth.ListReferralInvites(pb.ListReferralInvitesRequest(), metadata=lasting(INVITER))
    assert [shown.status for shown in listed.invites] == [pb.INVITE_STATUS_AWARDED]


async def test_a_refund_ends_it_and_takes_back_what_was_awarded(world: World) -> None:
    held = await world.accepted(Bring("usr_held"))
    first = await world.order("usr_held")
    awarded = await world.brought(Bring("usr_awarded"))

    async def reverse(order_id: str) -> None:
        await world.server.app.core.database.run(lambda tx: world.judge.order_reversed(tx, order_id))

    # The first one's hold has ended with the second one's.
    assert (await world.outcome(held.invite_id))[0] == "awarded"
    assert await world.credit() == 3_000
    for _ in range(2):
        await reverse(first)
    assert await world.outcome(held.invite_id) == ("clawed_back", False, "order_reversed")
    third = await world.accepted(Bring("usr_third"))
    order_id = await world.order("usr_third")
    await reverse(order_id)
    world.clock.advance(timedelta(days=15))
    await world.server.worker().run_due()
    assert await world.outcome(third.invite_id) == ("rejected", False, "order_reversed")
    assert (await world.outcome(awarded))[0] == "awarded"
    assert await world.credit() == 1_500


async def test_a_month_has_room_for_its_cap_under_concurrency(world: World) -> None:
    await world.program(cap=2)
    invites = [await world.accepted(Bring(f"usr_new{number}")) for number in range(5)]
    for number in range(5):
        await world.order(f"usr_new{number}")
    world.clock.advance(timedelta(days=14, minutes=1))
    worker = world.server.worker()
    await asyncio.gather(worker.run_due(), world.server.worker().run_due())

    ends = sorted([(await world.outcome(invite.invite_id))[2] for invite in invites])
    assert ends == ["monthly_cap"] * 3 + ["referral"] * 2
    assert await world.credit() == 3_000


@pytest.mark.parametrize("email", ["annaberg@gmail.com", "Anna.Berg+friend@googlemail.com"])
async def test_nobody_invites_their_own_mailbox(world: World, email: str) -> None:
    refused = await refusal(
        world.growth.CreateReferralInvite(
            pb.CreateReferralInviteRequest(program_id=world.program_id, email=email), metadata=lasting(INVITER)
        )
    )
    assert (refused.reason, set(refused.violations)) == ("FIELD_INVALID", {"email"})


async def test_abuse_is_blocked_or_queued_and_an_office_is_neither(world: World) -> None:
    """One person with more accounts, by mailbox and by device; a ring of three; and an office of honest people."""
    own_mailbox = await world.brought(Bring("usr_plus", email="friend@example.org"), signs_up_as="annaberg+2@gmail.com")
    device = await world.brought(Bring("usr_device", inviter_device="phone", device="phone"))
    both = await world.brought(
        Bring("usr_both", inviter_device="phone", device="phone", address="home", inviter_address="home")
    )
    await world.accepted(Bring("usr_second", inviter_device="tablet"))
    await world.accepted(Bring("usr_third", inviter="usr_second", device="laptop"))
    ring = await world.brought(Bring("usr_fourth", inviter="usr_third", device="tablet"))
    await world.program(cap=50)
    office = [
        await world.accepted(
            Bring(f"usr_desk{number}", address="office", inviter_address="office", device=f"pc {number}")
        )
        for number in range(12)
    ]
    for number in range(12):
        await world.order(f"usr_desk{number}", card=f"card {number}")
    world.clock.advance(timedelta(days=14, minutes=1))
    await world.server.worker().run_due()

    assert await world.outcome(own_mailbox) == ("rejected", False, "abuse")
    for queued in (device, both, ring):
        assert (await world.outcome(queued))[:2] == ("held", True)
    assert {await world.outcome(invite.invite_id) for invite in office} == {("awarded", False, "referral")}


async def test_a_reward_is_not_exchanged(world: World) -> None:
    """Whoever has credit in another currency gets none: the invitation ends with the reason, and its job with it."""
    given = credit_pb2.GrantCreditRequest(
        user_id=INVITER,
        amount_cents=500,
        currency="eur",
        scope=credit_pb2.CREDIT_SCOPE_BUYER_FEE_ONLY,
        reason="goodwill",
        related_id="sca_1",
    )
    await world.growth.GrantCredit(given, metadata=ADMIN)
    invite_id = await world.brought(Bring("usr_new"))

    assert await world.outcome(invite_id) == ("rejected", False, "currency")
    assert await world.credit() == 500


async def test_staff_decide_what_is_queued(world: World) -> None:
    good = await world.brought(Bring("usr_family", inviter_device="tv", device="tv"))
    bad = await world.brought(Bring("usr_fake", inviter_device="tv", device="tv"))
    queue = await world.growth.ListReferralInvites(pb.ListReferralInvitesRequest(in_review=True), metadata=AGENT)
    denied = await refusal(
        world.growth.ListReferralInvites(pb.ListReferralInvitesRequest(in_review=True), metadata=lasting(INVITER))
    )

    async def decide(invite_id: str, decision: "pb.ReviewDecision.ValueType") -> pb.ReferralInvite:
        request = pb.ReviewReferralInviteRequest(invite_id=invite_id, decision=decision, note="spoke to them")
        answer = await world.growth.ReviewReferralInvite(request, metadata=AGENT)
        return answer.invite

    assert {shown.invite_id for shown in queue.invites} == {good, bad}
    assert denied.reason == "ROLE_REQUIRED"
    assert (await decide(good, pb.REVIEW_DECISION_AWARD)).status == pb.INVITE_STATUS_AWARDED
    assert (await decide(bad, pb.REVIEW_DECISION_REJECT)).status == pb.INVITE_STATUS_REJECTED
    again = await refusal(
        world.growth.ReviewReferralInvite(
            pb.ReviewReferralInviteRequest(invite_id=good, decision=pb.REVIEW_DECISION_REJECT), metadata=AGENT
        )
    )
    assert (again.code, again.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "ILLEGAL_TRANSITION")
    assert await world.credit() == 1_500


async def test_what_cannot_be_accepted(world: World, growth: GrowthServiceStub) -> None:
    async def accepting(invite_id: str, user_id: str) -> str:
        request = pb.AcceptReferralInviteRequest(invite_id=invite_id)
        return (await refusal(growth.AcceptReferralInvite(request, metadata=lasting(user_id)))).reason

    await person(world.server, "usr_member")
    world.clock.advance(timedelta(minutes=1))
    member = await world.invited(Bring("usr_member"))
    taken = await world.accepted(Bring("usr_taken"))
    other = await world.invited(Bring("usr_else"))
    provider = await world.invited(Bring("usr_seller"))
    await person(world.server, "usr_seller", kinds=(directory_pb2.USER_KIND_PROVIDER,))
    late = await world.invited(Bring("usr_late"))
    twice = await refusal(
        growth.CreateReferralInvite(
            pb.CreateReferralInviteRequest(program_id=world.program_id, email="USR_LATE+x@example.org"),
            metadata=lasting(INVITER),
        )
    )

    assert await accepting(member.invite_id, "usr_member") == "INVITEE_NOT_NEW"
    assert await accepting(taken.invite_id, "usr_taken") == "ILLEGAL_TRANSITION"
    assert await accepting(other.invite_id, "usr_taken") == "INVITEE_NOT_NEW"
    assert await accepting(provider.invite_id, "usr_seller") == "REFERRAL_KIND_MISMATCH"
    assert await accepting("rfi_nothing", "usr_taken") == "NOT_FOUND"
    assert await accepting(other.invite_id, INVITER) == "NOT_FOUND"
    assert twice.reason == "ALREADY_EXISTS"
    world.clock.advance(timedelta(days=30))
    await person(world.server, "usr_late")
    assert await accepting(late.invite_id, "usr_late") == "INVITE_EXPIRED"


async def test_of_invitations_accepted_at_once_one_brings_somebody(world: World) -> None:
    """Whoever signs up holds links of two inviters and of two programmes, and opens all of them at the same time."""
    await person(world.server, "usr_rival")
    links = [await world.invited(Bring("usr_new", inviter=inviter)) for inviter in (INVITER, "usr_rival")]
    await world.program()
    links += [await world.invited(Bring("usr_new", inviter=inviter)) for inviter in (INVITER, "usr_rival")]
    await person(world.server, "usr_new", email="usr_new@example.org")
    outcomes = await asyncio.gather(
        *(
            world.growth.AcceptReferralInvite(
                pb.AcceptReferralInviteRequest(invite_id=link.invite_id), metadata=lasting("usr_new")
            )
            for link in links
        ),
        return_exceptions=True,
    )
    lost = [read_refusal(outcome) for outcome in outcomes if isinstance(outcome, grpc.aio.AioRpcError)]

    assert [(refused.code, refused.reason) for refused in lost] == [
        (grpc.StatusCode.FAILED_PRECONDITION, "INVITEE_NOT_NEW")
    ] * 3


async def test_a_day_has_room_for_so_many_invitations_under_concurrency(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usecases, "MOST_INVITES_A_DAY", 3)
    outcomes = await asyncio.gather(
        *(world.invited(Bring(f"usr_new{number}")) for number in range(8)), return_exceptions=True
    )
    lost = [read_refusal(outcome) for outcome in outcomes if isinstance(outcome, grpc.aio.AioRpcError)]

    assert [(refused.code, refused.reason) for refused in lost] == [
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "LIMIT_REACHED")
    ] * 5


async def test_programmes_are_kept_by_administrators(world: World, growth: GrowthServiceStub) -> None:
    def updating(*paths: str, **terms: object) -> pb.UpdateReferralProgramRequest:
        request = pb.UpdateReferralProgramRequest(
            program_id=world.program_id,
            terms=pb.ProgramTerms(
                kind=pb.PROGRAM_KIND_CROSS_SIDE,
                credit_scope=credit_pb2.CREDIT_SCOPE_ORDER_TOTAL,
                **terms,  # type: ignore[arg-type]
            ),
        )
        request.update_mask.paths.extend(paths)
        return request

    denied = await refusal(growth.UpdateReferralProgram(updating("active"), metadata=lasting(INVITER)))
    fixed = await refusal(growth.UpdateReferralProgram(updating("kind"), metadata=ADMIN))
    stopped = await growth.UpdateReferralProgram(updating("active", "monthly_cap", monthly_cap=9), metadata=ADMIN)
    invite = await refusal(
        growth.CreateReferralInvite(
            pb.CreateReferralInviteRequest(program_id=world.program_id, email="new@example.org"),
            metadata=lasting(INVITER),
        )
    )
    mine = await growth.ListReferralPrograms(pb.ListReferralProgramsRequest(), metadata=lasting(INVITER))
    everybodys = await growth.ListReferralPrograms(pb.ListReferralProgramsRequest(), metadata=ADMIN)

    assert (denied.reason, set(fixed.violations)) == ("ROLE_REQUIRED", {"update_mask"})
    assert (stopped.program.terms.monthly_cap, stopped.program.terms.active) == (9, False)
    assert stopped.program.terms.kind == pb.PROGRAM_KIND_BUYER_INVITES_BUYER
    assert invite.reason == "PROGRAM_INACTIVE"
    assert (len(mine.programs), len(everybodys.programs)) == (0, 1)
