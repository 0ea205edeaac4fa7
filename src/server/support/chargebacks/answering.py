"""Reading a dispute, drafting what is to be said, saying it once, or giving in.

A draft is kept here and, as a draft, at the processor. What is submitted is the very draft that somebody has read,
named by its hash: a draft that changed in between is not sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from server.adapters.stripe.requests import CloseDispute, UpdateDispute
from server.booking.ports import Dossiers
from server.core.call import Actor
from server.core.db import Database, Guard, Tx
from server.core.errors import FieldInvalid, NotFound, Violation
from server.payments.ports import CallBook, CallStatus, Owner, SliceName
from server.support.cases.access import handled_by, visible
from server.support.cases.book import CaseBook
from server.support.cases.domain import SYSTEM, UNDECIDED, By, Case, Event, Status, Visibility
from server.support.cases.reading import Seen
from server.support.cases.repository import CaseRepository
from server.support.cases.standing import AuthorRole
from server.support.chargebacks.domain import WARNED_BEFORE, Dispute, drafted, given_up, submitted
from server.support.chargebacks.pack import FIELDS, pack
from server.support.chargebacks.repository import DisputeRepository
from server.support.chargebacks.timers import ANSWERED

DUE_SOON_AFTER, DUE_NOW_AFTER = WARNED_BEFORE


@dataclass(frozen=True, slots=True)
class DraftEvidence:
    """Somebody gathers what speaks for a charge, and may say some of it in their own words."""

    actor: Actor
    case_id: str
    changes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SubmitEvidence:
    """Somebody sends the draft that they have read."""

    actor: Actor
    case_id: str
    draft_hash: str


@dataclass(frozen=True, slots=True)
class AcceptChargeback:
    """Somebody gives a chargeback up."""

    actor: Actor
    case_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A dispute and its case."""

    dispute: Dispute
    case: Seen[Case]


