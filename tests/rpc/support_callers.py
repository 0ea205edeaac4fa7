"""What the tests of support's RPCs share: people, an order to complain about, and a case."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from google.protobuf.message import Message

from callsheet.booking.v1 import offering_pb2, ordering_pb2
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from callsheet.support.v1 import case_pb2, cases_pb2
from callsheet.support.v1 import handling_pb2 as pb
from callsheet.support.v1.support_pb2_grpc import SupportServiceStub
from server.core.call import Role
from tests.rpc.booking import BUYER, PROVIDER, STRANGER, terms
from tests.rpc.harness import Running, token

AGENT, OTHER_AGENT = "usr_agent", "usr_otheragent"
Changed = TypeVar("Changed", bound=Message)
Metadata = tuple[tuple[str, str], ...]


def as_buyer() -> Metadata:
    return _for_long(BUYER)


def as_provider() -> Metadata:
    return _for_long(PROVIDER)


def as_stranger() -> Metadata:
    return _for_long(STRANGER)


def as_agent(user_id: str = AGENT) -> Metadata:
    return _for_long(user_id, Role.AGENT)


def _for_long(user_id: str, *roles: Role) -> Metadata:
    """A token that stays valid while a test moves its clock by weeks."""
    return (("authorization", f"Bearer {token(user_id, *roles, lifetime=timedelta(days=400))}"),)


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

    async def assign(self, case_id: str, metadata: Metadata | None = None, **changes: object) -> case_pb2.Case:
        request = _changed(pb.AssignCaseRequest(case_id=case_id), changes)
        return (await self.stub.AssignCase(request, metadata=metadata or as_agent())).case

    async def investigate(self, case_id: str, metadata: Metadata | None = None, **changes: object) -> case_pb2.Case:
        request = _changed(pb.InvestigateCaseRequest(case_id=case_id), changes)
        return (await self.stub.InvestigateCase(request, metadata=metadata or as_agent())).case

    async def await_customer(self, case_id: str) -> case_pb2.Case:
        request = pb.AwaitCustomerRequest(case_id=case_id, body_md="When was that?")
        return (await self.stub.AwaitCustomer(request, metadata=as_agent())).case

    async def await_seller(self, case_id: str) -> case_pb2.Case:
        request = pb.AwaitSellerRequest(case_id=case_id, body_md="Were you there?")
        return (await self.stub.AwaitSeller(request, metadata=as_agent())).case

    async def request_decision(self, case_id: str, metadata: Metadata | None = None) -> case_pb2.Case:
        request = pb.RequestDecisionRequest(case_id=case_id, proposal="Deny: the chat shows they were there.")
        return (await self.stub.RequestDecision(request, metadata=metadata or as_agent())).case

    async def deny(self, case_id: str, metadata: Metadata | None = None) -> case_pb2.Case:
        request = pb.DenyCaseRequest(case_id=case_id, body_md="They were there.", reason_code="attended")
        return (await self.stub.DenyCase(request, metadata=metadata or as_agent(OTHER_AGENT))).case

    async def close(self, case_id: str, metadata: Metadata | None = None, reason: str = "") -> case_pb2.Case:
        request = pb.CloseCaseRequest(case_id=case_id, reason=reason)
        return (await self.stub.CloseCase(request, metadata=metadata or as_agent())).case

    async def reopen(self, case_id: str, metadata: Metadata | None = None) -> case_pb2.Case:
        request = pb.ReopenCaseRequest(case_id=case_id, reason="It happened again.")
        return (await self.stub.ReopenCase(request, metadata=metadata or as_buyer())).case

    async def events(self, case_id: str, metadata: Metadata | None = None) -> list[str]:
        """The names of the case's events, as an agent sees them unless somebody else is given."""
        request = cases_pb2.ListCaseEventsRequest(case_id=case_id, page_size=200)
        answer = await self.stub.ListCaseEvents(request, metadata=metadata or as_agent())
        assert [event.sequence for event in answer.events] == list(range(1, len(answer.events) + 1))
        return [event.event for event in answer.events]

    async def said(self, case_id: str, metadata: Metadata | None = None) -> list[str]:
        """What was said about the case."""
        request = cases_pb2.ListMessagesRequest(case_id=case_id, page_size=200)
        answer = await self.stub.ListMessages(request, metadata=metadata or as_agent())
        return [message.body_md for message in answer.messages]


def _changed(request: Changed, changes: dict[str, object]) -> Changed:
    for name, value in changes.items():
        setattr(request, name, value)
    return request


def opening(order_id: str, **changes: object) -> cases_pb2.OpenCaseRequest:
    """A request that is accepted as it stands."""
    request = cases_pb2.OpenCaseRequest(
        type=case_pb2.CASE_TYPE_BOOKING, subtype="no_show", leg_id=order_id, body_md="Nobody came."
    )
    return _changed(request, changes)


async def support_on(server: Running) -> Support:
    """The service, with a fresh order to open a case about."""
    booking = BookingServiceStub(server.channel)
    offer = await booking.UpsertServiceProfile(
        offering_pb2.UpsertServiceProfileRequest(title="Portraits", city="berlin", hourly_cents=10_000, currency="usd"),
        metadata=as_provider(),
    )
    created = await booking.CreateOrder(
        ordering_pb2.CreateOrderRequest(terms=terms(offer.service_profile.service_profile_id)), metadata=as_buyer()
    )
    return Support(SupportServiceStub(server.channel), created.order.order_id)
