"""Notices, answers, courts, and what becomes of the content meanwhile."""

from dataclasses import dataclass

from server.core.call import Actor
from server.core.db import Database, Guard, Tx
from server.core.errors import FieldInvalid, NotFound, Violation
from server.core.ids import Ids
from server.core.jobs import Jobs
from server.growth.ports import Posts
from server.support.cases.access import handled_by, visible
from server.support.cases.book import CaseBook
from server.support.cases.domain import SYSTEM, By, Case, CaseType, Event, Party, Subject, check_not_closed
from server.support.cases.opening import NewCase, Opening
from server.support.cases.reading import Seen
from server.support.cases.standing import AuthorRole, Standing
from server.support.errors import CaseAlreadyOpen, LegalStepRefused
from server.support.legal.business_days import restore_window
from server.support.legal.domain import (
    Element,
    Notice,
    NoticeKind,
    check_answerable,
    check_complete,
    check_restorable,
)
from server.support.legal.repository import NoticeRepository
from server.support.legal.timers import RESTORATION

COMPLAINANT = "svc_dmca"
"""Stands for a complainant without an account; who they are is sealed with their notice."""
HIDDEN = "A copyright notice was received for your post, and it is hidden. You may answer with a counter-notice here."
ANSWERED = "A counter-notice was received. The post is shown again after ten business days, unless a court is asked."


@dataclass(frozen=True, slots=True)
class FileDmcaNotice:
    """Somebody says that a post infringes."""

    actor: Actor
    content_id: str
    complainant_user_id: str
    name: str
    contact: str
    statement: str
    elements: frozenset[Element]


@dataclass(frozen=True, slots=True)
class FileCounterNotice:
    """Whose post it is says that it does not."""

    actor: Actor
    case_id: str
    name: str
    contact: str
    statement: str
    elements: frozenset[Element]


def copy_of(answer: FileCounterNotice) -> str:
    """What the parties of the case are shown of a counter-notice: all of it, quoted."""
    signed = f"{answer.statement}\n\n{answer.name}\n\n{answer.contact}"
    quoted = "\n".join(f"> {line}".rstrip() for line in signed.splitlines())
    return f"{ANSWERED}\n\n{quoted}"


@dataclass(frozen=True, slots=True)
class LegalStep:
    """Staff record what a court does, or show content again."""

    actor: Actor
    case_id: str
    note: str


@dataclass(frozen=True, slots=True)
class Filed:
    """A case with its notice, and how many notices that stand its respondent has met with."""

    case: Seen[Case]
    notice: Notice
    notices_against_respondent: int


