"""What a record of the click log says. Pure: bytes in, meaning or the reason why there is none out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from callsheet.promo.v1 import campaign_pb2, log_pb2
from server.adapters.eventlog import codec
from server.adapters.eventlog.codec import Events, Pulse, Undecodable
from server.adapters.eventlog.port import Entry
from server.core.ids import is_id
from server.promo.domain.campaign import CampaignStatus
from server.promo.domain.partitions import RULES_KEY, SWITCHES_KEY
from server.promo.domain.verdicts import Rule
from streams.clicks.rules.book import Book, Switches
from streams.clicks.rules.book_text import BookInvalid, book_text, read_book

LARGEST_DEBIT_CENTS = 2_000_000_000

_RULES = frozenset(rule.value for rule in Rule)

Value: TypeAlias = str | int | list[str] | None


class ControlKind(StrEnum):
    """What a control record is about."""

    CAMPAIGN = "campaign"
    DEBIT = "debit"
    SWITCHES = "switches"
    RULES = "rules"


class Reason(StrEnum):
    """Why a control record that could be decoded cannot be followed."""

    UNKNOWN_CONTENT = "unknown_content"
    KEY_INVALID = "key_invalid"
    VERSION_INVALID = "version_invalid"
    TEXT_INVALID = "text_invalid"
    AMOUNT_INVALID = "amount_invalid"
    BOOK_INVALID = "book_invalid"


@dataclass(frozen=True, slots=True)
class Control:
    """What is in force from this offset on, in absolute values."""

    offset: int
    kind: ControlKind
    key: str
    version: int
    payload: dict[str, Value]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that says nothing we could act upon."""

    offset: int
    reason: str
    record: bytes


class _Wrong(Exception):
    """Why a record cannot be read."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def decode(entry: Entry) -> Events | Pulse | Control | Unreadable:
    """What the record says. Whatever the bytes are, the partition goes on."""
    try:
        found = codec.decode(entry.record)
        return found if isinstance(found, Events | Pulse) else _control(entry.offset, found)
    except Undecodable as undecodable:
        return Unreadable(entry.offset, undecodable.reason.value, entry.record)
    except _Wrong as wrong:
        return Unreadable(entry.offset, wrong.reason.value, entry.record)


def newer(controls: Iterable[Control]) -> list[Control]:
    """Those that are newer than what stands before them under the same key: repetitions and stragglers fall out."""
    highest: dict[tuple[ControlKind, str], int] = {}
    kept = []
    for control in controls:
        place = (control.kind, control.key)
        if control.version > highest.get(place, 0):
            highest[place] = control.version
            kept.append(control)
    return kept


def _control(offset: int, found: codec.ControlFound) -> Control:
    record = found.record
    if record.version < 1:
        raise _Wrong(Reason.VERSION_INVALID)
    kind, payload = _subject(record)
    return Control(
        offset=offset,
        kind=kind,
        key=record.key,
        version=record.version,
        payload=payload,
        received_at=found.received_at,
    )


def _subject(record: log_pb2.ControlRecord) -> tuple[ControlKind, dict[str, Value]]:
    match record.WhichOneof("subject"):
        case "campaign":
            if not is_id("pcmp", record.key):
                raise _Wrong(Reason.KEY_INVALID)
            return ControlKind.CAMPAIGN, _limits(record.campaign)
        case "debit":
            if not is_id("padj", record.key) or not is_id("pcmp", record.debit.campaign_id):
                raise _Wrong(Reason.KEY_INVALID)
            return ControlKind.DEBIT, _debit(record.debit)
        case "switches":
            if record.key != SWITCHES_KEY:
                raise _Wrong(Reason.KEY_INVALID)
            return ControlKind.SWITCHES, _switches(record.switches)
        case "rules":
            if record.key != RULES_KEY:
                raise _Wrong(Reason.KEY_INVALID)
            return ControlKind.RULES, _rules(record.version, record.rules)
        case _:
            raise _Wrong(Reason.UNKNOWN_CONTENT)


def _switches(switches: log_pb2.KillSwitches) -> dict[str, Value]:
    if not set(switches.rules) <= _RULES or not all(is_id("pcmp", campaign) for campaign in switches.campaigns):
        raise _Wrong(Reason.UNKNOWN_CONTENT)
    return {
        "everything": switches.everything,
        "rules": sorted(set(switches.rules)),
        "campaigns": sorted(set(switches.campaigns)),
    }


def _rules(version: int, rules: log_pb2.RuleBook) -> dict[str, Value]:
    try:
        book = read_book(rules.book)
    except BookInvalid:
        raise _Wrong(Reason.BOOK_INVALID) from None
    if book.version != version:
        raise _Wrong(Reason.VERSION_INVALID)
    return {"book": book_text(book)}


def book_said(control: Control) -> Book:
    """The rules that a control record puts in force."""
    return read_book(str(control.payload["book"]))


def switches_said(control: Control) -> Switches:
    """What a control record switches off; everything else is on."""
    rules, campaigns = (control.payload[name] for name in ("rules", "campaigns"))
    if not isinstance(rules, list) or not isinstance(campaigns, list):
        raise TypeError("switches are decoded as lists")
    everything = control.payload["everything"] is True
    return Switches(control.version, everything, frozenset(map(Rule, rules)), frozenset(campaigns))


def _debit(debit: log_pb2.DebitRequest) -> dict[str, Value]:
    amounts = (debit.promo_cents, debit.cash_cents)
    if min(amounts) < 0 or not 0 < sum(amounts) <= LARGEST_DEBIT_CENTS:
        raise _Wrong(Reason.AMOUNT_INVALID)
    return {
        "campaign_id": debit.campaign_id,
        "promo_cents": debit.promo_cents,
        "cash_cents": debit.cash_cents,
    }


def _limits(limits: log_pb2.CampaignLimits) -> dict[str, Value]:
    if "\x00" in limits.advertiser_id or "\x00" in limits.time_zone:
        raise _Wrong(Reason.TEXT_INVALID)
    return {
        "status": _status(limits.status),
        "advertiser_id": limits.advertiser_id,
        "time_zone": limits.time_zone,
        "daily_budget_cents": limits.daily_budget_cents,
        "total_budget_cents": limits.total_budget_cents if limits.HasField("total_budget_cents") else None,
        "funded_promo_cents": limits.funded_promo_cents,
        "funded_cash_cents": limits.funded_cash_cents,
    }


_STATUSES: dict[int, str] = {
    campaign_pb2.CampaignStatus.Value(f"CAMPAIGN_STATUS_{status.name}"): status.value for status in CampaignStatus
}


def _status(number: int) -> str:
    if number not in _STATUSES:
        raise _Wrong(Reason.UNKNOWN_CONTENT)
    return _STATUSES[number]
