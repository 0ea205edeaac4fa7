"""Who may see a case, and who may act on it. Everybody else is told that it does not exist."""

from server.core.call import STAFF, Actor, Role
from server.core.errors import NotFound, RoleRequired
from server.support.cases.domain import By, Case, Party
from server.support.cases.standing import AuthorRole, Standing
from server.support.errors import OwnCase


def standing_of(actor: Actor, case: Case) -> Standing | None:
    """What the actor is to the case; being a party comes before every role."""
    if actor.user_id == case.customer.user_id:
        return Standing.CUSTOMER
    if case.seller is not None and actor.user_id == case.seller.user_id:
        return Standing.SELLER
    if actor.has(*STAFF):
        return Standing.STAFF
    if actor.user_id in case.watchers:
        return Standing.WATCHER
    return Standing.SERVICE if actor.has(Role.SERVICE) else None


def visible(case: Case | None, case_id: str, actor: Actor) -> tuple[Case, Standing]:
    """The case and what the actor is to it; NotFound where they are nothing to it."""
    standing = standing_of(actor, case) if case is not None else None
    if case is None or standing is None:
        raise NotFound(case_id)
    return case, standing


def handled_by(case: Case, actor: Actor) -> By:
    """The actor as one who handles the case; a party of it does not."""
    standing = standing_of(actor, case)
    if standing in (Standing.CUSTOMER, Standing.SELLER):
        raise OwnCase(case.case_id)
    if standing is not Standing.STAFF:
        raise RoleRequired(sorted(STAFF))
    return By(Standing.STAFF, actor.user_id)


def writes_as(case: Case, standing: Standing) -> AuthorRole:
    """The role in which somebody's message is shown; watchers and services read only."""
    if standing is Standing.STAFF:
        return AuthorRole.AGENT
    if standing is Standing.SYSTEM:
        return AuthorRole.SYSTEM
    side: Party | None = {Standing.CUSTOMER: case.customer, Standing.SELLER: case.seller}.get(standing)
    if side is None:
        raise NotFound(case.case_id)
    return side.role
