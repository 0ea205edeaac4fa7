"""What promo hears of from the payment processor: hints about payments, refunds and complaints."""

from collections.abc import Mapping

from server.adapters.stripe.webhooks import ProcessorEvent
from server.payments.ports import EventHandler, Owner
from server.promo.topups.disputing import TopUpDisputing
from server.promo.topups.settling import TopUpSettling
from server.promo.withdrawals.following import WithdrawalFollowing

_PAYMENTS = ("succeeded", "payment_failed", "requires_action", "canceled", "processing")
_DISPUTES = ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated")
_REFUNDS = ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated")


class Hearing:
    """Hands each event to whoever settles what it is about."""

    def __init__(self, settling: TopUpSettling, disputing: TopUpDisputing, following: WithdrawalFollowing) -> None:
        self._settling = settling
        self._disputing = disputing
        self._following = following

    def handlers(self) -> Mapping[str, EventHandler]:
        return {
            **{f"payment_intent.{what}": self._payment for what in _PAYMENTS},
            **{f"charge.dispute.{what}": self._dispute for what in _DISPUTES},
            **dict.fromkeys(_REFUNDS, self._refund),
            "charge.refunded": self._charge_refunded,
        }

    async def _payment(self, event: ProcessorEvent, owner: Owner) -> None:
        await self._settling.look(owner.id, event.object_id)

    async def _dispute(self, event: ProcessorEvent, owner: Owner) -> None:
        await self._disputing.disputed(owner.id, event.object_id)

    async def _charge_refunded(self, event: ProcessorEvent, owner: Owner) -> None:
        await self._disputing.refunded(owner.id, event)

    async def _refund(self, event: ProcessorEvent, owner: Owner) -> None:
        """A refund belongs to its withdrawal from the moment its call is settled, and to its payment before."""
        if owner.kind == "withdrawal":
            await self._following.look(owner.id, event.object_id)
        else:
            await self._disputing.refund_moved(event)
