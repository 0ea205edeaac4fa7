"""What a log comes to, folded in the simplest way there is: one partition after another, one event after another.

It shares nothing with the stream but the log's codec, and knows of the rules only those that a story's clicks can
break: a token that is not valid, a robot, an impression that was clicked before. Money it knows to the cent.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from callsheet.promo.v1 import campaign_pb2, log_pb2
from server.adapters.eventlog import codec

SLACK_US = 250_000
SECOND_CLICK_MS = 2 * 60 * 60 * 1000
SENT_AGAIN_MS = 30 * 60 * 1000


class Spend(NamedTuple):
    """A line of a campaign's spend chain."""

    kind: str
    promo_cents: int
    cash_cents: int
    click_key: str | None
    budget_day: date | None


@dataclass(slots=True)
class Account:
    """A campaign as far as the fold has come."""

    version: int = 0
    limits: log_pb2.CampaignLimits = field(default_factory=log_pb2.CampaignLimits)
    promo_cents: int = 0
    cash_cents: int = 0
    clicks_cents: int = 0
    by_day: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    lines: list[Spend] = field(default_factory=list)

    @property
    def left_cents(self) -> int:
        """What was put in, less all that was taken."""
        funded = self.limits.funded_promo_cents + self.limits.funded_cash_cents
        return funded + self.promo_cents + self.cash_cents

    def take(self, line: Spend) -> None:
        self.promo_cents += line.promo_cents
        self.cash_cents += line.cash_cents
        self.lines.append(line)


@dataclass(slots=True)
class Folded:
    """What the whole log comes to."""

    accounts: dict[str, Account] = field(default_factory=lambda: defaultdict(Account))
    verdicts: dict[tuple[str, str], str] = field(default_factory=dict)
    """Of each click, by event and campaign."""
    events: set[tuple[str, str]] = field(default_factory=set)
    impressions: int = 0
    duplicate_clicks: int = 0

    @property
    def lines(self) -> dict[str, list[Spend]]:
        return {name: account.lines for name, account in self.accounts.items() if account.lines}


def fold(partitions: Sequence[Sequence[bytes]]) -> Folded:
    """Folds each partition's records in their order."""
    folded = Folded()
    for records in partitions:
        _Partition(folded).read(records)
    return folded


class _Partition:
    """Folds one partition. Impressions are of one campaign, and a campaign of one partition: so is what it counts."""

    def __init__(self, folded: Folded) -> None:
        self._folded = folded
        self._clock_us = 0
        self._billed: set[str] = set()

    def read(self, records: Sequence[bytes]) -> None:
        said = [codec.decode(record) for record in records]
        second = self._second_clicks(said)
        for what in said:
            if isinstance(what, codec.ControlFound):
                self._control(what.record)
            elif isinstance(what, codec.Events):
                for row in what.columns.to_pylist():
                    self._event(row, second)

    def _second_clicks(self, said: Iterable[object]) -> set[tuple[str, str, str]]:
        """Clicks on impressions that were clicked before, in the order of the rules' clock: by event, campaign and
        impression, since an event that comes again may name another impression.
        """
        arrivals: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
        for what in said:
            if isinstance(what, codec.Pulse):
                self._clock_us = max(self._clock_us, _us(what.received_at))
            elif isinstance(what, codec.Events):
                for row in what.columns.to_pylist():
                    at = _us(row["received_at"])
                    self._clock_us = max(self._clock_us, at)
                    rule_ms = max(at, self._clock_us - SLACK_US) // 1000
                    if row["type"] == "click" and row["token_state"] in ("valid", "expired"):
                        arrivals[row["campaign_id"], row["impression_id"]].append((rule_ms, row["event_id"]))
        found = set()
        for (campaign, impression), came in arrivals.items():
            found |= {(event, campaign, impression) for event in _seconds(sorted(came))}
        return found

    def _control(self, record: log_pb2.ControlRecord) -> None:
        if record.WhichOneof("subject") == "debit":
            self._debit(record.debit)
        else:
            account = self._folded.accounts[record.key]
            if record.version > account.version:
                account.version, account.limits = record.version, record.campaign

    def _debit(self, debit: log_pb2.DebitRequest) -> None:
        account = self._folded.accounts[debit.campaign_id]
        if (
            debit.promo_cents <= account.limits.funded_promo_cents + account.promo_cents
            and debit.cash_cents <= account.limits.funded_cash_cents + account.cash_cents
        ):
            account.take(Spend("adjustment", -debit.promo_cents, -debit.cash_cents, None, None))

    def _event(self, row: Mapping[str, object], second: set[tuple[str, str, str]]) -> None:
        identity = (str(row["event_id"]), str(row["campaign_id"]))
        if identity in self._folded.events:
            self._folded.duplicate_clicks += row["type"] == "click"
            return
        self._folded.events.add(identity)
        if row["type"] == "click":
            self._folded.verdicts[identity] = self._verdict(row, (*identity, str(row["impression_id"])) in second)
        else:
            self._folded.impressions += 1

    def _verdict(self, row: Mapping[str, object], again: bool) -> str:
        if row["token_state"] != "valid" or row["robot"] or again:
            return "invalid"
        account = self._folded.accounts[str(row["campaign_id"])]
        if not account.version:
            return "unknown_campaign"
        if account.limits.status == campaign_pb2.CAMPAIGN_STATUS_SUSPENDED:
            return "suspended"
        key = f"{row['campaign_id']}:{row['impression_id']}"
        if key in self._billed:
            return "already_billed"
        return self._charge(account, key, row)

    def _charge(self, account: Account, key: str, row: Mapping[str, object]) -> str:
        price, at, limits = row["token_price_cents"], row["received_at"], account.limits
        assert isinstance(price, int)
        assert isinstance(at, datetime)
        day = at.astimezone(ZoneInfo(limits.time_zone)).date()
        if account.by_day[day] + price > limits.daily_budget_cents:
            return "cap_daily"
        if limits.HasField("total_budget_cents") and account.clicks_cents + price > limits.total_budget_cents:
            return "cap_total"
        if price > account.left_cents:
            return "no_balance"
        promo = min(price, max(0, limits.funded_promo_cents + account.promo_cents))
        account.take(Spend("spend", -promo, promo - price, key, day))
        account.by_day[day] += price
        account.clicks_cents += price
        self._billed.add(key)
        return "billed"


def _seconds(came: Sequence[tuple[int, str]]) -> set[str]:
    """Which events are no impression's first click. One that is sent again counts once more if that is half an hour
    after it was counted; decided it is once, by how it came first.
    """
    counted: dict[str, int] = {}
    seconds: set[str] = set()
    newest = None
    for rule_ms, event in came:
        before = counted.get(event)
        if before is not None and rule_ms - before < SENT_AGAIN_MS:
            continue
        if before is None and newest is not None and rule_ms - newest < SECOND_CLICK_MS:
            seconds.add(event)
        counted[event] = newest = rule_ms
    return seconds


def _us(at: object) -> int:
    assert isinstance(at, datetime)
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
