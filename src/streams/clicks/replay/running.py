"""Runs a replay over all partitions, from the database to a comparison."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest

from server.core.db import Database
from server.promo.domain.ledger import Link
from streams.clicks.replay import stored
from streams.clicks.replay.counted import Counting, Page
from streams.clicks.replay.deciding import Again, PartitionAgain, Rules
from streams.clicks.replay.purse import Purse
from streams.clicks.replay.stored import Chain, Span
from streams.clicks.rules.click import Place

SHOWN = 50

Told = Callable[[int], None]
"""Hears how many more clicks were decided."""


@dataclass(slots=True)
class Compared:
    """What a replay found."""

    since: datetime
    until: datetime
    clicks: int = 0
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """From which verdict, and its rule, to which."""
    billed_then: int = 0
    billed_now: int = 0
    examples: list[Again] = field(default_factory=list)
    chains: int = 0
    broken: dict[str, str] = field(default_factory=dict)
    """Campaigns whose spend chain became another one, and where it first differs."""

    @property
    def same(self) -> bool:
        return not self.changes and not self.broken

    def add(self, again: Again) -> None:
        self.clicks += 1
        self.billed_then += again.stored.billed_cents
        self.billed_now += again.now.billed_cents
        if again.differs:
            self.changes[again.words] += 1
            if len(self.examples) < SHOWN:
                self.examples.append(again)

    def chain(self, campaign_id: str, there: Chain | None, made: Sequence[Link]) -> None:
        """Compares a campaign's chain with what was written, entry by entry."""
        self.chains += 1
        entries = there.entries if there else ()
        for number, (entry, link) in enumerate(zip_longest(entries, made), start=1):
            if entry is None or link is None or (entry.entry_id, entry.hash) != (link.movement.entry_id, link.hash):
                self.broken[campaign_id] = f"entry {number} of {max(len(entries), len(made))}"
                return


async def spans(database: Database, since: datetime, until: datetime) -> list[Span]:
    """What there is to replay."""
    async with database.read() as tx:
        return await stored.spans(tx, since, until)


async def replay(
    database: Database, parts: Sequence[Span], rules: Rules, since: datetime, until: datetime, told: Told
) -> Compared:
    """Decides everything in these parts of the log again."""
    compared = Compared(since, until)
    if not parts:
        return compared
    purse, written = Purse(), dict[str, Chain]()
    partitions: dict[int, PartitionAgain] = {}
    for span in parts:
        partitions[span.partition] = await _opened(database, span, rules, purse, written)
    await _count(database, partitions, compared, told)
    made: dict[str, list[Link]] = {}
    for partition in partitions.values():
        partition.finish()
        made |= partition.links
    for campaign in sorted(written.keys() | made.keys()):
        compared.chain(campaign, written.get(campaign), made.get(campaign, ()))
    return compared


async def _opened(
    database: Database, span: Span, rules: Rules, purse: Purse, written: dict[str, Chain]
) -> PartitionAgain:
    async with database.snapshot() as tx:
        in_force = await stored.in_force_before(tx, span)
        controls = await stored.controls(tx, span)
        chains = await stored.chains(tx, span, purse)
        others = [campaign for campaign in await stored.campaigns(tx, span) if campaign not in chains]
        heads = await stored.untouched(tx, others, purse)
    written |= chains
    heads |= {campaign: chain.before for campaign, chain in chains.items()}
    return PartitionAgain(span, in_force, controls, rules, purse, heads)


async def _count(database: Database, partitions: dict[int, PartitionAgain], compared: Compared, told: Told) -> None:
    counting = Counting(list(partitions))
    behind = {number: Place(number, one.span.warm, -1) for number, one in partitions.items()}

    def decided(pages: Sequence[Page]) -> None:
        for page in pages:
            before = compared.clicks
            for again in partitions[page.partition].decide(page):
                compared.add(again)
            told(compared.clicks - before)

    while not counting.ended:
        number = counting.behind()
        async with database.read() as tx:
            clicks = await stored.page(tx, partitions[number].span, behind[number])
        if clicks:
            behind[number] = clicks[-1].click.place
            decided(list(counting.add(number, partitions[number].clicked(clicks))))
        else:
            decided(list(counting.end(number)))
