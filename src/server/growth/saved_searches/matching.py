"""Where a search's tree meets the documents. Behind a protocol, so that a search engine can take this place.

The statement is put together here and not in `queries.sql`, because its condition is as the tree is. Every value of the
tree is a parameter; the text depends on the tree's shape alone, so equal shapes share a prepared statement.
"""

from dataclasses import dataclass
from typing import Protocol

from server.core.db import Tx
from server.growth.saved_searches.domain import SearchScope
from server.growth.saved_searches.query import Available, Group, Near, Node, Range, Texts, Verified

MOST_MATCHES = 50
ANY_CHANGE = range(1, 2**63 - 1)


@dataclass(frozen=True, slots=True)
class Ask:
    """Which changes to look at, and what to find among them."""

    scope: SearchScope
    city: str
    query: Node
    changes: range = ANY_CHANGE
    limit: int = MOST_MATCHES


@dataclass(frozen=True, slots=True)
class Match:
    """A document that meets a query, and the change that made it what it is."""

    document_id: str
    owner_user_id: str
    change_seq: int


class SearchIndex(Protocol):
    """Finds documents by queries."""

    async def matches(self, tx: Tx, ask: Ask) -> list[Match]:
        """What one of these changes made as it is and meets the query now, latest change first."""
        ...


class PostgresSearchIndex:
    """The table search_document, by its index on scope, city and change."""

    async def matches(self, tx: Tx, ask: Ask) -> list[Match]:
        values: list[object] = [ask.scope, ask.city, ask.changes.start, ask.changes.stop, ask.limit]
        rows = await tx.fetch(
            "select document_id, owner_user_id, change_seq from search_document "  # noqa: S608  only shapes, no values
            "where scope = $1 and city = $2 and change_seq >= $3 and change_seq < $4 "
            f"and {condition(ask.query, values)} order by change_seq desc limit $5",
            *values,
        )
        return [Match(row["document_id"], row["owner_user_id"], row["change_seq"]) for row in rows]


def condition(node: Node, values: list[object]) -> str:
    """The tree as a condition; appends its values to the statement's."""
    match node:
        case Group():
            joined = (" and " if node.every else " or ").join(condition(part, values) for part in node.parts)
            return f"({joined})"
        case Texts():
            return f"{node.field} {'@>' if node.every else '&&'} {_parameter(values, list(node.words))}::text[]"
        case Range():
            bounds = ((">=", node.gte), ("<=", node.lte))
            return " and ".join(
                f"{node.field} {sign} {_parameter(values, bound)}::int" for sign, bound in bounds if bound is not None
            )
        case Verified():
            return f"verified = {_parameter(values, node.value)}::boolean"
        case Available():
            first, last = _parameter(values, node.first), _parameter(values, node.last)
            return f"available @> daterange({first}::date, {last}::date, '[]')"
        case Near():
            return _within(node, values)


def _within(node: Near, values: list[object]) -> str:
    """The great circle's length; a document without a place is never near."""
    latitude, longitude = _parameter(values, node.latitude), _parameter(values, node.longitude)
    km = _parameter(values, node.km)
    return (
        f"12742 * asin(least(1, sqrt(power(sin(radians(latitude::float8 - {latitude}::float8) / 2), 2) "
        f"+ cos(radians({latitude}::float8)) * cos(radians(latitude::float8)) "
        f"* power(sin(radians(longitude::float8 - {longitude}::float8) / 2), 2)))) <= {km}::int"
    )


def _parameter(values: list[object], value: object) -> str:
    values.append(value)
    return f"${len(values)}"
