"""The story of four bookings: one booked at once, one negotiated, one by invitation, and one that ends in a dispute;
each from a quote to its payout, and where every cent of it is.

Everybody in it is new each time, so that it can be told again.
"""

from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.table import Table

from callsheet.booking.v1 import dispute_pb2, invite_pb2, negotiation_pb2, order_pb2, payment_pb2
from server.config import Settings
from server.core.call import Role
from server.core.clock import SystemClock
from server.core.grpc.proto import timestamp
from server.core.ids import SystemIds
from server.core.money import half_up
from server.demo.caller import caller
from server.demo.stage import LENGTH, RTB, Stage, money, status_of

COMMISSION_BIPS: Final = 1000


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part."""

    buyer: str
    photographer: str
    model: str
    agent: str
    approver: str


class Story:
    """Tells it, step by step."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._calls = stage.calls
        self._output = stage.output
        self._booking = stage.booking
        ids = SystemIds(SystemClock())
        self._cast = Cast(*(ids.new("usr") for _ in range(5)))

    async def tell(self) -> bool:
        """Whether every cent is where it belongs."""
        stage, buyer = self._stage, self._cast.buyer
        profiles = [await stage.offers(who) for who in (self._cast.photographer, self._cast.model)]
        card = await stage.card(buyer)
        told = {
            "instant": await stage.instant(buyer, profiles[0], card),
            "negotiated": await self._negotiated(profiles[0], card),
            "invited": await self._invited(profiles, card),
        }
        for order in told.values():
            await stage.finished(buyer, order)
        told["disputed"] = await self._disputed(profiles[0], card)
        return await self._trail(told)

    async def _negotiated(self, profile: str, card: str) -> str:
        """Too small for the rule: the photographer asks for more, and the buyer agrees."""
        calls, booking, cast = self._calls, self._booking, self._cast
        order_id = (await self._stage.drafted(cast.buyer, profile, RTB)).order_id
        await self._stage.submitted(cast.buyer, order_id, card)
        listing = negotiation_pb2.ListRequestsRequest(order_id=order_id)
        (offer,) = (await booking.ListRequests(listing, metadata=calls.as_(cast.buyer))).requests
        more = negotiation_pb2.CounterRequestRequest(
            request_id=offer.request_id,
            line_items=[
                negotiation_pb2.CounterLine(
                    kind=order_pb2.LINE_ITEM_KIND_PACKAGE, title="Portraits, with a dog", qty="1", unit_cents=12_333
                )
            ],
        )
        counter = (await booking.CounterRequest(more, metadata=calls.as_(cast.photographer))).request
        agreeing = negotiation_pb2.AcceptRequestRequest(request_id=counter.request_id, total_cents=counter.total_cents)
        await booking.AcceptRequest(agreeing, metadata=calls.as_(cast.buyer))
        await self._stage.reached(cast.buyer, order_id, order_pb2.BOOKING_STATUS_CONFIRMED)
        return order_id

    async def _invited(self, profiles: list[str], card: str) -> str:
        """Two are asked, both would come, and the buyer chooses the model."""
        calls, booking, cast = self._calls, self._booking, self._cast
        start = self._stage.next_start()
        request = invite_pb2.CreateInviteRequest(
            service_profile_ids=profiles,
            recipient_cap=2,
            award_mode=invite_pb2.AWARD_MODE_BUYER_AWARDS,
            terms=invite_pb2.InviteTerms(
                start_ts=timestamp(start),
                end_ts=timestamp(start + LENGTH),
                time_zone="Europe/Berlin",
                location_kind=order_pb2.LOCATION_KIND_PROVIDER_STUDIO,
                tip_cents=500,
            ),
            title="Who has time today?",
            payment_method_id=card,
            expires_at=timestamp(start),
        )
        invite = (await booking.CreateInvite(request, metadata=calls.as_(cast.buyer))).invite
        for recipient in invite.recipients:
            answer = invite_pb2.RespondToInviteRequest(invite_id=invite.invite_id, accept=True)
            await booking.RespondToInvite(answer, metadata=calls.as_(recipient.recipient_user_id))
        (chosen,) = (one for one in invite.recipients if one.recipient_user_id == cast.model)
        award = invite_pb2.AwardInviteRequest(
            invite_id=invite.invite_id, recipient_user_id=cast.model, total_cents=chosen.total_cents
        )
        order_id = (await booking.AwardInvite(award, metadata=calls.as_(cast.buyer))).order.order_id
        await self._stage.reached(cast.buyer, order_id, order_pb2.BOOKING_STATUS_CONFIRMED)
        return order_id

    async def _disputed(self, profile: str, card: str) -> str:
        """The buyer complains; two of support give half of it back."""
        calls, booking, cast = self._calls, self._booking, self._cast
        order_id = await self._stage.instant(cast.buyer, profile, card)
        complaint = dispute_pb2.OpenDisputeRequest(order_id=order_id, reason="no_show", description="An hour late.")
        dispute = (await booking.OpenDispute(complaint, metadata=calls.as_(cast.buyer))).dispute.dispute_id
        agent, approver = calls.as_(cast.agent, Role.AGENT), calls.as_(cast.approver, Role.AGENT)
        await booking.StartDisputeReview(dispute_pb2.StartDisputeReviewRequest(dispute_id=dispute), metadata=agent)
        half = dispute_pb2.ProposeDisputeDecisionRequest(
            dispute_id=dispute,
            result=dispute_pb2.DISPUTE_RESULT_SPLIT,
            refund_subtotal_cents=10_000,
            fee_refundable=True,
            reason="They came, but late.",
        )
        proposed = (await booking.ProposeDisputeDecision(half, metadata=agent)).decision.decision_id
        approval = dispute_pb2.ApproveDisputeDecisionRequest(decision_id=proposed)
        await booking.ApproveDisputeDecision(approval, metadata=approver)
        await self._stage.reached(cast.buyer, order_id, order_pb2.BOOKING_STATUS_RESOLVED)
        return order_id

    async def _trail(self, told: dict[str, str]) -> bool:
        """Prints what was paid, what went back, what the platform keeps, and what providers got of it."""
        table = Table("booking", "order", "status", "charged", "given back", "platform", "providers", title="The money")
        stage, buyer = self._stage, self._cast.buyer
        providers = (self._cast.photographer, self._cast.model)
        paid = kept = 0
        for name, order_id in told.items():
            order, receipt = await stage.read(buyer, order_id), await stage.receipt(buyer, order_id)
            share = _of_provider(receipt)
            paid, kept = paid + receipt.paid_cents, kept + receipt.paid_cents - share
            amounts = (receipt.charged_cents, receipt.refunded_cents, receipt.paid_cents - share, share)
            table.add_row(name, order_id, status_of(order.status), *map(money, amounts))

        async def paid_out() -> bool:
            return await stage.earned(*providers) == paid - kept

        await stage.until(paid_out, "the providers are paid")
        earned = await stage.earned(*providers)
        table.add_row("", "", "sum", money(paid), "", money(kept), money(earned), style="bold")
        self._output.print(table)
        self._output.print(f"{money(paid)} paid = {money(earned)} paid out + {money(kept)} kept ✓")
        return paid == earned + kept


def _of_provider(receipt: payment_pb2.GetReceiptResponse) -> int:
    """What of an order is its provider's: the subtotal that was not given back, less the commission on it, and the
    tip.
    """
    left = receipt.subtotal_cents - sum(refund.subtotal_cents for refund in receipt.refunds)
    return left - half_up(left * COMMISSION_BIPS, 10_000) + receipt.tip_cents


async def play(settings: Settings, output: Console) -> bool:
    """Tells the story against the stack that the settings name; whether every cent is where it belongs."""
    async with caller(settings) as calls:
        return await Story(Stage(calls, output)).tell()
