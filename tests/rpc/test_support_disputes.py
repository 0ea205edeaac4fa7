"""How the cases of disputed orders end with their disputes, and whom they belong to."""

import pytest

from callsheet.support.v1 import case_pb2
from callsheet.support.v1 import holds_pb2 as pb
from server.bootstrap import support as composition
from server.core.db import Tx
from server.support.ports import Disputed, DisputeEnded, ReleaseReason
from tests.rpc.booking import BUYER, PROVIDER
from tests.rpc.harness import Running
from tests.rpc.support_callers import AGENT, Support, as_agent, support_on

# What is payable is Booking's to compute; here no payment stands behind the holds.
pytestmark = pytest.mark.breaks_invariants


@pytest.fixture
async def support(server: Running) -> Support:
    return await support_on(server)


async def disputed(server: Running, order_id: str, opened_by: str = BUYER) -> str:
    core = server.app.core
    dispute = Disputed(order_id, BUYER, PROVIDER, opened_by, "dsp_1", "no_show", "Nobody came.", 4_500)
    return await core.database.run(lambda tx: composition.disputes(core).open_or_join(tx, dispute))


async def ended(server: Running, case_id: str, *, granted: bool, outcome: str = "decided") -> None:
    core = server.app.core
    over = DisputeEnded(case_id, "dsp_1", granted, outcome)
    await core.database.run(lambda tx: composition.disputes(core).ended(tx, over))


@pytest.mark.parametrize(
    ("granted", "status", "event"),
    [
        (True, case_pb2.CASE_STATUS_REFUNDED, "dispute_granted"),
        (False, case_pb2.CASE_STATUS_DENIED, "dispute_denied"),
    ],
)
async def test_a_case_ends_as_its_dispute_does_once(
    support: Support, server: Running, granted: bool, status: case_pb2.CaseStatus.ValueType, event: str
) -> None:
    case_id = await disputed(server, support.order_id)
    await ended(server, case_id, granted=granted)
    await ended(server, case_id, granted=not granted)
    case = await support.read(case_id)
    assert case.status == status
    assert await support.events(case_id) == ["open", event]


async def test_the_holds_of_one_case_end_and_those_of_others_stay(support: Support, server: Running) -> None:
    core = server.app.core
    case_id = await disputed(server, support.order_id)
    other = await support.open(type=case_pb2.CASE_TYPE_PAYMENT)
    keeper = composition.holds(core)

    async def work(tx: Tx) -> int:
        await keeper.apply(tx, other.case_id, support.order_id, 300, "usr_agent")
        return await keeper.release(tx, support.order_id, ReleaseReason.CLEARED, case_id=case_id)

    assert await core.database.run(work) == 4_500
    answer = await support.stub.ListHolds(pb.ListHoldsRequest(case_id=other.case_id), metadata=as_agent())
    assert [hold.status for hold in answer.holds] == [pb.HOLD_STATUS_APPLIED]


async def test_what_staff_dispute_is_the_buyers_case(support: Support, server: Running) -> None:
    case_id = await disputed(server, support.order_id, opened_by=AGENT)
    case = await support.read(case_id)
    assert (case.customer_user_id, case.seller_user_id) == (BUYER, PROVIDER)
    assert await support.said(case_id) == ["Nobody came."]


async def test_what_staff_dispute_joins_the_case_that_is_open(support: Support, server: Running) -> None:
    case = await support.open()
    assert await disputed(server, support.order_id, opened_by=AGENT) == case.case_id
    assert len(await support.said(case.case_id)) == 2
