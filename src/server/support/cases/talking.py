"""What people say about a case, and what follows from who said it."""

from dataclasses import dataclass

from server.core.call import STAFF, Actor
from server.core.db import Database, Guard, Tx
from server.core.errors import IllegalTransition, RoleRequired
from server.support.cases.access import visible, writes_as
from server.support.cases.book import CaseBook, Change
from server.support.cases.conversation import Message
from server.support.cases.domain import By, Case, Event, Status, Visibility, check_not_merged
from server.support.cases.reading import Seen
from server.support.cases.standing import Standing

_REPLIES = {
    (Status.AWAITING_CUSTOMER, Standing.CUSTOMER): Event.CUSTOMER_REPLIED,
    (Status.AWAITING_SELLER, Standing.SELLER): Event.SELLER_REPLIED,
}


@dataclass(frozen=True, slots=True)
class PostMessage:
    """Somebody says something, to everybody or among staff."""

    actor: Actor
    case_id: str
    visibility: Visibility
    body_md: str


class Talking:
    """Posts messages and notes."""

    def __init__(self, database: Database, book: CaseBook) -> None:
        self._database = database
        self._book = book

    async def post(self, command: PostMessage, once: Guard[Seen[Message]] | None) -> Seen[Message]:
        """Stores a message. The awaited party's goes on with the case; a note shows to nobody but staff."""

        async def work(tx: Tx) -> Seen[Message]:
            case, standing = visible(await self._book.lock(tx, command.case_id), command.case_id, command.actor)
            check_not_merged(case)
            if command.visibility is Visibility.INTERNAL and standing is not Standing.STAFF:
                raise RoleRequired(sorted(STAFF))
            by = By(standing, command.actor.user_id)
            role = writes_as(case, standing)
            message = await self._book.say(tx, case, command.body_md, role, by, command.visibility)
            await self._book.write(tx, self._told(case, message, by))
            return Seen(message, standing)

        return await self._database.run(work, once=once)

    def _told(self, case: Case, message: Message, by: By) -> Change:
        """The event that tells of a message."""
        if message.visibility is Visibility.INTERNAL:
            return self._book.noted(case, Event.NOTE_POSTED, by, message_id=message.message_id)
        if case.status is Status.CLOSED:
            raise IllegalTransition(case.case_id, case.status, Event.MESSAGE_POSTED)
        reply = _REPLIES.get((case.status, by.standing))
        if reply is not None:
            return self._book.moved(case, reply, by, message_id=message.message_id)
        return self._book.noted(case, Event.MESSAGE_POSTED, by, message_id=message.message_id)
