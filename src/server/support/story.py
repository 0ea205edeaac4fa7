"""The story of a case."""

from server.core.db import Tx
from server.core.story import Entry, Story, job_entries
from server.support.cases.domain import Case, CaseEvent
from server.support.cases.repository import CaseRepository
from server.support.cases.standing import Standing

LONGEST = 10_000


class CaseTeller:
    """Tells a case's steps, its missed deadlines and its jobs."""

    def __init__(self, repository: CaseRepository) -> None:
        self._repository = repository

    async def tell(self, tx: Tx, identifier: str) -> Story | None:
        case = await self._repository.get(tx, identifier)
        if case is None:
            return None
        return Story(
            title=f"case {case.case_id}: {case.status}",
            facts=_facts(case),
            entries=[
                *await self._steps(tx, identifier),
                *await self._misses(tx, identifier),
                *await job_entries(tx, identifier),
            ],
        )

    async def _steps(self, tx: Tx, case_id: str) -> list[Entry]:
        events = await self._repository.events_after(tx, case_id, Standing.STAFF, 0, LONGEST)
        return [
            Entry(
                event.created_at,
                f"{event.event}: {event.from_status or '–'} → {event.to_status}",
                _details(event),
            )
            for event in events
        ]

    async def _misses(self, tx: Tx, case_id: str) -> list[Entry]:
        return [
            Entry(missed_at, f"missed: {clock}", f"cycle {cycle} · was due {due.isoformat()}")
            for cycle, clock, due, missed_at in await self._repository.misses(tx, case_id)
        ]


def _details(event: CaseEvent) -> str:
    told = (f"{name}: {value}" for name, value in event.details.items())
    return " · ".join(part for part in (event.by.standing, event.by.user_id, *told) if part)


def _facts(case: Case) -> list[tuple[str, str]]:
    pending = ", ".join(f"{clock} {due.isoformat()}" for clock, due in case.deadlines.pending())
    return [
        ("about", f"{case.type} {case.subtype}".strip()),
        ("customer", f"{case.customer.user_id} ({case.customer.role})"),
        ("seller", f"{case.seller.user_id} ({case.seller.role})" if case.seller else "–"),
        ("owner", case.owner_user_id or "–"),
        ("severity", case.severity),
        ("due", pending or "nothing"),
        ("version", f"{case.version}, for its parties {case.public_version}"),
    ]
