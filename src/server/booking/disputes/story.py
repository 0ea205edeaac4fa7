"""The disputes of an order, for whoever tells its story."""

from server.booking.disputes.decisions import Decision
from server.booking.disputes.domain import Dispute
from server.booking.disputes.repository import DecisionRepository, DisputeRepository
from server.booking.story import Told
from server.core.db import Tx
from server.core.story import Entry, job_entries


class DisputeChapter:
    """Who disagreed about what, what was said and decided, and how it ended."""

    def __init__(self, disputes: DisputeRepository, decisions: DecisionRepository) -> None:
        self._disputes = disputes
        self._decisions = decisions

    async def tell(self, tx: Tx, order_id: str) -> Told:
        found: list[Entry] = []
        for dispute in await self._disputes.of_order(tx, order_id):
            found += _of(dispute)
            for said in await self._disputes.statements(tx, dispute.dispute_id):
                found.append(Entry(said.created_at, f"statement by {said.author}", said.statement_id))
            for decision in await self._decisions.of_dispute(tx, dispute.dispute_id):
                found += _decided(decision)
            found += await job_entries(tx, dispute.dispute_id)
        return Told(found)


def _of(dispute: Dispute) -> list[Entry]:
    about = " · ".join(
        part
        for part in (dispute.dispute_id, dispute.milestone_id, dispute.case_id, dispute.processor_dispute_id)
        if part
    )
    told = [Entry(dispute.created_at, f"dispute by {dispute.opened_by}: {dispute.reason}", about)]
    if dispute.resolved_at is not None:
        told.append(Entry(dispute.resolved_at, f"dispute {dispute.status}: {dispute.outcome}", dispute.dispute_id))
    return told


def _decided(decision: Decision) -> list[Entry]:
    terms = decision.terms
    sums = f"{terms.refund_subtotal_cents} of the subtotal, {terms.refund_tip_cents} of the tip go back"
    told = [Entry(decision.created_at, f"proposed {terms.result} by {decision.proposed_by}", sums)]
    if decision.decided_at is not None:
        who = f"{decision.status} by {decision.decided_by}"
        told.append(Entry(decision.decided_at, f"proposal {who}", decision.decision_id))
    return told
