"""Every invariant holds for a consistent database, and each can fail."""

from pathlib import Path

from devstack.roles import DatabaseUrls
from server.core.invariants import Invariant, load_invariants
from tests.db.conftest import World
from tests.support.invariants import broken_in

BROKEN = Path(__file__).parent / "broken.sql"


async def test_a_consistent_database_breaks_none(
    world: World, database: DatabaseUrls, invariants: tuple[Invariant, ...]
) -> None:
    assert len(invariants) > 30
    assert await broken_in(database.app_url, invariants) == []


async def test_each_one_finds_what_it_forbids(world: World, invariants: tuple[Invariant, ...]) -> None:
    breaking = {statement.name: statement.query for statement in load_invariants(BROKEN)}
    assert breaking.keys() == {invariant.name for invariant in invariants}
    blind = []
    for invariant in invariants:
        transaction = world.owner.transaction()
        await transaction.start()
        await world.owner.execute(breaking[invariant.name])
        if not await world.owner.fetch(invariant.query):
            blind.append(invariant.name)
        await transaction.rollback()
    assert blind == []
