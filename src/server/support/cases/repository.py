"""Rows of cases and what they mean."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import asyncpg

from callsheet.sql.support_cases import Queries
from server.core.call import correlation_id
from server.core.db import Record, Tx, load_queries
from server.core.errors import StaleVersion
from server.core.ids import Ids
from server.support.cases import rendering
from server.support.cases.conversation import Message
from server.support.cases.domain import (
    By,
    Case,
    CaseEvent,
    CaseType,
    Event,
    Party,
    Severity,
    Status,
    Subject,
    Visibility,
)
from server.support.cases.history import Step
from server.support.cases.standing import AuthorRole, Standing
from server.support.errors import CaseAlreadyOpen
from server.support.sla import snapshot
from server.support.sla.clocks import Clock, Deadlines

_queries = load_queries("server.support.cases", Queries)

Place: TypeAlias = tuple[str, str]
"""Where a queue goes on: the deadline, as the database writes it, and the case."""
START: Place = ("-infinity", "")


@dataclass(frozen=True, slots=True)
class Queued:
    """A case and its place in the queue."""

    case: Case
    place: Place


class CaseRepository:
    """Reads and writes cases on the caller's transaction."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids

    async def page_of_party(
        self, tx: Tx, user_id: str, standing: Standing, before: str | None, limit: int
    ) -> list[Case]:
        """The cases in which somebody is that party, newest first, older than the given id."""
        read = _queries.cases_of_customer if standing is Standing.CUSTOMER else _queries.cases_of_seller
        return [case_of(row) for row in await read(tx, user_id=user_id, before=before, limit=limit)]

    async def page_of_owner(self, tx: Tx, owner: str | None, place: Place, limit: int) -> list[Queued]:
        """An agent's cases, or those that nobody has taken, by what is due next."""
        due, after = place
        if owner is None:
            rows = await _queries.cases_of_nobody(tx, due=due, after=after, limit=limit)
        else:
            rows = await _queries.cases_of_owner(tx, user_id=owner, due=due, after=after, limit=limit)
        return [_queued(row) for row in rows]

    async def page_due_before(self, tx: Tx, until: datetime, place: Place, limit: int) -> list[Queued]:
        """The cases whose next deadline passes before an instant."""
        due, after = place
        rows = await _queries.cases_due_before(tx, until=until, due=due, after=after, limit=limit)
        return [_queued(row) for row in rows]

    async def insert(self, tx: Tx, case: Case) -> None:
        """Stores a new case; CaseAlreadyOpen where its order has one of its type."""
        subject, deadlines = case.subject, case.deadlines
        stored = await _queries.insert_case(
            tx,
            case_id=case.case_id,
            type=case.type,
            subtype=case.subtype or None,
            status=case.status,
            severity=case.severity,
            customer_user_id=case.customer.user_id,
            customer_role=case.customer.role,
            seller_user_id=case.seller.user_id if case.seller else None,
            seller_role=case.seller.role if case.seller else None,
            owner_user_id=case.owner_user_id,
            leg_id=subject.leg_id,
            order_id=subject.order_id,
            studio_id=subject.studio_id,
            creator_id=subject.creator_id,
            payout_id=subject.payout_id,
            content_id=subject.content_id,
            processor_dispute_id=case.processor_dispute_id,
            sla_snapshot=snapshot.dump(case.promise) if case.promise else None,
            first_response=deadlines.first_response,
            next_response=deadlines.next_response,
            resolution=deadlines.resolution,
            version=case.version,
            public_version=case.public_version,
            now=case.created_at,
        )
        if stored is None:
            raise CaseAlreadyOpen(await self.open_about(tx, case.type, subject.leg_id or subject.order_id or ""))

    async def open_about(self, tx: Tx, case_type: CaseType, about: str) -> str | None:
        """The case of that type that is open about an order."""
        found = await _queries.open_case_about(tx, type=case_type, about=about)
        return None if found is None else str(found)

    async def get(self, tx: Tx, case_id: str) -> Case | None:
        row = await _queries.get_case(tx, case_id=case_id)
        return None if row is None else case_of(row)

    async def lock(self, tx: Tx, case_id: str) -> Case | None:
        """Reads a case and keeps others from changing it until the transaction ends."""
        row = await _queries.lock_case(tx, case_id=case_id)
        return None if row is None else case_of(row)

    async def lock_both(self, tx: Tx, one: str, other: str) -> tuple[Case | None, Case | None]:
        """Locks two cases in the order of their ids, and gives them in the order they were asked for."""
        rows = await _queries.lock_cases(tx, case_ids=[one, other])
        found = {row["case_id"]: case_of(row) for row in rows}
        return found.get(one), found.get(other)

    async def save(self, tx: Tx, before: Case, after: Case) -> None:
        """Writes a change; StaleVersion where the case is no longer what it was decided from, CaseAlreadyOpen where
        its order has another one of its type by now.
        """
        try:
            saved = await self._save(tx, before, after)
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name == "support_case_one_open":
                raise CaseAlreadyOpen(None) from error
            raise
        if saved is None:
            raise StaleVersion(after.case_id, after.version)

    async def _save(self, tx: Tx, before: Case, after: Case) -> object:
        deadlines = after.deadlines
        return await _queries.save_case(
            tx,
            case_id=after.case_id,
            expected_version=before.version,
            version=after.version,
            public_version=after.public_version,
            status=after.status,
            status_since=after.status_since,
            severity=after.severity,
            owner_user_id=after.owner_user_id,
            watchers=list(after.watchers),
            reason_code=after.reason_code,
            closed_reason=after.closed_reason,
            closed_at=after.closed_at,
            decision_requested_by=after.decision_requested_by,
            merged_into_case_id=after.merged_into_case_id,
            sla_cycle=after.sla_cycle,
            sla_snapshot=snapshot.dump(after.promise) if after.promise else None,
            first_response=deadlines.first_response,
            next_response=deadlines.next_response,
            resolution=deadlines.resolution,
            paused_at=deadlines.paused_at,
            updated_at=after.updated_at,
        )

    async def record(self, tx: Tx, event: CaseEvent) -> None:
        """Writes one step of the history."""
        await _queries.insert_case_event(
            tx,
            event_id=self._ids.new("sev"),
            case_id=event.case_id,
            sequence=event.sequence,
            public_sequence=event.public_sequence,
            action=event.event,
            actor_user_id=event.by.user_id,
            from_status=event.from_status,
            to_status=event.to_status,
            details=json.dumps({**event.details, "standing": event.by.standing}),
            correlation_id=correlation_id(),
            now=event.created_at,
        )

    async def steps(self, tx: Tx, case_id: str) -> list[Step]:
        """As much of the history as clocks look at."""
        return [
            Step(Event(row["action"]), Status(row["to_status"]), Standing(row["standing"]), row["created_at"])
            for row in await _queries.case_marks(tx, case_id=case_id)
        ]

    async def events_after(
        self, tx: Tx, case_id: str, standing: Standing, sequence: int, limit: int
    ) -> list[CaseEvent]:
        """The history as the viewer sees it, counted as they count."""
        read = _queries.case_events_after if standing is Standing.STAFF else _queries.public_case_events_after
        return [_event(row) for row in await read(tx, case_id=case_id, sequence=sequence, limit=limit)]

    async def say(self, tx: Tx, message: Message) -> None:
        """Stores a message with its rendering."""
        await _queries.insert_message(
            tx,
            message_id=message.message_id,
            case_id=message.case_id,
            visibility=message.visibility,
            author_role=message.author_role,
            author_user_id=message.author_user_id,
            body_md=message.body_md,
            body_html=message.body_html,
            renderer_version=rendering.VERSION,
            now=message.created_at,
        )

    async def messages(
        self, tx: Tx, case_id: str, visibilities: Iterable[Visibility], after: str | None, limit: int
    ) -> list[Message]:
        """A case's messages of those visibilities, oldest first."""
        rows = await _queries.list_messages(
            tx, case_id=case_id, visibilities=sorted(visibilities), after=after, limit=limit
        )
        return [_message(row) for row in rows]

    async def move_messages(self, tx: Tx, from_case_id: str, to_case_id: str) -> None:
        """Shows one case's messages in another."""
        await _queries.move_messages(tx, from_case_id=from_case_id, to_case_id=to_case_id)

    async def miss(self, tx: Tx, case: Case, clock: Clock, due: datetime, *, now: datetime) -> bool:
        """Records a missed deadline; tells whether it was not recorded before."""
        row = await _queries.insert_miss(
            tx, case_id=case.case_id, sla_cycle=case.sla_cycle, clock=clock, due_at=due, now=now
        )
        return row is not None

    async def misses(self, tx: Tx, case_id: str) -> list[tuple[int, Clock, datetime, datetime]]:
        """The deadlines that a case has missed: cycle, clock, when it was due, and when that was recorded."""
        return [
            (row["sla_cycle"], Clock(row["clock"]), row["due_at"], row["missed_at"])
            for row in await _queries.misses_of_case(tx, case_id=case_id)
        ]


