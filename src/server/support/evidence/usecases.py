"""What can be done with evidence. The storage is called between transactions, never inside one."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from server.adapters.objects.port import ObjectStorage, Sample, Upload, UploadLink
from server.core.call import Actor
from server.core.crash import point
from server.core.db import Database, Guard, Tx
from server.core.errors import NotFound
from server.core.ids import Ids
from server.core.jobs import Jobs
from server.core.pagination import Listing, Page, PageTokens, page_size
from server.support.cases.access import visible, writes_as
from server.support.cases.book import CaseBook
from server.support.cases.domain import LEGAL_TYPES, By, Case, Event, Status, check_not_closed
from server.support.cases.reading import ListOfCase
from server.support.cases.repository import CaseRepository
from server.support.cases.standing import Standing
from server.support.errors import EvidenceMissing, EvidenceRejected, TooMuchEvidence
from server.support.evidence.content import LONGEST, Mime, problem_with
from server.support.evidence.domain import (
    KEPT,
    LINK_LIVES,
    MOST_PER_CASE,
    UPLOAD_WITHIN,
    Evidence,
    EvidenceEvent,
    EvidenceStatus,
    after,
    readable_by,
)
from server.support.evidence.repository import EvidenceRepository
from server.support.evidence.timers import ABANDONMENT, LEGAL_HOLD, QUARANTINE_CLEARANCE

GRACE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class CreateEvidenceUpload:
    """Somebody wants to bring exactly this file."""

    actor: Actor
    case_id: str
    mime: Mime
    length: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Uploading:
    """A file that may be uploaded, and how."""

    evidence: Evidence
    link: UploadLink


class EvidenceUseCases:
    """Takes files in, checks and locks them, and hands out links."""

    def __init__(
        self,
        database: Database,
        repository: EvidenceRepository,
        cases: CaseRepository,
        book: CaseBook,
        storage: ObjectStorage,
        ids: Ids,
        jobs: Jobs,
        pages: PageTokens,
    ) -> None:
        self._database = database
        self._repository = repository
        self._cases = cases
        self._book = book
        self._storage = storage
        self._ids = ids
        self._jobs = jobs
        self._pages = pages

    async def create_upload(self, command: CreateEvidenceUpload, once: Guard[Uploading] | None) -> Uploading:
        """Promises to take one file, and gives the link that takes no other."""
        evidence_id, now = self._ids.new("evo"), self._book.now()
        evidence = Evidence(
            evidence_id=evidence_id,
            case_id=command.case_id,
            uploaded_by=command.actor.user_id,
            status=EvidenceStatus.AWAITING_UPLOAD,
            quarantine_key=f"quarantine/{evidence_id}",
            sha256=command.sha256,
            length=command.length,
            mime=command.mime,
            upload_expires_at=now + UPLOAD_WITHIN,
            created_at=now,
        )
        upload = Upload(evidence.quarantine_key, command.mime, command.length, command.sha256)
        link = await self._storage.upload_link(upload, UPLOAD_WITHIN)

        async def work(tx: Tx) -> Uploading:
            case, standing = visible(await self._book.lock(tx, command.case_id), command.case_id, command.actor)
            writes_as(case, standing)
            check_not_closed(case, Event.EVIDENCE_ATTACHED)
            if await self._repository.count(tx, command.case_id) >= MOST_PER_CASE:
                raise TooMuchEvidence(MOST_PER_CASE)
            await self._repository.insert(tx, evidence)
            run_at = evidence.upload_expires_at + GRACE
            await self._jobs.enqueue(tx, ABANDONMENT, key=evidence_id, run_at=run_at)
            return Uploading(evidence, link)

        return await self._database.run(work, once=once)

    async def complete_upload(self, evidence_id: str, actor: Actor) -> Evidence:
        """Checks what was uploaded by its bytes, locks a copy, and tells the case. Once done, it stays done."""
        evidence, case = await self._found(evidence_id, actor)
        if evidence.status is EvidenceStatus.STORED:
            return evidence
        after(evidence, EvidenceEvent.STORE)
        check_not_closed(case, Event.EVIDENCE_ATTACHED)
        sample = await self._storage.sample(evidence.quarantine_key, LONGEST)
        if sample is None:
            raise EvidenceMissing(evidence_id)
        problem = problem_with(sample, evidence.mime, evidence.length, evidence.sha256)
        if problem is not None:
            await self._reject(evidence, problem)
            raise EvidenceRejected(evidence_id, problem)
        return await self._lock_away(evidence, case, sample, actor)

    async def link(self, evidence_id: str, actor: Actor) -> str:
        """A link that lives for minutes; the case remembers who was given one."""
        evidence, _ = await self._found(evidence_id, actor)
        if evidence.key is None or evidence.version_id is None:
            raise NotFound(evidence_id)
        link = await self._storage.download_link(
            evidence.key, evidence.version_id, evidence_id, evidence.mime, LINK_LIVES
        )

        async def work(tx: Tx) -> str:
            case, standing = visible(await self._book.lock(tx, evidence.case_id), evidence.case_id, actor)
            if case.merged_into_case_id is None:
                by = By(standing, actor.user_id)
                await self._book.write(tx, self._book.noted(case, Event.EVIDENCE_LINKED, by, evidence_id=evidence_id))
            return link

        return await self._database.run(work)

    async def list(self, command: ListOfCase) -> Page[Evidence]:
        """The files of a case that the caller may read, oldest first."""
        listing = Listing("ListEvidence", command.actor.user_id, {"case_id": command.case_id})
        position = self._pages.position(listing, command.page_token, length=1)
        size = page_size(command.page_size)
        async with self._database.read() as tx:
            case = await self._cases.get(tx, command.case_id)
            _, standing = visible(case, command.case_id, command.actor)
            uploader = None if standing is Standing.STAFF else command.actor.user_id
            found = await self._repository.page(
                tx, command.case_id, uploader, position[0] if position else None, size + 1
            )
        return self._pages.page(listing, found, size, lambda evidence: (evidence.evidence_id,))

    async def abandon(self, evidence_id: str) -> None:
        """Gives up a file whose link has expired; one that came in time is left alone."""

        async def work(tx: Tx) -> None:
            evidence = await self._repository.get(tx, evidence_id)
            if evidence is not None and evidence.status is EvidenceStatus.AWAITING_UPLOAD:
                await self._repository.end(tx, evidence, EvidenceEvent.ABANDON, None)
                await self._clear(tx, evidence)

        await self._database.run(work)

    async def clear_quarantine(self, key: str) -> None:
        """Deletes an upload that nobody needs any more."""
        await self._storage.delete(key)

    async def settle_holds(self, case_id: str) -> None:
        """Makes the legal hold of every file what the case says now; a step that was lost is taken again."""
        async with self._database.read() as tx:
            case = await self._cases.get(tx, case_id)
            if case is None:
                return
            wanted = _is_held(case)
            files = await self._repository.held_otherwise(tx, case_id, legal_hold=wanted)
        for evidence in files:
            await self._storage.hold(evidence.key or "", evidence.version_id or "", on=wanted)
            await point("evidence.held")
            await self._database.run(
                partial(self._repository.set_hold, evidence_id=evidence.evidence_id, legal_hold=wanted)
            )

    async def _found(self, evidence_id: str, actor: Actor) -> tuple[Evidence, Case]:
        """The file and its case; to whom the file is not, it does not exist."""
        async with self._database.read() as tx:
            evidence = await self._repository.get(tx, evidence_id)
            if evidence is None:
                raise NotFound(evidence_id)
            case, standing = visible(await self._cases.get(tx, evidence.case_id), evidence_id, actor)
        if not readable_by(evidence, standing, actor.user_id):
            raise NotFound(evidence_id)
        return evidence, case

    async def _lock_away(self, evidence: Evidence, case: Case, sample: Sample, actor: Actor) -> Evidence:
        # Not from now: whoever repeats a step that was lost has to name the end that the copy was locked with.
        until, hold = evidence.upload_expires_at + KEPT, _is_held(case)
        version_id = await self._storage.copy_locked(
            evidence.quarantine_key, sample.version_id, evidence.locked_key, until=until, legal_hold=hold
        )
        await point("evidence.locked")

        async def work(tx: Tx) -> Evidence:
            now_case, standing = visible(await self._book.lock(tx, evidence.case_id), evidence.evidence_id, actor)
            if await self._repository.store(tx, evidence, version_id, until, legal_hold=hold, now=self._book.now()):
                by = By(standing, actor.user_id)
                change = self._book.noted(now_case, Event.EVIDENCE_ATTACHED, by, evidence_id=evidence.evidence_id)
                await self._book.write(tx, change)
                await self._clear(tx, evidence)
                # The case may have ended since the copy was made.
                await self._jobs.enqueue(tx, LEGAL_HOLD, key=evidence.case_id)
            stored = await self._repository.get(tx, evidence.evidence_id)
            if stored is None:
                raise NotFound(evidence.evidence_id)
            return stored

        return await self._database.run(work)

    async def _reject(self, evidence: Evidence, problem: str) -> None:
        async def work(tx: Tx) -> None:
            await self._repository.end(tx, evidence, EvidenceEvent.REJECT, problem)
            await self._clear(tx, evidence)

        await self._database.run(work)

    async def _clear(self, tx: Tx, evidence: Evidence) -> None:
        await self._jobs.cancel(tx, ABANDONMENT, key=evidence.evidence_id)
        await self._jobs.enqueue(tx, QUARANTINE_CLEARANCE, key=evidence.quarantine_key)


def _is_held(case: Case) -> bool:
    return case.type in LEGAL_TYPES and case.status is not Status.CLOSED
