"""A no-show: a booking that is paid, a photographer who stays away, and the money's way back."""

import asyncio
import hashlib
from typing import Final
from urllib.request import Request, urlopen

import grpc

from callsheet.booking.v1 import order_pb2
from callsheet.support.v1 import case_pb2, cases_pb2, evidence_pb2, handling_pb2, holds_pb2, refunds_pb2
from server.demo.casework import Casework, shown
from server.demo.stage import money

PROOF: Final = b"From the chat: I overslept, I am so sorry."
ALL: Final = refunds_pb2.RefundShare(bips=10_000)


class NoShow:
    """Tells it from the complaint to the refund."""

    def __init__(self, desk: Casework, buyer: str, photographer: str) -> None:
        self._desk = desk
        self._stage = desk.stage
        self._support = desk.support
        self._buyer = desk.stage.calls.as_(buyer)
        self._photographer = desk.stage.calls.as_(photographer)
        self._buyer_id = buyer

    async def tell(self, order_id: str, share_cents: int) -> None:
        """What happens to a paid booking to which nobody comes, and of which the photographer would get a share."""
        self._desk.title("A no-show")
        case_id = await self._complain(order_id)
        await self._hold(case_id, share_cents)
        await self._ask(case_id)
        await self._prove(case_id)
        await self._refund(case_id)
        await self._stage.reached(self._buyer_id, order_id, order_pb2.BOOKING_STATUS_CANCELLED_PROVIDER)
        await self._desk.clocks(case_id)
        await self._desk.history(case_id)

    async def _complain(self, order_id: str) -> str:
        request = cases_pb2.OpenCaseRequest(
            type=case_pb2.CASE_TYPE_BOOKING, subtype="no_show", leg_id=order_id, body_md="Nobody **comes**."
        )
        opened = await self._support.OpenCase(request, metadata=self._buyer)
        self._desk.say(f"the buyer complains that nobody comes: {opened.case.case_id}")
        await self._desk.clocks(opened.case.case_id)
        return opened.case.case_id

    async def _hold(self, case_id: str, cents: int) -> None:
        """The payout waits for the end of the case."""
        await self._support.AssignCase(handling_pb2.AssignCaseRequest(case_id=case_id), metadata=self._desk.agent)
        request = holds_pb2.ApplyHoldRequest(case_id=case_id, amount_cents=cents, reason="Until we know.")
        hold = (await self._support.ApplyHold(request, metadata=self._desk.agent)).hold
        until = shown(hold.expires_at)
        self._desk.say(f"an agent takes the case and keeps {money(hold.amount_cents)} of the payout back until {until}")

    async def _ask(self, case_id: str) -> None:
        request = handling_pb2.AwaitSellerRequest(case_id=case_id, body_md="Where are you?")
        await self._support.AwaitSeller(request, metadata=self._desk.agent)
        answer = cases_pb2.PostMessageRequest(case_id=case_id, body_md="I overslept. I am so sorry.")
        await self._support.PostMessage(answer, metadata=self._photographer)
        self._desk.say("the agent asks the photographer, who admits it; the case goes on by itself")
        await self._desk.clocks(case_id)

    async def _prove(self, case_id: str) -> None:
        request = evidence_pb2.CreateEvidenceUploadRequest(
            case_id=case_id, mime="text/plain", bytes=len(PROOF), sha256=hashlib.sha256(PROOF).digest()
        )
        created = await self._support.CreateEvidenceUpload(request, metadata=self._buyer)
        await asyncio.to_thread(_put, created.upload_url, dict(created.upload_headers))
        completing = evidence_pb2.CompleteEvidenceUploadRequest(evidence_id=created.evidence.evidence_id)
        stored = (await self._support.CompleteEvidenceUpload(completing, metadata=self._buyer)).evidence
        until = shown(stored.retention_until)
        self._desk.say(f"the buyer uploads the chat; {stored.evidence_id} is locked until {until}")

    async def _refund(self, case_id: str) -> None:
        """One proposes, another approves, and then it is on its way."""
        proposing = refunds_pb2.ProposeRefundRequest(
            case_id=case_id, share=ALL, fee_refundable=True, reason="The photographer did not come."
        )
        refund = (await self._support.ProposeRefund(proposing, metadata=self._desk.agent)).refund
        parts = (refund.subtotal_cents, refund.platform_fee_cents, refund.platform_fee_tax_cents)
        self._desk.say(
            f"the agent proposes {money(refund.amount_cents)} back: {' + '.join(map(money, parts))} for fee and tax"
        )
        approving = refunds_pb2.ApproveRefundRequest(refund_id=refund.refund_id)
        try:
            await self._support.ApproveRefund(approving, metadata=self._desk.agent)
        except grpc.aio.AioRpcError as refused:
            self._desk.say(f"[yellow]the agent may not approve it: {refused.details()}[/]")
        await self._support.ApproveRefund(approving, metadata=self._desk.approver)
        self._desk.say("somebody of finance approves it")
        await self._desk.ends(case_id, case_pb2.CASE_STATUS_REFUNDED)
        listed = await self._support.ListRefunds(
            refunds_pb2.ListRefundsRequest(case_id=case_id), metadata=self._desk.agent
        )
        self._desk.say(f"[green]the refund is paid[/]: {listed.refunds[0].processor_ref}, and the hold is consumed")


def _put(url: str, headers: dict[str, str]) -> None:
    """Uploads as a browser would, to where the server said."""
    request = Request(url, data=PROOF, headers=headers, method="PUT")  # noqa: S310  the server's own link
    with urlopen(request, timeout=10):  # noqa: S310
        pass
