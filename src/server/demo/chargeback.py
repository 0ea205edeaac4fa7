"""A chargeback: the cardholder's bank takes the money of a finished booking, and is answered once."""

from typing import Final

import grpc
from rich.table import Table

from callsheet.support.v1 import case_pb2, cases_pb2, chargebacks_pb2, handling_pb2
from server.demo.casework import Casework, shown
from server.demo.stage import money

TOLD_LETTERS: Final = 90


class ChargebackStory:
    """Tells it from the bank's complaint to its last word."""

    def __init__(self, desk: Casework, buyer: str, photographer: str) -> None:
        self._desk = desk
        self._stage = desk.stage
        self._support = desk.support
        self._buyer = desk.stage.calls.as_(buyer)
        self._photographer = photographer

    async def answered(self, order_id: str) -> tuple[str, chargebacks_pb2.Chargeback]:
        """The complaint comes, its evidence is drafted, read and sent: the processor's id, and what it stands at."""
        self._desk.title("A chargeback")
        complaint = await self._stage.switch(
            f"charges/{await self._stage.charge_of(order_id)}/disputes", reason="fraudulent"
        )
        case_id = await self._case()
        chargeback = await self._read(case_id)
        self._desk.say(
            f"the bank takes {money(chargeback.withdrawn_cents)}: {case_id}; it hears us until "
            f"{shown(chargeback.due_by)}"
        )
        await self._desk.clocks(case_id)
        await self.until_earned(0, "the payout is taken back")
        await self._support.AssignCase(handling_pb2.AssignCaseRequest(case_id=case_id), metadata=self._desk.agent)
        await self._submit(case_id, await self._draft(case_id))
        await self._until_status(case_id, "under_review")
        return str(complaint["id"]), await self._read(case_id)

    async def won(self, complaint: str, case_id: str, share_cents: int) -> None:
        """The bank believes us."""
        await self._stage.switch(f"disputes/{complaint}/decide", status="won")
        await self._desk.ends(case_id, case_pb2.CASE_STATUS_DENIED)
        await self.until_earned(share_cents, "the payout is sent again")
        self._desk.say("[green]the bank decides for the photographer[/]")
        await self._desk.history(case_id)

    async def _case(self) -> str:
        """The case that opened by itself, in the buyer's own list."""
        found: list[str] = []

        async def there() -> bool:
            request = cases_pb2.ListCasesRequest(queue=cases_pb2.QUEUE_OWN)
            cases = (await self._support.ListCases(request, metadata=self._buyer)).cases
            found[:] = [case.case_id for case in cases if case.type == case_pb2.CASE_TYPE_CHARGEBACK]
            return bool(found)

        await self._stage.until(there, "its case is open")
        return found[0]

    async def _draft(self, case_id: str) -> str:
        """Gathers what is on record, and prints how it begins."""
        request = chargebacks_pb2.DraftChargebackEvidenceRequest(case_id=case_id)
        draft = (await self._support.DraftChargebackEvidence(request, metadata=self._desk.agent)).chargeback
        self._desk.say(f"the evidence is drafted from what is on record, [dim]sha256 {draft.draft_hash}[/]")
        table = Table("field", "letters", "begins", box=None, padding=(0, 2), header_style="dim")
        for field in draft.draft:
            table.add_row(field.name, str(len(field.text)), field.text.splitlines()[0][:TOLD_LETTERS])
        self._stage.output.print(table)
        return draft.draft_hash

    async def _submit(self, case_id: str, draft_hash: str) -> None:
        request = chargebacks_pb2.SubmitChargebackEvidenceRequest(case_id=case_id, draft_hash=draft_hash)
        sent = (await self._support.SubmitChargebackEvidence(request, metadata=self._desk.agent)).chargeback
        self._desk.say(f"an agent has read it and submits it, {shown(sent.submitted_at, 'seconds')}")
        try:
            await self._support.SubmitChargebackEvidence(request, metadata=self._desk.agent)
        except grpc.aio.AioRpcError as refused:
            self._desk.say(f"[yellow]a second time it is refused: {refused.details()}[/]")

    async def _until_status(self, case_id: str, status: str) -> None:
        async def there() -> bool:
            return (await self._read(case_id)).status == status

        await self._stage.until(there, f"the bank has it: {status}")

    async def until_earned(self, cents: int, what: str) -> None:
        """Waits until the photographer has that much."""

        async def there() -> bool:
            return await self._stage.earned(self._photographer) == cents

        await self._stage.until(there, what)

    async def _read(self, case_id: str) -> chargebacks_pb2.Chargeback:
        request = chargebacks_pb2.GetChargebackRequest(case_id=case_id)
        return (await self._support.GetChargeback(request, metadata=self._desk.agent)).chargeback