class LegalUseCases:
    """Takes the steps that the law prescribes, in its order."""

    def __init__(
        self,
        database: Database,
        repository: NoticeRepository,
        book: CaseBook,
        opening: Opening,
        posts: Posts,
        ids: Ids,
        jobs: Jobs,
    ) -> None:
        self._database = database
        self._repository = repository
        self._book = book
        self._opening = opening
        self._posts = posts
        self._ids = ids
        self._jobs = jobs

    async def file_notice(self, command: FileDmcaNotice, once: Guard[Filed] | None) -> Filed:
        """Opens the case of a complete notice, hides the post and tells its author."""
        check_complete(NoticeKind.NOTICE, command.elements)

        async def work(tx: Tx) -> Filed:
            author = await self._posts.author(tx, command.content_id)
            if author == command.complainant_user_id:
                raise FieldInvalid(Violation("complainant_user_id", "must not be whose content it is"))
            standing = await self._repository.open_about(tx, command.content_id)
            if standing is not None:
                raise CaseAlreadyOpen(standing)
            case = await self._begin(tx, command, author)
            notice = self._notice(case.case_id, NoticeKind.NOTICE, command.content_id, author)
            sender = {"name": command.name, "contact": command.contact, "statement": command.statement}
            await self._repository.insert(tx, notice, sender)
            await self._posts.hide(tx, command.content_id, case.case_id)
            return Filed(Seen(case, Standing.STAFF), notice, await self._repository.count_against(tx, author))

        return await self._database.run(work, once=once)

    async def file_counter_notice(self, command: FileCounterNotice, once: Guard[Filed] | None) -> Filed:
        """Passes a complete answer on to the complainant, and sets the clock by which the post comes back."""
        check_complete(NoticeKind.COUNTER_NOTICE, command.elements)

        async def work(tx: Tx) -> Filed:
            case, standing = visible(await self._book.lock(tx, command.case_id), command.case_id, command.actor)
            if standing is not Standing.SELLER:
                raise NotFound(command.case_id)
            check_not_closed(case, Event.COUNTER_NOTICE_FILED)
            notice = check_answerable(
                await self._repository.newest(tx, case.case_id, NoticeKind.NOTICE),
                await self._repository.newest(tx, case.case_id, NoticeKind.COUNTER_NOTICE),
                case.case_id,
            )
            answer = self._notice(case.case_id, NoticeKind.COUNTER_NOTICE, notice.content_id, notice.respondent_user_id)
            sender = {"name": command.name, "contact": command.contact, "statement": command.statement}
            await self._repository.insert(tx, answer, sender)
            # The law gives the complainant a copy, signature and address included; one without an account gets it from
            # the agents of the case, who read it here.
            await self._book.say(tx, case, copy_of(command), AuthorRole.SYSTEM, SYSTEM)
            by = By(standing, command.actor.user_id)
            change = self._book.noted(case, Event.COUNTER_NOTICE_FILED, by, notice_id=answer.notice_id)
            after = await self._book.write(tx, change)
            due = answer.restore_window.tenth_day_over if answer.restore_window else None
            await self._jobs.enqueue(tx, RESTORATION, key=case.case_id, run_at=due)
            against = await self._repository.count_against(tx, notice.respondent_user_id)
            return Filed(Seen(after, standing), answer, against)

        return await self._database.run(work, once=once)

    async def record_court_action(self, command: LegalStep, once: Guard[Seen[Case]] | None) -> Seen[Case]:
        """Keeps the post hidden, because a court is asked."""

        async def work(tx: Tx) -> Seen[Case]:
            case = await self._book.lock(tx, command.case_id)
            by = handled_by(case, command.actor)
            answer = await self._repository.newest(tx, case.case_id, NoticeKind.COUNTER_NOTICE)
            if answer is None:
                raise LegalStepRefused(case.case_id, "there is no counter-notice")
            if answer.restored_at is not None:
                raise LegalStepRefused(case.case_id, "the content was restored")
            await self._repository.record_court_action(tx, answer.notice_id, self._book.now())
            change = self._book.noted(case, Event.COURT_ACTION_RECORDED, by, note=command.note)
            after = await self._book.write(tx, change)
            await self._jobs.cancel(tx, RESTORATION, key=case.case_id)
            return Seen(after, by.standing)

        return await self._database.run(work, once=once)

    async def restore(self, command: LegalStep, once: Guard[Seen[Case]] | None) -> Seen[Case]:
        """Shows the post again."""

        async def work(tx: Tx) -> Seen[Case]:
            case = await self._book.lock(tx, command.case_id)
            by = handled_by(case, command.actor)
            return Seen(await self._restore(tx, case, by, command.note), by.standing)

        return await self._database.run(work, once=once)

    async def restore_when_due(self, case_id: str) -> None:
        """Shows the post again by the clock, unless that was done or a court forbids it."""

        async def work(tx: Tx) -> None:
            case = await self._book.lock(tx, case_id)
            answer = await self._repository.newest(tx, case_id, NoticeKind.COUNTER_NOTICE)
            if answer is None or answer.restored_at is not None or answer.court_action_at is not None:
                return
            await self._restore(tx, case, SYSTEM, "ten business days after the counter-notice")

        await self._database.run(work)

    async def _begin(self, tx: Tx, command: FileDmcaNotice, author: str) -> Case:
        """The case between the complainant and the author, with the word to the author."""
        complainant = Party(command.complainant_user_id or COMPLAINANT, AuthorRole.CREATOR)
        subject = Subject(content_id=command.content_id)
        new = NewCase(CaseType.DMCA, "takedown", complainant, Party(author, AuthorRole.CREATOR), subject)
        by = By(Standing.STAFF, command.actor.user_id)
        case = await self._opening.begin(tx, new, by, {"hidden": command.content_id})
        await self._book.say(tx, case, HIDDEN, AuthorRole.SYSTEM, SYSTEM)
        return case

    def _notice(self, case_id: str, kind: NoticeKind, content_id: str, respondent: str) -> Notice:
        now = self._book.now()
        window = restore_window(now) if kind is NoticeKind.COUNTER_NOTICE else None
        return Notice(self._ids.new("dmn"), case_id, kind, content_id, respondent, now, window)

    async def _restore(self, tx: Tx, case: Case, by: By, note: str) -> Case:
        now = self._book.now()
        answer = await self._repository.newest(tx, case.case_id, NoticeKind.COUNTER_NOTICE)
        restorable = check_restorable(answer, case.case_id, now=now)
        await self._repository.record_restoration(tx, case.case_id, now)
        await self._posts.show(tx, restorable.content_id)
        after = await self._book.write(tx, self._book.noted(case, Event.DMCA_RESTORE, by, note=note))
        await self._jobs.cancel(tx, RESTORATION, key=case.case_id)
        return after
