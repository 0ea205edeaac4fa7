"""The story of a person's credit."""

from collections.abc import Sequence

from server.core.db import Tx
from server.core.story import Entry as Happened
from server.core.story import Story, Sum
from server.growth.credit.domain import Books, Entry, Grant
from server.growth.credit.repository import CreditRepository

LONGEST = 10_000


class CreditTeller:
    """Tells every line of somebody's ledger, what is left of it, and whether it adds up."""

    def __init__(self, repository: CreditRepository) -> None:
        self._repository = repository

    async def tell(self, tx: Tx, identifier: str) -> Story | None:
        books = await self._repository.read(tx, identifier)
        if books is None:
            return None
        links = await self._repository.chain(tx, identifier, after=0, limit=LONGEST)
        ledger = [entry for entry, _ in links]
        balance = books.account.balance_cents
        return Story(
            title=f"credit of {identifier}",
            facts=_facts(books, links),
            entries=[Happened(entry.created_at, f"{entry.kind} {_signed(entry)}", _details(entry)) for entry in ledger],
            sums=[
                Sum("balance", balance, sum(entry.signed_cents for entry in ledger)),
                Sum("left of grants", sum(grant.remaining_cents for grant in books.grants.values()), balance),
                Sum("owed beside a balance", min(balance, books.debt_cents), 0),
            ],
        )


def _facts(books: Books, links: Sequence[tuple[Entry, bytes]]) -> list[tuple[str, str]]:
    return [
        ("currency", books.account.currency.lower()),
        ("owes", _cents(books.debt_cents)),
        *(("grant", _grant(grant)) for grant in books.grants.values()),
        ("chain", _chain(books, links)),
    ]


def _grant(grant: Grant) -> str:
    until = f"until {grant.expires_at.isoformat()}" if grant.expires_at else "for good"
    return f"{grant.grant_id} has {_cents(grant.remaining_cents)} of {_cents(grant.amount_cents)} {until}"


def _chain(books: Books, links: Sequence[tuple[Entry, bytes]]) -> str:
    """Whether each line is what was hashed and names the one before it."""
    head = b""
    for entry, stored in links:
        if entry.previous_hash != head or entry.hash != stored:
            return f"is broken at line {entry.sequence}, {entry.entry_id}"
        head = stored
    return f"connects through line {len(links)}" if head == books.account.hash else "does not end at the account's head"


def _details(entry: Entry) -> str:
    told = [f"line {entry.sequence}", entry.reason, entry.related_id]
    if entry.reverses_entry_id:
        told.append(f"reverses {entry.reverses_entry_id}")
    if entry.debt_id:
        told.append(f"pays {entry.debt_id}")
    return " · ".join([*told, entry.hash.hex()[:12]])


def _signed(entry: Entry) -> str:
    return ("+" if entry.signed_cents > 0 else "-") + _cents(entry.amount_cents)


def _cents(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"