def case_of(row: Record) -> Case:
    """A case from its row."""
    return Case(
        case_id=row["case_id"],
        type=CaseType(row["type"]),
        subtype=row["subtype"] or "",
        status=Status(row["status"]),
        severity=Severity(row["severity"]),
        customer=Party(row["opened_by_user"], AuthorRole(row["opener_role"])),
        seller=_seller(row),
        subject=Subject(
            leg_id=row["leg_id"],
            order_id=row["order_id"],
            studio_id=row["studio_id"],
            creator_id=row["creator_id"],
            payout_id=row["payout_id"],
            content_id=row["content_id"],
        ),
        version=row["version"],
        public_version=row["public_version"],
        status_since=row["status_since"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        owner_user_id=row["owner_user_id"],
        watchers=tuple(row["watchers"]),
        reason_code=row["reason_code"],
        closed_reason=row["closed_reason"],
        closed_at=row["closed_at"],
        decision_requested_by=row["decision_requested_by"],
        merged_into_case_id=row["merged_into_case_id"],
        processor_dispute_id=row["processor_dispute_id"],
        sla_cycle=row["sla_cycle"],
        promise=snapshot.load(row["sla_snapshot"]) if row["sla_snapshot"] else None,
        deadlines=Deadlines(row["sla_first_resp_at"], row["sla_next_resp_at"], row["sla_due_at"], row["sla_paused_at"]),
    )


def _queued(row: Record) -> Queued:
    return Queued(case_of(row), (row["position"], row["case_id"]))


def _seller(row: Record) -> Party | None:
    user_id = row["respondent_user_id"]
    return None if user_id is None else Party(user_id, AuthorRole(row["respondent_role"]))


def _event(row: Record) -> CaseEvent:
    details = json.loads(row["details_json"])
    return CaseEvent(
        case_id=row["case_id"],
        sequence=row["sequence"],
        public_sequence=row["public_sequence"],
        event=Event(row["action"]),
        from_status=Status(row["from_status"]) if row["from_status"] else None,
        to_status=Status(row["to_status"]),
        by=By(Standing(details.pop("standing")), row["actor_user_id"]),
        details=details,
        created_at=row["created_at"],
    )


def _message(row: Record) -> Message:
    """A message as it reads today: an older rendering is made anew."""
    current = row["renderer_version"] == rendering.VERSION
    return Message(
        message_id=row["msg_id"],
        case_id=row["case_id"],
        visibility=Visibility(row["visibility"]),
        author_role=AuthorRole(row["author_role"]),
        author_user_id=row["author_user_id"],
        body_md=row["body_md"],
        body_html=row["body_html"] if current else rendering.render(row["body_md"]),
        created_at=row["created_at"],
        origin_case_id=row["origin_case_id"],
    )
