"""Rows of promo_policy and what they mean."""

from callsheet.sql.promo_policies import Queries
from server.core.db import Record, Tx, load_queries
from server.core.errors import NotFound
from server.promo.domain.campaign import Campaign, Surface
from server.promo.domain.policy import Place, Policy

_queries = load_queries("server.promo.policies", Queries)


class PolicyRepository:
    """Reads and writes policies on the caller's transaction."""

    async def put(self, tx: Tx, policy: Policy) -> Policy:
        """Creates or replaces the policy of a place; one that is replaced keeps its id."""
        row = await _queries.put_policy(
            tx,
            policy_id=policy.policy_id,
            surface=policy.place.surface,
            role=policy.place.role,
            city=policy.place.city,
            cpc_floor_cents=policy.cpc_floor_cents,
            max_density_top20=policy.max_density_top20,
            max_above_fold=policy.max_above_fold,
            now=policy.updated_at,
        )
        if row is None:
            raise AssertionError("an upsert returns its row")
        return _policy(row)

    async def of(self, tx: Tx, campaign: Campaign) -> list[Policy]:
        """The policies of everywhere that a campaign wants to be shown."""
        audience = campaign.terms.audience
        rows = await _queries.policies_of(
            tx, surface=campaign.terms.target.surface, roles=audience.roles, cities=audience.cities
        )
        return [_policy(row) for row in rows]

    async def page(self, tx: Tx, surface: Surface | None, city: str, after: str | None, limit: int) -> list[Policy]:
        """Policies by id, after the given one."""
        rows = await _queries.list_policies(tx, surface=surface, city=city, after=after, limit=limit)
        return [_policy(row) for row in rows]

    async def delete(self, tx: Tx, policy_id: str) -> None:
        """Deletes a policy; NotFound where there is none."""
        if await _queries.delete_policy(tx, policy_id=policy_id) is None:
            raise NotFound(policy_id)


def _policy(row: Record) -> Policy:
    return Policy(
        policy_id=row["policy_id"],
        place=Place(Surface(row["surface"]), row["role"], row["city"]),
        cpc_floor_cents=row["cpc_floor_cents"],
        max_density_top20=row["max_density_top20"],
        max_above_fold=row["max_above_fold"],
        updated_at=row["updated_at"],
    )
