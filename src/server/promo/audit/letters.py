"""Dead letters: what the stream set aside, and giving it back to the log once the cause is mended.

A letter that is given back takes effect as if it had come now: events are known by their ids, control records by their
versions, so what had its effect already has none again. That it was given back is noted among the letters themselves,
behind it: somebody who dies in between leaves a letter without a note, which can be given back once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from callsheet.promo.v1 import log_pb2
from server.adapters.eventlog.port import EventLog, Partition
from server.adapters.eventlog.seeking import before_the_oldest
from server.core.grpc.proto import timestamp
from server.promo.domain.partitions import DEAD_LETTERS

LETTERS = Partition(DEAD_LETTERS, 0)
PAGE = 500


@dataclass(frozen=True, slots=True)
class Letter:
    """A record, or an event of one, that could not be read or stored."""

    number: int
    """Its own offset among the letters."""
    place: Partition
    offset: int
    index: int | None
    reason: str
    set_aside_at: datetime
    record: bytes
    given_back: int = 0
    """How often."""
    given_back_at: datetime | None = None
    """When last."""


async def letters(log: EventLog, now: datetime) -> list[Letter]:
    """All that are still kept, the oldest first."""
    found: dict[int, Letter] = {}
    newest = await log.offset_before(LETTERS, now + timedelta(days=1))
    after = await before_the_oldest(log, LETTERS, newest)
    while entries := (await log.read(LETTERS, after=after, limit=PAGE)).entries:
        after = entries[-1].offset
        for entry in entries:
            said = log_pb2.DeadLetter.FromString(entry.record)
            if not said.HasField("given_back"):
                found[entry.offset] = _letter(entry.offset, said)
            elif said.given_back.letter in found:
                noted = found[said.given_back.letter]
                at = said.given_back.at.ToDatetime(tzinfo=UTC)
                found[noted.number] = replace(noted, given_back=noted.given_back + 1, given_back_at=at)
    return list(found.values())


async def give_back(log: EventLog, chosen: Sequence[Letter], now: datetime) -> None:
    """Appends what they hold to the partitions that it came from, in the order given, and notes it."""
    for letter in chosen:
        await log.append(letter.place, [letter.record])
        note = log_pb2.DeadLetter(given_back=log_pb2.GivenBack(letter=letter.number, at=timestamp(now)))
        await log.append(LETTERS, [note.SerializeToString()])


def _letter(number: int, said: log_pb2.DeadLetter) -> Letter:
    return Letter(
        number=number,
        place=Partition(said.log, said.partition),
        offset=said.offset,
        index=said.index if said.HasField("index") else None,
        reason=said.reason,
        set_aside_at=said.set_aside_at.ToDatetime(tzinfo=UTC),
        record=said.record,
    )
