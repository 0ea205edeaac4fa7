"""Which rules are in force, how strict they are, and what was switched off.

A book is one version of everything that can be set. It enters the log as a control record, so every click has been
decided by the book that stood at its place, and is decided by it again in a replay. Several versions of one rule may
stand in a book: one that decides, and one in shadow whose hits are stored and decide nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias, TypeVar, cast

from server.promo.domain.verdicts import Rule

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
LONGEST_WINDOW_MS = DAY_MS


class Mode(StrEnum):
    """What becomes of a rule's hits."""

    ON = "on"
    SHADOW = "shadow"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Rate:
    """So many clicks in so much time, of one person, for one campaign or for all."""

    clicks: int
    window_ms: int
    per_campaign: bool = False


@dataclass(frozen=True, slots=True)
class NoLimits:
    """For rules that have nothing to set."""


@dataclass(frozen=True, slots=True)
class TokenLimits:
    """How long a token lives."""

    life_ms: int = 2 * HOUR_MS


@dataclass(frozen=True, slots=True)
class TooFastLimits:
    """Sooner than anybody can click, and sooner than most people do."""

    impossible_ms: int = 300
    unlikely_ms: int = 700


@dataclass(frozen=True, slots=True)
class WindowLimits:
    """How close is too close."""

    window_ms: int


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How many clicks are too many."""

    rates: tuple[Rate, ...] = (
        Rate(1, MINUTE_MS, per_campaign=True),
        Rate(3, 10 * MINUTE_MS, per_campaign=True),
        Rate(10, HOUR_MS),
        Rate(25, DAY_MS),
    )


@dataclass(frozen=True, slots=True)
class ViewerRatioLimits:
    """Which share of what they were shown nobody clicks on, and how sure one has to be that chance did not make it: so
    many tenths of the deviation that chance has.
    """

    served: int = 6
    percent: int = 25
    deviation_tenths: int = 20


@dataclass(frozen=True, slots=True)
class AddressRatioLimits:
    """How many clicks an address makes of one impression."""

    clicks: int = 10
    per_impression: int = 5


@dataclass(frozen=True, slots=True)
class MetronomeLimits:
    """How even the time between clicks is: the coefficient of variation of the newest of them, in thousandths."""

    clicks: int = 20
    permille: int = 50


@dataclass(frozen=True, slots=True)
class NetworksLimits:
    """From how many networks one device clicks within an hour."""

    networks: int = 8


Limits: TypeAlias = (
    NoLimits
    | TokenLimits
    | TooFastLimits
    | WindowLimits
    | RateLimits
    | ViewerRatioLimits
    | AddressRatioLimits
    | MetronomeLimits
    | NetworksLimits
)
L = TypeVar("L", bound=Limits)


@dataclass(frozen=True, slots=True)
class Setting:
    """One version of one rule."""

    rule: Rule
    version: int
    mode: Mode
    limits: Limits


@dataclass(frozen=True, slots=True)
class Book:
    """Everything that was set, in the order in which rules are asked."""

    version: int
    settings: tuple[Setting, ...]
    _computed: Mapping[Rule, tuple[tuple[int, Limits], ...]] = field(init=False, repr=False, compare=False)
    _modes: Mapping[tuple[Rule, int], Mode] = field(init=False, repr=False, compare=False)
    places: Mapping[tuple[Rule, int], int] = field(init=False, repr=False, compare=False)
    """Where in the order a version of a rule stands."""

    def __post_init__(self) -> None:
        computed: dict[Rule, tuple[tuple[int, Limits], ...]] = {}
        for setting in self.settings:
            if setting.mode is not Mode.OFF:
                computed[setting.rule] = (*computed.get(setting.rule, ()), (setting.version, setting.limits))
        names = [(setting.rule, setting.version) for setting in self.settings]
        object.__setattr__(self, "_computed", computed)
        object.__setattr__(self, "_modes", dict(zip(names, (setting.mode for setting in self.settings), strict=True)))
        object.__setattr__(self, "places", {name: place for place, name in enumerate(names)})

    def of(self, rule: Rule, kind: type[L]) -> tuple[tuple[int, L], ...]:
        """The versions of a rule that are to be computed, each with its limits, which are of that kind."""
        return cast("tuple[tuple[int, L], ...]", self._computed.get(rule, ()))

    def mode(self, rule: Rule, version: int) -> Mode:
        """What becomes of the hits of that version of a rule."""
        return self._modes.get((rule, version), Mode.OFF)


def _on(rule: Rule, limits: Limits) -> Setting:
    return Setting(rule, 1, Mode.ON, limits)


DEFAULT_BOOK = Book(
    version=0,
    settings=(
        _on(Rule.TOKEN, TokenLimits()),
        _on(Rule.KNOWN_BOT, NoLimits()),
        _on(Rule.PREFETCH, NoLimits()),
        _on(Rule.DATA_CENTRE, NoLimits()),
        _on(Rule.OWN_CLICK, NoLimits()),
        _on(Rule.OTHER_CITY, NoLimits()),
        _on(Rule.TOO_FAST, TooFastLimits()),
        _on(Rule.DOUBLE_CLICK, WindowLimits(2_000)),
        _on(Rule.SECOND_CLICK, NoLimits()),
        _on(Rule.SAME_LISTING, WindowLimits(30 * MINUTE_MS)),
        _on(Rule.CLICK_RATE, RateLimits()),
        _on(Rule.VIEWER_RATIO, ViewerRatioLimits()),
        _on(Rule.ADDRESS_RATIO, AddressRatioLimits()),
        _on(Rule.METRONOME, MetronomeLimits()),
        _on(Rule.MANY_NETWORKS, NetworksLimits()),
    ),
)
"""In force until the log says otherwise."""


@dataclass(frozen=True, slots=True)
class Switches:
    """What was switched off, and by which version of the switches."""

    version: int = 0
    everything: bool = False
    rules: frozenset[Rule] = frozenset()
    campaigns: frozenset[str] = frozenset()


NOTHING_SWITCHED_OFF = Switches()
