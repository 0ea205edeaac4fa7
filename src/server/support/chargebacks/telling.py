"""What card banks tell, as Booking passes it on within its transaction."""

from dataclasses import replace

from server.core.db import Tx
from server.core.jobs import Jobs
from server.support.cases.book import CaseBook
from server.support.cases.domain import (
    SYSTEM,
    UNDECIDED,
    Case,
    CaseType,
    Event,
    Party,
    Subject,
    Visibility,
)
from server.support.cases.opening import NewCase, Opening
from server.support.cases.standing import AuthorRole
from server.support.chargebacks.domain import ENDS, KNOWN, WARNED_BEFORE, Dispute
from server.support.chargebacks.repository import DisputeRepository
from server.support.chargebacks.timers import DUE_NOW, DUE_SOON
from server.support.errors import CaseAlreadyOpen
from server.support.ports import Chargeback, FraudWarning

WARNED = "The card's bank believes that this charge is fraudulent ({fraud_type}). A refund may avert a dispute."
STRANGE = "The processor calls the dispute {status}, which is not known here. A person has to look."


class ChargebackBook:
    """Keeps the cases of chargebacks and inquiries up to date. It begins and commits nothing."""

    def __init__(self, repository: DisputeRepository, book: CaseBook, opening: Opening, jobs: Jobs) -> None:
        self._repository = repository
        self._book = book
        self._opening = opening
        self._jobs = jobs

    async def told(self, tx: Tx, chargeback: Chargeback) -> str:
        """Opens the case of a dispute, or brings it up to date; its id."""
        known = await self._repository.get(tx, chargeback.processor_dispute_id)
        if known is None:
            return await self._opened(tx, chargeback)
        case = await self._book.lock(tx, known.case_id)
        before = await self._repository.lock(tx, chargeback.processor_dispute_id) or known
        after = _updated(before, chargeback)
        if after != before:
            await self._repository.save(tx, after, now=self._book.now())
            await self._remind(tx, after)
        if after.status != before.status:
            await self._status_changed(tx, case, after)
        return case.case_id

    async def warned(self, tx: Tx, warning: FraudWarning) -> str:
        """Opens a payment case that offers a refund, or says so in the one that is open."""
        case = await self._payment_case(tx, warning)
        if not await self._repository.told(tx, case.case_id, Event.NOTE_POSTED, "warning_id", warning.warning_id):
            text = WARNED.format(fraud_type=warning.fraud_type)
            await self._note(tx, case, text, warning_id=warning.warning_id, charge_id=warning.charge_id)
        return case.case_id

    async def _opened(self, tx: Tx, chargeback: Chargeback) -> str:
        buyer = Party(chargeback.buyer_user_id, AuthorRole.BUYER)
        provider = Party(chargeback.provider_user_id, AuthorRole.SELLER)
        subtype = "inquiry" if chargeback.status.startswith("warning_") else "chargeback"
        subject = Subject(leg_id=chargeback.order_id)
        new = NewCase(CaseType.CHARGEBACK, subtype, buyer, provider, subject, chargeback.processor_dispute_id)
        case = await self._opening.begin(tx, new, SYSTEM, {"processor_dispute_id": chargeback.processor_dispute_id})
        dispute = _dispute(chargeback, case.case_id)
        await self._repository.insert(tx, dispute, now=self._book.now())
        await self._remind(tx, dispute)
        if dispute.status in ENDS or dispute.status not in KNOWN:
            await self._status_changed(tx, case, dispute)
        return case.case_id

    async def _status_changed(self, tx: Tx, case: Case, dispute: Dispute) -> None:
        """The bank's last word ends the case, if nobody has yet; a word that nobody knows calls a person."""
        end = ENDS.get(dispute.status)
        if end is not None and case.status in UNDECIDED:
            await self._book.write(tx, self._book.moved(case, end, SYSTEM, status=dispute.status))
        elif dispute.status in KNOWN:
            told = self._book.noted(case, Event.CHARGEBACK_TOLD, SYSTEM, status=dispute.status)
            await self._book.write(tx, told)
        else:
            await self._note(tx, case, STRANGE.format(status=dispute.status), status=dispute.status)

    async def _note(self, tx: Tx, case: Case, text: str, **told: str) -> None:
        note = await self._book.say(tx, case, text, AuthorRole.SYSTEM, SYSTEM, Visibility.INTERNAL)
        change = self._book.noted(case, Event.NOTE_POSTED, SYSTEM, message_id=note.message_id, **told)
        await self._book.write(tx, change)

    async def _remind(self, tx: Tx, dispute: Dispute) -> None:
        if dispute.due_by is None or not dispute.answerable:
            return
        for kind, before in zip((DUE_SOON, DUE_NOW), WARNED_BEFORE, strict=True):
            await self._jobs.enqueue(tx, kind, key=dispute.processor_dispute_id, run_at=dispute.due_by - before)

    async def _payment_case(self, tx: Tx, warning: FraudWarning) -> Case:
        buyer = Party(warning.buyer_user_id, AuthorRole.BUYER)
        provider = Party(warning.provider_user_id, AuthorRole.SELLER)
        subject = Subject(leg_id=warning.order_id)
        new = NewCase(CaseType.PAYMENT, "early_fraud_warning", buyer, provider, subject)
        try:
            return await self._opening.begin(tx, new, SYSTEM, {"warning_id": warning.warning_id})
        except CaseAlreadyOpen as found:
            return await self._book.lock(tx, found.metadata["case_id"])


def _dispute(chargeback: Chargeback, case_id: str) -> Dispute:
    return Dispute(
        processor_dispute_id=chargeback.processor_dispute_id,
        case_id=case_id,
        leg_id=chargeback.order_id,
        charge_id=chargeback.charge_id,
        amount_cents=chargeback.amount_cents,
        currency=chargeback.currency,
        reason=chargeback.reason,
        status=chargeback.status,
        charge_refundable=chargeback.charge_refundable,
        withdrawn_cents=chargeback.withdrawn_cents,
        reinstated_cents=chargeback.reinstated_cents,
        due_by=chargeback.due_by,
        draft={},
    )


def _updated(dispute: Dispute, chargeback: Chargeback) -> Dispute:
    """What the processor tells is its own; what was drafted and answered stays."""
    return replace(
        dispute,
        amount_cents=chargeback.amount_cents,
        reason=chargeback.reason,
        status=chargeback.status,
        charge_refundable=chargeback.charge_refundable,
        withdrawn_cents=chargeback.withdrawn_cents,
        reinstated_cents=chargeback.reinstated_cents,
        due_by=chargeback.due_by,
    )
