"""Rows of auto-accept rules and what they mean."""

from typing import cast

from callsheet.sql.booking_rules import Queries
from server.booking.rules.domain import Conditions, Rule, weekday_mask, weekdays_of
from server.core.db import Record, Tx, load_queries
from server.core.errors import NotFound

_queries = load_queries("server.booking.rules", Queries)


class RuleRepository:
    """Reads and writes rules on the caller's transaction."""

    async def lock_profile(self, tx: Tx, service_profile_id: str, provider_user_id: str) -> None:
        """Keeps others from adding rules until the transaction ends; NotFound where it is not the owner's."""
        found = await _queries.lock_profile(
            tx, service_profile_id=service_profile_id, provider_user_id=provider_user_id
        )
        if found is None:
            raise NotFound(service_profile_id)

    async def owner(self, tx: Tx, service_profile_id: str) -> str | None:
        """Whose profile it is."""
        return cast("str | None", await _queries.owner_of(tx, service_profile_id=service_profile_id))

    async def count(self, tx: Tx, service_profile_id: str) -> int:
        return cast("int", await _queries.count_rules(tx, service_profile_id=service_profile_id))

    async def insert(self, tx: Tx, rule: Rule) -> None:
        conditions = rule.conditions
        await _queries.insert_rule(
            tx,
            rule_id=rule.rule_id,
            service_profile_id=rule.service_profile_id,
            min_price_cents=conditions.min_price_cents,
            weekday_mask=weekday_mask(conditions.weekdays),
            max_distance_mi=conditions.max_distance_mi,
            allow_ib=conditions.allow_ib,
            active=conditions.active,
            now=rule.created_at,
        )

    async def lock(self, tx: Tx, rule_id: str, provider_user_id: str) -> Rule:
        """An owner's rule, held until the transaction ends; NotFound where it is not theirs."""
        row = await _queries.lock_rule(tx, rule_id=rule_id, provider_user_id=provider_user_id)
        if row is None:
            raise NotFound(rule_id)
        return _rule(row)

    async def save(self, tx: Tx, rule: Rule) -> None:
        """Writes what a rule asks for."""
        conditions = rule.conditions
        await _queries.update_rule(
            tx,
            rule_id=rule.rule_id,
            min_price_cents=conditions.min_price_cents,
            weekday_mask=weekday_mask(conditions.weekdays),
            max_distance_mi=conditions.max_distance_mi,
            allow_ib=conditions.allow_ib,
            active=conditions.active,
            now=rule.updated_at,
        )

    async def delete(self, tx: Tx, rule_id: str, provider_user_id: str) -> None:
        """Ends an owner's rule; NotFound where it is not theirs."""
        if await _queries.delete_rule(tx, rule_id=rule_id, provider_user_id=provider_user_id) is None:
            raise NotFound(rule_id)

    async def page(self, tx: Tx, service_profile_id: str, *, after: str, limit: int) -> list[Rule]:
        """A profile's rules, oldest first, newer than the given id."""
        rows = await _queries.list_rules(tx, service_profile_id=service_profile_id, after=after, limit=limit)
        return [_rule(row) for row in rows]


def _rule(row: Record) -> Rule:
    return Rule(
        rule_id=row["rule_id"],
        service_profile_id=row["service_profile_id"],
        conditions=Conditions(
            min_price_cents=row["min_price_cents"],
            weekdays=weekdays_of(row["weekday_mask"]),
            max_distance_mi=row["max_distance_mi"],
            allow_ib=row["allow_ib"],
            active=row["active"],
        ),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
