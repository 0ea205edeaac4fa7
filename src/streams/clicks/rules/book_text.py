"""Books as text: how people write them, how the log carries them and how they are stored.

A book is a version and its settings, in the order in which rules are asked. A setting names a rule, its version, its
mode and whatever of its limits differs from the default:

    {"version": 3, "settings": [
      {"rule": "double_click", "version": 2, "mode": "shadow", "limits": {"window_ms": 3000}}]}

Reading refuses what could not be computed: limits that the rule does not have, windows longer than clicks are kept
for, counts that go further back than a question does. Nothing else stands between a typing error and money.
"""

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from server.promo.domain.verdicts import LATE_RULES, Rule
from streams.clicks.rules.book import (
    DAY_MS,
    DEFAULT_BOOK,
    HOUR_MS,
    Book,
    Limits,
    Mode,
    Rate,
    RateLimits,
    Setting,
    TooFastLimits,
)
from streams.clicks.state.journal import REACH

E = TypeVar("E", bound=StrEnum)

HIGHEST_VERSION = 1_000_000
MOST_SETTINGS = 64

_BOUNDS: Mapping[str, range] = MappingProxyType(
    {
        "life_ms": range(1_000, 2 * HOUR_MS + 1),
        "impossible_ms": range(10_001),
        "unlikely_ms": range(10_001),
        "window_ms": range(1, DAY_MS + 1),
        "served": range(1, 10_001),
        "percent": range(1, 101),
        "deviation_tenths": range(101),
        "clicks": range(1, REACH),
        "per_impression": range(2, REACH),
        "permille": range(1, 1_001),
        "networks": range(2, REACH),
    }
)
_DEFAULTS: Mapping[Rule, Limits] = MappingProxyType({setting.rule: setting.limits for setting in DEFAULT_BOOK.settings})


class BookInvalid(ValueError):
    """A text that is no book; the message names the place in it and what must be there."""


def book_text(book: Book) -> str:
    """The book with every limit spelled out, the same text for the same book."""
    return json.dumps(
        {"version": book.version, "settings": [_written(setting) for setting in book.settings]}, separators=(",", ":")
    )


def read_book(text: str) -> Book:
    """The book that a text is; BookInvalid where it is none."""
    try:
        return book_of(json.loads(text))
    except (json.JSONDecodeError, RecursionError) as error:
        raise BookInvalid(f"book: must be JSON ({error})") from None


def read_toml(text: str, version: int) -> Book:
    """The book that a file's settings make under that version; BookInvalid where they make none."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BookInvalid(f"book: must be TOML ({error})") from None
    if "version" in said:
        raise BookInvalid("version: must not stand in the file; it is given when the book is published")
    return book_of({**said, "version": version})


def numbered(book: Book) -> Callable[[int], str]:
    """The book's text under whichever version it is given."""
    return lambda version: book_text(Book(version, book.settings))


def book_of(value: object) -> Book:
    """The book behind a value that was JSON or TOML."""
    said = _object(value, "book", {"version", "settings"})
    settings = _list(said.get("settings"), "settings")
    if not 1 <= len(settings) <= MOST_SETTINGS:
        raise BookInvalid(f"settings: must be 1 to {MOST_SETTINGS}")
    found = tuple(_setting(setting, f"settings[{place}]") for place, setting in enumerate(settings))
    names = [(setting.rule, setting.version) for setting in found]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise BookInvalid(f"settings[{place}]: must not name a version of {name[0]} twice")
    return Book(_number(said.get("version"), "version", range(1, HIGHEST_VERSION + 1)), found)


def _setting(value: object, where: str) -> Setting:
    said = _object(value, where, {"rule", "version", "mode", "limits"})
    rule = _one_of(Rule, said.get("rule"), f"{where}.rule")
    if rule in LATE_RULES:
        raise BookInvalid(f"{where}.rule: must be asked while clicks come in; {rule} is asked later")
    return Setting(
        rule=rule,
        version=_number(said.get("version"), f"{where}.version", range(1, HIGHEST_VERSION + 1)),
        mode=_one_of(Mode, said.get("mode"), f"{where}.mode"),
        limits=_limits(_DEFAULTS[rule], said.get("limits", {}), f"{where}.limits"),
    )


def _limits(default: Limits, value: object, where: str) -> Limits:
    if isinstance(default, RateLimits):
        said = _object(value, where, {"rates"})
        return _rates(said["rates"], f"{where}.rates") if "rates" in said else default
    said = _object(value, where, {field.name for field in fields(default)})
    changed = {name: _number(number, f"{where}.{name}", _BOUNDS[name]) for name, number in said.items()}
    limits = replace(default, **changed)  # type: ignore[arg-type]  # the names are the fields of its own kind
    if isinstance(limits, TooFastLimits) and limits.unlikely_ms < limits.impossible_ms:
        raise BookInvalid(f"{where}.unlikely_ms: must not be below impossible_ms")
    return limits


def _rates(value: object, where: str) -> RateLimits:
    rates = _list(value, where)
    if not 1 <= len(rates) <= REACH:
        raise BookInvalid(f"{where}: must be 1 to {REACH}")
    return RateLimits(tuple(_rate(rate, f"{where}[{place}]") for place, rate in enumerate(rates)))


def _rate(value: object, where: str) -> Rate:
    said = _object(value, where, {"clicks", "window_ms", "per_campaign"})
    per_campaign = said.get("per_campaign", False)
    if not isinstance(per_campaign, bool):
        raise BookInvalid(f"{where}.per_campaign: must be true or false")
    return Rate(
        clicks=_number(said.get("clicks"), f"{where}.clicks", _BOUNDS["clicks"]),
        window_ms=_number(said.get("window_ms"), f"{where}.window_ms", _BOUNDS["window_ms"]),
        per_campaign=per_campaign,
    )


def _object(value: object, where: str, known: Iterable[str]) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise BookInvalid(f"{where}: must be an object")
    unknown = sorted(str(name) for name in value.keys() - set(known))
    if unknown:
        raise BookInvalid(f"{where}.{unknown[0]}: must be one of {', '.join(sorted(known))}")
    return value


def _list(value: object, where: str) -> Sequence[object]:
    if not isinstance(value, list):
        raise BookInvalid(f"{where}: must be a list")
    return value


def _number(value: object, where: str, bounds: range) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value not in bounds:
        raise BookInvalid(f"{where}: must be a whole number from {bounds.start} to {bounds.stop - 1}")
    return value


def _one_of(kind: type[E], value: object, where: str) -> E:
    for member in kind:
        if member.value == value:
            return member
    raise BookInvalid(f"{where}: must be one of {', '.join(sorted(kind))}")


def _written(setting: Setting) -> Mapping[str, object]:
    return {
        "rule": setting.rule.value,
        "version": setting.version,
        "mode": setting.mode.value,
        "limits": asdict(setting.limits),
    }
