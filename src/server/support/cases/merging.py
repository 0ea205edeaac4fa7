"""How two cases become one."""

from dataclasses import dataclass, replace

from server.core.call import Actor
from server.core.db import Database, Guard, Tx
from server.core.errors import FieldInvalid, IllegalTransition, Violation
from server.support.cases.access import handled_by, visible
from server.support.cases.book import CaseBook
from server.support.cases.domain import LEGAL_TYPES, UNDECIDED, Case, Event, check_not_merged, check_version
from server.support.cases.reading import Seen
from server.support.cases.repository import CaseRepository


@dataclass(frozen=True, slots=True)
class MergeCases:
    """Somebody sees that two cases are about one thing."""

    actor: Actor
    case_id: str
    into_case_id: str
    version: int


class Merging:
    """Merges cases. Messages move and remember where they were written; refunds, holds and evidence stay."""

    def __init__(self, database: Database, repository: CaseRepository, book: CaseBook) -> None:
        self._database = database
        self._repository = repository
        self._book = book

    async def merge(self, command: MergeCases, once: Guard[Seen[Case]] | None) -> Seen[Case]:
        """Ends one case as a signpost to the other, and gives the other."""
        if command.case_id == command.into_case_id:
            raise FieldInvalid(Violation("into_case_id", "must be another case"))

        async def work(tx: Tx) -> Seen[Case]:
            found = await self._repository.lock_both(tx, command.case_id, command.into_case_id)
            ending, _ = visible(found[0], command.case_id, command.actor)
            lasting, _ = visible(found[1], command.into_case_id, command.actor)
            by = handled_by(ending, command.actor)
            handled_by(lasting, command.actor)
            check_version(ending, command.version, by.standing)
            _check_alike(ending, lasting)
            ended = self._book.moved(ending, Event.MERGE, by, into_case_id=lasting.case_id)
            ended = replace(
                ended, after=replace(ended.after, merged_into_case_id=lasting.case_id, closed_reason="merged")
            )
            grown = self._book.noted(lasting, Event.MERGED_IN, by, from_case_id=ending.case_id)
            await self._repository.move_messages(tx, ending.case_id, lasting.case_id)
            return Seen(await self._book.write(tx, grown, ended), by.standing)

        return await self._database.run(work, once=once)


def _check_alike(ending: Case, lasting: Case) -> None:
    """Whoever reads one of them may read the other, and neither is bound to a notice or a chargeback."""
    check_not_merged(ending)
    check_not_merged(lasting)
    if lasting.status not in UNDECIDED:
        raise IllegalTransition(lasting.case_id, lasting.status, Event.MERGED_IN)
    if not LEGAL_TYPES.isdisjoint({ending.type, lasting.type}):
        raise FieldInvalid(Violation("into_case_id", "must not be a legal case, nor merged with one"))
    if ending.parties() != lasting.parties():
        raise FieldInvalid(Violation("into_case_id", "must be a case between the same people"))
