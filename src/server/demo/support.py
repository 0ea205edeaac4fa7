"""The story of a no-show: a case is opened, asked about, proved with a file, and decided by two people.

Everybody in it is new each time, so that it can be told again.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.request import Request, urlopen

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console
from rich.table import Table

from callsheet.booking.v1 import offering_pb2, order_pb2, ordering_pb2
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from callsheet.support.v1 import case_pb2, cases_pb2, evidence_pb2, handling_pb2
from callsheet.support.v1.support_pb2_grpc import SupportServiceStub
from server.config import Settings
from server.core.call import Role
from server.core.clock import SystemClock
from server.core.grpc.proto import timestamp
from server.core.ids import SystemIds
from server.demo.caller import Caller, caller

PROOF: Final = b"From the chat: I overslept, I am so sorry."


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part."""

    buyer: str
    photographer: str
    agent: str
    approver: str


class Story:
    """Tells it, step by step."""

    def __init__(self, calls: Caller, output: Console) -> None:
        self._calls = calls
        self._output = output
        self._booking = BookingServiceStub(calls.channel)
        self._support = SupportServiceStub(calls.channel)
        ids = SystemIds(SystemClock())
        self._cast = Cast(*(ids.new("usr") for _ in range(4)))

    async def tell(self) -> bool:
        """Whether the case ended as decided."""
        case_id = await self._complain(await self._book())
        await self._ask(case_id)
        await self._prove(case_id)
        decided = await self._decide(case_id)
        await self._history(case_id)
        return decided.status == case_pb2.CASE_STATUS_GOODWILL

    async def _book(self) -> str:
        cast, calls = self._cast, self._calls
        offer = await self._booking.UpsertServiceProfile(
            offering_pb2.UpsertServiceProfileRequest(
                title="Portraits", city="berlin", hourly_cents=10_000, currency="usd"
            ),
            metadata=calls.as_(cast.photographer),
        )
        start = datetime.now(UTC) + timedelta(days=10)
        terms = order_pb2.BookingTerms(
            service_profile_id=offer.service_profile.service_profile_id,
            mode=order_pb2.BOOKING_MODE_RTB,
            start_ts=timestamp(start),
            end_ts=timestamp(start + timedelta(hours=2)),
            time_zone="Europe/Berlin",
            location_kind=order_pb2.LOCATION_KIND_BUYER,
            location_address="Somewhere 1, Berlin",
        )
        created = await self._booking.CreateOrder(
            ordering_pb2.CreateOrderRequest(terms=terms), metadata=calls.as_(cast.buyer)
        )
        self._say(f"{cast.buyer} books two hours of portraits: {created.order.order_id}")
        return created.order.order_id

    async def _complain(self, order_id: str) -> str:
        request = cases_pb2.OpenCaseRequest(
            type=case_pb2.CASE_TYPE_BOOKING, subtype="no_show", leg_id=order_id, body_md="Nobody **came**."
        )
        opened = await self._support.OpenCase(request, metadata=self._calls.as_(self._cast.buyer))
        self._say(f"and complains that nobody came: {opened.case.case_id}")
        await self._clocks(opened.case.case_id)
        return opened.case.case_id

    async def _ask(self, case_id: str) -> None:
        request = handling_pb2.AwaitSellerRequest(case_id=case_id, body_md="Were you there?")
        await self._support.AwaitSeller(request, metadata=self._agent())
        answer = cases_pb2.PostMessageRequest(case_id=case_id, body_md="I overslept. I am so sorry.")
        await self._support.PostMessage(answer, metadata=self._calls.as_(self._cast.photographer))
        self._say("support asks the photographer, who admits it; the case goes on by itself")
        await self._clocks(case_id)

    async def _prove(self, case_id: str) -> None:
        request = evidence_pb2.CreateEvidenceUploadRequest(
            case_id=case_id, mime="text/plain", bytes=len(PROOF), sha256=hashlib.sha256(PROOF).digest()
        )
        created = await self._support.CreateEvidenceUpload(request, metadata=self._calls.as_(self._cast.buyer))
        await asyncio.to_thread(_put, created.upload_url, dict(created.upload_headers))
        completed = await self._support.CompleteEvidenceUpload(
            evidence_pb2.CompleteEvidenceUploadRequest(evidence_id=created.evidence.evidence_id),
            metadata=self._calls.as_(self._cast.buyer),
        )
        until = _shown(completed.evidence.retention_until)
        self._say(f"the buyer uploads the chat; {completed.evidence.evidence_id} is locked until {until}")

    async def _decide(self, case_id: str) -> case_pb2.Case:
        await self._support.RequestDecision(
            handling_pb2.RequestDecisionRequest(case_id=case_id, proposal="Goodwill: a free hour."),
            metadata=self._agent(),
        )
        deciding = handling_pb2.GrantGoodwillRequest(
            case_id=case_id, body_md="We are sorry. The next hour is on us.", reason_code="provider_no_show"
        )
        try:
            await self._support.GrantGoodwill(deciding, metadata=self._agent())
        except grpc.aio.AioRpcError as refused:
            self._say(f"the agent who asked may not decide: {refused.details()}")
        approver = self._calls.as_(self._cast.approver, Role.AGENT)
        decided = await self._support.GrantGoodwill(deciding, metadata=approver)
        self._say("a second agent grants goodwill")
        return decided.case

    async def _clocks(self, case_id: str) -> None:
        seen = await self._support.GetCase(cases_pb2.GetCaseRequest(case_id=case_id), metadata=self._agent())
        due = seen.case.handling
        for name, at in (
            ("first response", due.first_response_due_at),
            ("next response", due.next_response_due_at),
            ("resolution", due.resolution_due_at),
        ):
            if at.seconds:
                self._output.print(f"  [dim]{name} due[/] {_shown(at)}")

    async def _history(self, case_id: str) -> None:
        events = await self._support.ListCaseEvents(
            cases_pb2.ListCaseEventsRequest(case_id=case_id), metadata=self._agent()
        )
        table = Table("step", "what", "where it led", box=None, header_style="dim")
        for event in events.events:
            status = case_pb2.CaseStatus.Name(event.to_status).removeprefix("CASE_STATUS_").lower()
            table.add_row(str(event.sequence), event.event, status)
        self._output.print(table)

    def _agent(self) -> tuple[tuple[str, str], ...]:
        return self._calls.as_(self._cast.agent, Role.AGENT)

    def _say(self, what: str) -> None:
        self._output.print(f"• {what}")


async def play(settings: Settings, output: Console) -> bool:
    """Plays the story against a running server; tells whether it ended well."""
    async with caller(settings) as calls:
        return await Story(calls, output).tell()


def _put(url: str, headers: dict[str, str]) -> None:
    """Uploads as a browser would, to where the server said."""
    request = Request(url, data=PROOF, headers=headers, method="PUT")  # noqa: S310  the server's own link
    with urlopen(request, timeout=10):  # noqa: S310
        pass


def _shown(at: Timestamp) -> str:
    return at.ToDatetime(UTC).isoformat(sep=" ", timespec="minutes")
