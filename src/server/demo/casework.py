"""What stories about cases have in common: staff, and how clocks and histories are shown."""

from datetime import UTC, datetime
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from rich.table import Table

from callsheet.support.v1 import case_pb2, cases_pb2
from callsheet.support.v1.support_pb2_grpc import SupportServiceStub
from server.core.call import Role
from server.demo.caller import Metadata
from server.demo.stage import Stage

DECIDED: Final = frozenset({case_pb2.CASE_STATUS_REFUNDED, case_pb2.CASE_STATUS_DENIED, case_pb2.CASE_STATUS_GOODWILL})


class Casework:
    """Two of support who handle the cases of a story, and what is told of them."""

    def __init__(self, stage: Stage, agent: str, approver: str) -> None:
        self.stage = stage
        self.support = SupportServiceStub(stage.calls.channel)
        self.agent: Metadata = stage.calls.as_(agent, Role.AGENT)
        self.approver: Metadata = stage.calls.as_(approver, Role.AGENT, Role.FINANCE)

    def title(self, text: str) -> None:
        """A chapter begins."""
        self.stage.output.rule(f"[bold]{text}", align="left")

    def say(self, text: str) -> None:
        self.stage.output.print(f"[cyan]•[/] {text}")

    async def read(self, case_id: str) -> case_pb2.Case:
        return (await self.support.GetCase(cases_pb2.GetCaseRequest(case_id=case_id), metadata=self.agent)).case

    async def ends(self, case_id: str, status: case_pb2.CaseStatus.ValueType) -> None:
        """Waits until the case stands there."""

        async def there() -> bool:
            return (await self.read(case_id)).status == status

        await self.stage.until(there, f"{case_id} is {named(status)}")

    async def clocks(self, case_id: str) -> None:
        """Prints what is promised, and what of it is kept."""
        case = await self.read(case_id)
        due, decided = case.handling, case.status in DECIDED
        resolution = "decided" if decided else f"stands still since {shown(due.paused_at)}"
        table = Table("clock", "due", "left", box=None, padding=(0, 2), header_style="dim")
        for name, at, stopped in (
            ("first response", due.first_response_due_at, "given"),
            ("next response", due.next_response_due_at, "nobody waits"),
            ("resolution", due.resolution_due_at, resolution),
        ):
            table.add_row(name, *(_running(at) if at.seconds and not decided else ("–", f"[green]{stopped}[/]")))
        self.stage.output.print(table)

    async def history(self, case_id: str) -> None:
        """Prints the case's steps, and where each led."""
        request = cases_pb2.ListCaseEventsRequest(case_id=case_id, page_size=200)
        events = await self.support.ListCaseEvents(request, metadata=self.agent)
        table = Table("step", "at", "what", "where it led", box=None, padding=(0, 2), header_style="dim")
        for event in events.events:
            status = named(event.to_status)
            table.add_row(str(event.sequence), shown(event.created_at, "seconds"), event.event, f"[magenta]{status}[/]")
        self.stage.output.print(table)


def named(status: case_pb2.CaseStatus.ValueType) -> str:
    """A status as the documents spell it."""
    return case_pb2.CaseStatus.Name(status).removeprefix("CASE_STATUS_").lower()


def shown(at: Timestamp, precision: str = "minutes") -> str:
    """An instant, in UTC."""
    return at.ToDatetime().isoformat(sep=" ", timespec=precision)


def _running(at: Timestamp) -> tuple[str, str]:
    left = at.ToDatetime(UTC) - datetime.now(UTC)
    minutes = max(0, int(left.total_seconds()) // 60)
    return shown(at), f"[yellow]{minutes // 60} h {minutes % 60:02} min[/]"
