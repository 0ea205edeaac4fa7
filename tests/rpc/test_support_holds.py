"""What Booking asks of support in its own transaction, and what staff and the clock do with holds."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import product

import asyncpg
import pytest
from grpc import StatusCode

from callsheet.support.v1 import case_pb2, handling_pb2
from callsheet.support.v1 import holds_pb2 as pb
from devstack.roles import DatabaseUrls
from server.bootstrap import support as composition
from server.core.clock import ManualClock
from server.core.db import Tx
from server.core.errors import IllegalTransition
from server.support.holds.domain import HOLD_TRANSITIONS, Hold, HoldEvent, HoldStatus, ended
from server.support.ports import Disputed, ReleaseReason
from tests.rpc.booking import BUYER, PROVIDER
from tests.rpc.harness import Running, refusal, running_server
from tests.rpc.support_callers import Support, as_agent, as_buyer, as_provider, support_on

# What is payable is Booking's to compute; here no payment stands behind the holds.
pytestmark = pytest.mark.breaks_invariants


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime.now(UTC))


@pytest.fixture
async def server(database: DatabaseUrls, clock: ManualClock) -> AsyncIterator[Running]:
    async with running_server(database, clock=clock) as running:
        yield running


@pytest.fixture
async def support(server: Running) -> Support:
    return await support_on(server)


async def disputed(server: Running, order_id: str, *, opened_by: str = BUYER, hold_cents: int = 0) -> str:
    """A dispute as Booking opens it: one transaction, the order's row first."""
    core = server.app.core
    dispute = Disputed(order_id, BUYER, PROVIDER, opened_by, "dsp_1", "no_show", "Nobody came.", hold_cents)

    async def work(tx: Tx) -> str:
        await tx.execute("select from booking.order where order_id = $1 for update", order_id)
        return await composition.disputes(core).open_or_join(tx, dispute)

    return await core.database.run(work)


async def held(server: Running, order_id: str) -> int:
    core = server.app.core
    return await core.database.run(lambda tx: composition.holds(core).held_cents(tx, order_id))


async def listed(support: Support, case_id: str) -> list[pb.Hold]:
    answer = await support.stub.ListHolds(pb.ListHoldsRequest(case_id=case_id), metadata=as_agent())
    return list(answer.holds)


async def test_a_dispute_opens_a_case_with_its_hold(support: Support, server: Running) -> None:
    case_id = await disputed(server, support.order_id, hold_cents=4_500)
    case = await support.read(case_id, as_buyer())
    (hold,) = await listed(support, case_id)

    assert (case.customer_user_id, case.seller_user_id, case.leg_id) == (BUYER, PROVIDER, support.order_id)
    assert (hold.amount_cents, hold.status, hold.leg_id) == (4_500, pb.HOLD_STATUS_APPLIED, support.order_id)
    assert await held(server, support.order_id) == 4_500
    assert await support.said(case_id) == ["Nobody came."]


async def test_a_dispute_joins_the_case_that_is_open(support: Support, server: Running) -> None:
    case = await support.open()
    joined = await disputed(server, support.order_id, opened_by=PROVIDER, hold_cents=100)
    assert joined == case.case_id
    assert await support.events(case.case_id) == ["open", "message_posted"]
    assert [hold.amount_cents for hold in await listed(support, case.case_id)] == [100]


async def test_further_holds_are_applied_and_all_are_released_together(support: Support, server: Running) -> None:
    core = server.app.core
    case_id = await disputed(server, support.order_id, hold_cents=4_500)
    keeper = composition.holds(core)
    await core.database.run(lambda tx: keeper.apply(tx, case_id, support.order_id, 500, "svc_booking"))
    freed = await core.database.run(lambda tx: keeper.release(tx, support.order_id, ReleaseReason.CONSUMED))

    assert freed == 5_000
    assert await held(server, support.order_id) == 0
    assert {hold.released_reason for hold in await listed(support, case_id)} == {pb.RELEASE_REASON_CONSUMED}
    assert await support.events(case_id) == ["open", "hold_applied", "hold_released", "hold_released"]
    assert await support.events(case_id, as_buyer()) == ["open"]


