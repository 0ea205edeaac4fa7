"""What the tests of support's RPCs share: people, an order to complain about, and a case."""

from dataclasses import dataclass

from callsheet.booking.v1 import booking_pb2
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from callsheet.support.v1 import case_pb2, cases_pb2
from callsheet.support.v1.support_pb2_grpc import SupportServiceStub
from server.core.call import Role
from tests.rpc.harness import Running, as_user
from tests.rpc.test_booking import BUYER, PROVIDER, STRANGER, offered, terms

AGENT, OTHER_AGENT = "usr_agent", "usr_otheragent"
Metadata = tuple[tuple[str, str], ...]


def as_buyer(**headers: str) -> Metadata:
    return as_user(BUYER, **headers)


def as_provider(**headers: str) -> Metadata:
    return as_user(PROVIDER, **headers)


def as_stranger(**headers: str) -> Metadata:
    return as_user(STRANGER, **headers)


def as_agent(user_id: str = AGENT, **headers: str) -> Metadata:
    return as_user(user_id, Role.AGENT, **headers)


@dataclass(frozen=True, slots=True)
class Support:
    """The service under test, and an order between the buyer and the provider."""

    stub: SupportServiceStub
    order_id: str

    async def open(self, metadata: Metadata | None = None, **changes: object) -> case_pb2.Case:
        """A case about the order, opened by its buyer unless somebody else is given."""
        answer = await self.stub.OpenCase(
            opening(self.order_id, **changes), metadata=as_buyer() if metadata is None else metadata
        )
        return answer.case

    async def read(self, case_id: str, metadata: Metadata | None = None) -> case_pb2.Case:
        """The case as an agent sees it, unless somebody else is given."""
        answer = await self.stub.GetCase(
            cases_pb2.GetCaseRequest(case_id=case_id), metadata=as_agent() if metadata is None else metadata
        )
        return answer.case

    async def say(self, case_id: str, body: str, metadata: Metadata, *, internal: bool = False) -> case_pb2.Message:
        visibility = case_pb2.VISIBILITY_INTERNAL if internal else case_pb2.VISIBILITY_PUBLIC
        answer = await self.stub.PostMessage(
            cases_pb2.PostMessageRequest(case_id=case_id, body_md=body, visibility=visibility), metadata=metadata
        )
        return answer.message


def opening(order_id: str, **changes: object) -> cases_pb2.OpenCaseRequest:
    """A request that is accepted as it stands."""
    request = cases_pb2.OpenCaseRequest(
        type=case_pb2.CASE_TYPE_BOOKING, subtype="no_show", leg_id=order_id, body_md="Nobody came."
    )
    for name, value in changes.items():
        setattr(request, name, value)
    return request


async def support_on(server: Running) -> Support:
    """The service, with a fresh order to open a case about."""
    booking = BookingServiceStub(server.channel)
    profile = await offered(booking)
    created = await booking.CreateOrder(booking_pb2.CreateOrderRequest(terms=terms(profile)), metadata=as_user(BUYER))
    return Support(SupportServiceStub(server.channel), created.order.order_id)
