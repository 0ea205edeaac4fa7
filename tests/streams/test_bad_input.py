"""What should never be in the log: it changes nothing for what stands beside it."""

from datetime import UTC, datetime, timedelta

from devstack.program import complete
from server.promo.domain.partitions import partition_of
from tests.streams.events import Happening, record
from tests.streams.harness import IDS, PARTITIONS
from tests.streams.world import World

AHEAD = timedelta(seconds=3)


def test_strangers_and_wrong_clocks_change_nothing_for_the_others(world: World) -> None:
    """A campaign that nobody knows any more; records cut off, or of a version to come; a server whose clock
    is ahead, for which everybody waits until their clocks have come as far.
    """
    now = datetime.now(UTC)
    happening = complete(world.campaign(1_000, daily_cents=250))
    stranger = Happening(_neighbour(happening.campaign_id))
    ahead = happening.click(now)._replace(received_at=happening.click(now + AHEAD).received_at)
    with world.stream.running():
        complete(
            world.happens(
                happening,
                record([stranger.impression(now), stranger.click(now), happening.click(now)]),
                record([happening.click(now)])[:-20],
                b"\x08\x63",
                record([ahead, ahead]),
                record([happening.click(now), happening.impression(now)]),
            )
        )
        assert world.stream.health()["healthy"]
    assert world.told("select verdict, billed_cents from promo_click_decision order by log_offset, log_index") == [
        ("unknown_campaign", 0),
        ("billed", 100),
        ("billed", 100),
        ("cap_daily", 0),
    ]
    assert world.told("select sum(duplicate_clicks)::int from promo_rollup_15m") == [(1,)]
    assert complete(world.balance(happening)) == 800


def _neighbour(campaign_id: str) -> str:
    """The id of a campaign of the same partition that is in no table."""
    while True:
        name = IDS.new("pcmp")
        if partition_of(name, PARTITIONS) == partition_of(campaign_id, PARTITIONS):
            return name
