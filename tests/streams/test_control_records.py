"""Records about every campaign: the rules, and what is switched off."""

import json
from datetime import UTC, datetime

import pytest

from callsheet.promo.v1 import log_pb2
from server.adapters.eventlog.port import Entry
from server.core.clock import SystemClock
from server.core.grpc.proto import timestamp
from server.promo.domain.partitions import partition_of, partitions_of
from server.promo.domain.verdicts import Rule
from streams.clicks.records import Control, Reason, Unreadable, book_said, decode, newer, switches_said
from streams.clicks.rules.book import DEFAULT_BOOK, Book, Switches
from streams.clicks.rules.book_text import book_text
from tests.streams.harness import IDS

BOOK = Book(4, DEFAULT_BOOK.settings)
CAMPAIGN = IDS.new("pcmp")


def read(control: log_pb2.ControlRecord) -> Control | Unreadable:
    record = log_pb2.LogRecord(schema_version=1, received_at=timestamp(SystemClock().now()), control=control)
    found = decode(Entry(9, record.SerializeToString(), datetime.now(UTC)))
    assert isinstance(found, Control | Unreadable)
    return found


def rules(text: str, version: int = 4, key: str = "rules") -> log_pb2.ControlRecord:
    return log_pb2.ControlRecord(key=key, version=version, rules=log_pb2.RuleBook(book=text))


def switches(key: str = "switches", **said: object) -> log_pb2.ControlRecord:
    return log_pb2.ControlRecord(key=key, version=7, switches=log_pb2.KillSwitches(**said))  # type: ignore[arg-type]


def test_a_book_comes_out_of_the_log_as_it_was_published() -> None:
    found = read(rules(book_text(BOOK)))
    assert isinstance(found, Control)
    assert (found.kind, found.key, found.version) == ("rules", "rules", 4)
    assert book_said(found) == BOOK
    assert json.loads(json.dumps(found.payload)) == found.payload


def test_switches_say_everything_that_is_off() -> None:
    found = read(switches(everything=True, rules=["too_fast"], campaigns=[CAMPAIGN]))
    assert isinstance(found, Control)
    assert switches_said(found) == Switches(7, True, frozenset({Rule.TOO_FAST}), frozenset({CAMPAIGN}))
    assert json.loads(json.dumps(found.payload)) == found.payload


def test_switches_that_name_nothing_switch_everything_on() -> None:
    found = read(switches())
    assert isinstance(found, Control)
    assert switches_said(found) == Switches(7)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (rules("{"), Reason.BOOK_INVALID),
        (rules(book_text(BOOK).replace("too_fast", "too_slow")), Reason.BOOK_INVALID),
        (rules(book_text(BOOK), version=5), Reason.VERSION_INVALID),
        (rules(book_text(BOOK), version=0), Reason.VERSION_INVALID),
        (rules(book_text(BOOK), key="rule"), Reason.KEY_INVALID),
        (switches(key=CAMPAIGN), Reason.KEY_INVALID),
        (switches(rules=["too_slow"]), Reason.UNKNOWN_CONTENT),
        (switches(campaigns=["pcmp_x"]), Reason.UNKNOWN_CONTENT),
    ],
)
def test_what_cannot_be_followed_has_a_reason(record: log_pb2.ControlRecord, reason: Reason) -> None:
    found = read(record)
    assert isinstance(found, Unreadable)
    assert found.reason == reason


def test_books_and_switches_are_versions_of_their_own() -> None:
    records = [read(rules(book_text(BOOK))), read(switches()), read(rules(book_text(BOOK)))]
    controls = [record for record in records if isinstance(record, Control)]
    assert [control.kind for control in newer(controls)] == ["rules", "switches"]


@pytest.mark.parametrize("key", ["rules", "switches"])
def test_what_is_about_all_campaigns_goes_to_every_partition(key: str) -> None:
    assert list(partitions_of(key, 4)) == [0, 1, 2, 3]


def test_what_is_about_one_campaign_goes_where_it_lives() -> None:
    assert list(partitions_of(CAMPAIGN, 4)) == [partition_of(CAMPAIGN, 4)]