class ChargebackUseCases:
    """The operations on disputes."""

    def __init__(
        self,
        database: Database,
        repository: DisputeRepository,
        cases: CaseRepository,
        book: CaseBook,
        dossiers: Dossiers,
        calls: CallBook,
    ) -> None:
        self._database = database
        self._repository = repository
        self._cases = cases
        self._book = book
        self._dossiers = dossiers
        self._calls = calls

    async def get(self, case_id: str, actor: Actor) -> Dispute:
        """The dispute of a case, for those who handle it."""
        async with self._database.read() as tx:
            case, _ = visible(await self._cases.get(tx, case_id), case_id, actor)
            handled_by(case, actor)
            return await self._of_case(tx, case_id)

    async def draft(self, command: DraftEvidence, once: Guard[Dispute] | None) -> Dispute:
        """Gathers the evidence anew and keeps it as a draft, here and at the processor."""
        changes = _changes(command.changes)

        async def work(tx: Tx) -> Dispute:
            case, dispute, by = await self._locked(tx, command.case_id, command.actor)
            dossier = await self._dossiers.dossier(tx, dispute.leg_id) if dispute.leg_id else None
            if dossier is None:
                raise NotFound(command.case_id)
            files = await self._repository.files(tx, dossier.order_id)
            after = drafted(dispute, pack(dossier, files, changes))
            await self._write(tx, case, Event.CHARGEBACK_DRAFTED, by, draft_hash=after.draft_hash)
            await self._repository.save(tx, after, now=self._book.now())
            request = UpdateDispute(dispute_id=after.processor_dispute_id, evidence=after.draft)
            key = f"dispute_draft:{after.processor_dispute_id}:{after.draft_hash[:32]}"
            await self._calls.store(tx, request, key=key, owner=_owner(after))
            return after

        return await self._database.run(work, once=once)

    async def submit(self, command: SubmitEvidence, once: Guard[Dispute] | None) -> Dispute:
        """Answers the bank, once, with the draft that the caller has read."""

        async def work(tx: Tx) -> Dispute:
            case, dispute, by = await self._locked(tx, command.case_id, command.actor)
            after = submitted(dispute, command.draft_hash, command.actor.user_id, now=self._book.now())
            await self._write(tx, case, Event.CHARGEBACK_REPRESENTED, by, draft_hash=command.draft_hash)
            await self._repository.save(tx, after, now=self._book.now())
            request = UpdateDispute(dispute_id=after.processor_dispute_id, evidence=after.draft, submit=True)
            key = f"dispute_submit:{after.processor_dispute_id}"
            await self._calls.store(tx, request, key=key, owner=_owner(after), reply=ANSWERED)
            return after

        return await self._database.run(work, once=once)

    async def accept(self, command: AcceptChargeback, once: Guard[Answered] | None) -> Answered:
        """Gives the chargeback up. Its case ends when the processor says that it is lost."""

        async def work(tx: Tx) -> Answered:
            case, dispute, by = await self._locked(tx, command.case_id, command.actor)
            after = given_up(dispute, now=self._book.now())
            noted = await self._write(tx, case, Event.CHARGEBACK_ACCEPTED, by, reason=command.reason)
            await self._repository.save(tx, after, now=self._book.now())
            request = CloseDispute(dispute_id=after.processor_dispute_id)
            key = f"dispute_close:{after.processor_dispute_id}"
            await self._calls.store(tx, request, key=key, owner=_owner(after), reply=ANSWERED)
            return Answered(after, Seen(noted, by.standing))

        return await self._database.run(work, once=once)

    async def answered(self, call_id: str) -> None:
        """Takes note of a refused answer: the dispute waits for one again, and staff are told."""

        async def work(tx: Tx) -> None:
            call = await self._calls.get(tx, call_id)
            if call.status is not CallStatus.FAILED:
                return
            found = await self._repository.get(tx, call.owner.id)
            if found is None:
                return
            case = await self._book.lock(tx, found.case_id)
            dispute = await self._repository.lock(tx, call.owner.id)
            if dispute is None or not dispute.answered:
                return
            reason = call.failure.code if call.failure else "unknown"
            text = f"The processor refused the answer to {dispute.processor_dispute_id}: {reason}."
            await self._tell(tx, case, text)
            undone = replace(dispute, submitted_at=None, submitted_by=None, accepted_at=None)
            await self._repository.save(tx, undone, now=self._book.now())

        await self._database.run(work)

    async def due_soon(self, processor_dispute_id: str) -> datetime | None:
        """Tells staff while there is time; tells when to look again where it is too early."""

        async def work(tx: Tx) -> datetime | None:
            dispute = await self._waiting(tx, processor_dispute_id)
            if dispute is None or dispute.due_by is None:
                return None
            if self._book.now() < dispute.due_by - DUE_SOON_AFTER:
                return dispute.due_by - DUE_SOON_AFTER
            case = await self._book.lock(tx, dispute.case_id)
            told = {"due_by": dispute.due_by.isoformat()}
            if not await self._repository.told(tx, case.case_id, Event.NOTE_POSTED, "due_by", told["due_by"]):
                await self._tell(tx, case, f"The dispute takes an answer until {told['due_by']}.", **told)
            return None

        return await self._database.run(work)

    async def due_now(self, processor_dispute_id: str) -> datetime | None:
        """Escalates the case, once; tells when to look again where it is too early."""

        async def work(tx: Tx) -> datetime | None:
            dispute = await self._waiting(tx, processor_dispute_id)
            if dispute is None or dispute.due_by is None:
                return None
            if self._book.now() < dispute.due_by - DUE_NOW_AFTER:
                return dispute.due_by - DUE_NOW_AFTER
            case = await self._book.lock(tx, dispute.case_id)
            if case.status in UNDECIDED and case.status is not Status.ESCALATED:
                reason = f"unanswered, and no answer is taken after {dispute.due_by.isoformat()}"
                await self._book.write(tx, self._book.moved(case, Event.ESCALATE, SYSTEM, reason=reason))
            return None

        return await self._database.run(work)

    async def _waiting(self, tx: Tx, processor_dispute_id: str) -> Dispute | None:
        dispute = await self._repository.get(tx, processor_dispute_id)
        return dispute if dispute is not None and dispute.answerable else None

    async def _locked(self, tx: Tx, case_id: str, actor: Actor) -> tuple[Case, Dispute, By]:
        case, _ = visible(await self._book.lock(tx, case_id), case_id, actor)
        by = handled_by(case, actor)
        found = await self._of_case(tx, case_id)
        return case, await self._repository.lock(tx, found.processor_dispute_id) or found, by

    async def _of_case(self, tx: Tx, case_id: str) -> Dispute:
        dispute = await self._repository.of_case(tx, case_id)
        if dispute is None:
            raise FieldInvalid(Violation("case_id", "must be the case of a chargeback or an inquiry"))
        return dispute

    async def _write(self, tx: Tx, case: Case, event: Event, by: By, **told: str) -> Case:
        return await self._book.write(tx, self._book.noted(case, event, by, **told))

    async def _tell(self, tx: Tx, case: Case, text: str, **told: str) -> None:
        note = await self._book.say(tx, case, text, AuthorRole.SYSTEM, SYSTEM, Visibility.INTERNAL)
        await self._write(tx, case, Event.NOTE_POSTED, SYSTEM, message_id=note.message_id, **told)


def _owner(dispute: Dispute) -> Owner:
    return Owner(SliceName.SUPPORT, "processor_dispute", dispute.processor_dispute_id)


def _changes(changes: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    violations = []
    seen: set[str] = set()
    for index, (name, _) in enumerate(changes):
        if name not in FIELDS:
            violations.append(Violation(f"changes[{index}].name", "is not taken by the processor as text"))
        if name in seen:
            violations.append(Violation(f"changes[{index}].name", "must not be named twice"))
        seen.add(name)
    if violations:
        raise FieldInvalid(*violations)
    return dict(changes)
