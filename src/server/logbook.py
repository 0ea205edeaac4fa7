"""`callsheet log`: what the click log holds, for people."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from google.protobuf.message import DecodeError
from rich.console import Console
from rich.text import Text

from callsheet.promo.v1 import log_pb2
from server.adapters.eventlog.codec import ControlFound, Events, Pulse, Undecodable, decode
from server.adapters.eventlog.errors import LogBroken, RecordsTrimmed
from server.adapters.eventlog.opening import open_log
from server.adapters.eventlog.port import Entry, EventLog, Partition
from server.adapters.eventlog.seeking import before_the_oldest
from server.config import Settings
from server.core.clock import SystemClock
from server.core.errors import Failure
from server.promo.domain.partitions import CLICK_LOG, DEAD_LETTERS

SHOWN_BYTES = 32
AT_ONCE = 200
_AHEAD = timedelta(days=1)
_KINDS = {"impression": "blue", "click": "bold magenta"}
_TOKENS = {"valid": "green", "missing": "yellow"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records to show: of one partition or of all, the newest or those after an offset."""

    partition: int | None
    after: int | None
    limit: int
    dead: bool
    heartbeats: bool


async def show(settings: Settings, wanted: Wanted, console: Console) -> bool:
    """Prints records, partition by partition, each with its offset; tells whether all of them could be read."""
    clock = SystemClock()
    name = DEAD_LETTERS if wanted.dead else CLICK_LOG
    numbers = range(1 if wanted.dead else settings.log_partitions)
    if wanted.partition is not None and wanted.partition not in numbers:
        console.print(f"[red]✗[/] {name} has the partitions 0 to {numbers[-1]}")
        return False
    async with open_log(settings.log_place, clock) as log:
        for number in numbers if wanted.partition is None else (wanted.partition,):
            try:
                entries = await _entries(log, Partition(name, number), wanted, clock.now())
            except (Failure, LogBroken) as error:
                console.print(f"[red]✗[/] {error}")
                return False
            console.rule(f"{name}/{number}", style="dim", align="left")
            for line in _lines(entries, wanted):
                console.print(line, soft_wrap=True, highlight=False)
    return True


async def _entries(log: EventLog, partition: Partition, wanted: Wanted, now: datetime) -> Sequence[Entry]:
    if wanted.after is None:
        return await _newest(log, partition, wanted, await log.offset_before(partition, now + _AHEAD))
    return await _following(log, partition, wanted, wanted.after)


async def _newest(log: EventLog, partition: Partition, wanted: Wanted, newest: int) -> Sequence[Entry]:
    """The newest that are shown: on a quiet day thousands of heartbeats lie behind the last event."""
    first = await before_the_oldest(log, partition, newest)
    found: list[Entry] = []
    while newest > first and len(found) < wanted.limit:
        after = max(newest - AT_ONCE, first)
        try:
            page = (await log.read(partition, after=after, limit=newest - after)).entries
        except RecordsTrimmed:
            first = await before_the_oldest(log, partition, newest)
            continue
        found = [entry for entry in page if wanted.heartbeats or not _is_heartbeat(entry)] + found
        newest = after
    return found[-wanted.limit :]


async def _following(log: EventLog, partition: Partition, wanted: Wanted, after: int) -> Sequence[Entry]:
    found: list[Entry] = []
    while len(found) < wanted.limit:
        limit = min(AT_ONCE, wanted.limit - len(found))
        window = await log.read(partition, after=found[-1].offset if found else after, limit=limit)
        if not window.entries:
            break
        found += window.entries
    return found


def _is_heartbeat(entry: Entry) -> bool:
    try:
        return isinstance(decode(entry.record), Pulse)
    except Undecodable:
        return False


def _lines(entries: Iterable[Entry], wanted: Wanted) -> Iterator[Text]:
    for entry in entries:
        yield from _dead_letter(entry) if wanted.dead else _record(entry, wanted)


def _record(entry: Entry, wanted: Wanted) -> Iterator[Text]:
    try:
        found = decode(entry.record)
    except Undecodable as error:
        yield _head(entry.offset, entry.appended_at, "unreadable", "red", f"{error.reason.value}  {_hex(entry.record)}")
        return
    match found:
        case Events():
            yield from _events(entry.offset, found)
        case ControlFound():
            yield _head(entry.offset, found.received_at, "control", "cyan", _control(found.record))
        case Pulse() if wanted.heartbeats:
            yield _head(entry.offset, found.received_at, "heartbeat", "dim", "")
        case _:
            return


def _events(offset: int, batch: Events) -> Iterator[Text]:
    count = batch.columns.num_rows
    said = f"{count} event{'s' if count > 1 else ''}, lists of {batch.lists.networks} and {batch.lists.robots}"
    yield _head(offset, batch.received_at, "events", "green", said)
    for index, row in enumerate(batch.columns.to_pylist()):
        yield _event(index, row)


def _event(index: int, row: dict[str, object]) -> Text:
    kind, state = str(row["type"]), str(row["token_state"])
    line = Text(f"{index:>14}  ")
    line.append(f"{kind:<11}", _KINDS.get(kind, ""))
    line.append(f"{row['event_id']}  {row['campaign_id']}  {row['impression_id']}  ")
    line.append(state, _TOKENS.get(state, "red"))
    if row["token_price_cents"] is not None:
        line.append(f" {row['token_price_cents']} ¢, slot {row['token_slot']}, served {row['token_served_today']}")
    line.append(f"  {row['city']}")
    if row["token_city"] not in (None, row["city"]):
        line.append(f" (shown in {row['token_city']})", "yellow")
    line.append(f"  {row['user_id'] or row['anon_fp_hash'] or 'nobody'}", "dim")
    for flag, said in _marks(row):
        if flag:
            line.append(f"  {said}", "yellow")
    return line


def _marks(row: dict[str, object]) -> Sequence[tuple[bool, str]]:
    return (
        (row["network_class"] != "unknown", str(row["network_class"])),
        (bool(row["robot"]), "robot"),
        (bool(row["prefetch"]), "prefetch"),
        (row["advertiser_link"] is not None, f"own {row['advertiser_link']}"),
        (row["extra_json"] != "{}", str(row["extra_json"])),
    )


def _control(record: log_pb2.ControlRecord) -> str:
    subject = record.WhichOneof("subject")
    said = str(getattr(record, subject)) if subject else "says nothing"
    return f"{record.key} v{record.version}  {' '.join(said.split())}"


def _dead_letter(entry: Entry) -> Iterator[Text]:
    try:
        letter = log_pb2.DeadLetter.FromString(entry.record)
    except DecodeError:
        yield _head(entry.offset, entry.appended_at, "unreadable", "red", _hex(entry.record))
        return
    if letter.HasField("given_back"):
        said = f"letter #{letter.given_back.letter} was given back to the log"
        yield _head(entry.offset, entry.appended_at, "given back", "green", said)
        return
    place = f"{letter.log}/{letter.partition} #{letter.offset} of {letter.generation}"
    yield _head(entry.offset, entry.appended_at, letter.reason, "red", f"{place}  {_hex(letter.record)}")


def _head(offset: int, at: datetime, kind: str, style: str, said: str) -> Text:
    line = Text(f"{'#' + str(offset):>10}  ")
    line.append(at.isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00"), "dim")
    line.append("  ")
    line.append(f"{kind:<11}", style)
    line.append(f" {said}")
    return line


def _hex(record: bytes) -> str:
    more = " …" if len(record) > SHOWN_BYTES else ""
    return f"{len(record)} bytes: {record[:SHOWN_BYTES].hex(' ')}{more}"