async def test_an_agent_releases_a_hold_once(support: Support, server: Running) -> None:
    case_id = await disputed(server, support.order_id, hold_cents=4_500)
    (hold,) = await listed(support, case_id)
    request = pb.ReleaseHoldRequest(hold_id=hold.hold_id, reason="Both agree.")
    released = (await support.stub.ReleaseHold(request, metadata=as_agent())).hold
    again = await refusal(support.stub.ReleaseHold(request, metadata=as_agent()))

    assert (released.status, released.released_reason) == (pb.HOLD_STATUS_RELEASED, pb.RELEASE_REASON_CLEARED)
    assert (again.reason, again.metadata["status"]) == ("ILLEGAL_TRANSITION", "released")


async def test_parties_neither_see_nor_release_holds(support: Support, server: Running) -> None:
    case_id = await disputed(server, support.order_id, hold_cents=4_500)
    for caller in (as_buyer(), as_provider()):
        refused = await refusal(support.stub.ListHolds(pb.ListHoldsRequest(case_id=case_id), metadata=caller))
        assert (refused.code, refused.reason) == (StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED")
    unknown = await refusal(
        support.stub.ReleaseHold(pb.ReleaseHoldRequest(hold_id="sph_1", reason="?"), metadata=as_agent())
    )
    assert unknown.code is StatusCode.NOT_FOUND


async def test_staff_are_warned_once_before_a_hold_expires(
    support: Support, server: Running, clock: ManualClock
) -> None:
    case_id = await disputed(server, support.order_id, hold_cents=4_500)
    clock.advance(timedelta(days=57))
    await server.worker().run_due()
    warned = await support.said(case_id)
    clock.advance(timedelta(days=3))
    await server.worker().run_due()
    (hold,) = await listed(support, case_id)

    assert [text for text in warned if text.startswith("The hold sph_")] != []
    assert await support.said(case_id, as_buyer()) == ["Nobody came."]
    assert hold.status == pb.HOLD_STATUS_EXPIRED
    assert await held(server, support.order_id) == 0


async def test_the_hold_of_a_merged_case_still_warns_and_ends(
    support: Support, server: Running, clock: ManualClock
) -> None:
    case_id = await disputed(server, support.order_id, hold_cents=4_500)
    other = await support.open(type=case_pb2.CASE_TYPE_PAYMENT)
    merging = handling_pb2.MergeCasesRequest(case_id=case_id, into_case_id=other.case_id)
    await support.stub.MergeCases(merging, metadata=as_agent())
    for days in (57, 3):
        clock.advance(timedelta(days=days))
        await server.worker().run_due()

    assert [hold.status for hold in await listed(support, case_id)] == [pb.HOLD_STATUS_EXPIRED]
    assert [text for text in await support.said(other.case_id) if text.startswith("The hold sph_")] != []


async def test_a_released_hold_neither_warns_nor_expires(
    support: Support, server: Running, clock: ManualClock, database: DatabaseUrls
) -> None:
    case_id = await disputed(server, support.order_id, hold_cents=4_500)
    (hold,) = await listed(support, case_id)
    await support.stub.ReleaseHold(
        pb.ReleaseHoldRequest(hold_id=hold.hold_id, reason="Both agree."), metadata=as_agent()
    )
    connection = await asyncpg.connect(database.app_url)
    try:
        waiting = await connection.fetchval(
            "select count(*) from core.job where kind like 'support.hold%' and status = 'queued'"
        )
    finally:
        await connection.close()
    assert waiting == 0


async def test_the_case_of_a_dispute_is_like_any_other(support: Support, server: Running) -> None:
    case_id = await disputed(server, support.order_id)
    assert (await support.assign(case_id)).status == case_pb2.CASE_STATUS_INVESTIGATING


@pytest.mark.parametrize(("status", "event"), list(product(HoldStatus, HoldEvent)))
def test_every_pair_of_status_and_event(status: HoldStatus, event: HoldEvent, clock: ManualClock) -> None:
    now = clock.now()
    hold = Hold("sph_1", "sca_1", "ord_1", 100, status, "usr_agent", now, now + timedelta(days=60))
    if status is HoldStatus.APPLIED:
        assert ended(hold, event, None, now=now).status is HOLD_TRANSITIONS[status, event]
    else:
        with pytest.raises(IllegalTransition):
            ended(hold, event, None, now=now)
