"""What a call accepts: a shape names every parameter with its type, and anything else is refused before any effect."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from devstack.stripe_sandbox.errors import StripeError
from devstack.stripe_sandbox.values import Document, Form, FormValue, Json


class Kind(Protocol):
    """Reads one decoded value, or refuses it by name."""

    def read(self, value: FormValue, path: str) -> Json: ...


@dataclass(frozen=True, slots=True)
class Text:
    """Any text up to a length."""

    longest: int = 5000

    def read(self, value: FormValue, path: str) -> Json:
        if not isinstance(value, str):
            raise StripeError(f"Invalid string: {path}", param=path)
        if len(value) > self.longest:
            raise StripeError(f"Invalid string: {path} must be at most {self.longest} characters", param=path)
        return value


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number."""

    lowest: int = 0

    def read(self, value: FormValue, path: str) -> Json:
        try:
            number = int(value) if isinstance(value, str) else None
        except ValueError:
            number = None
        if number is None:
            raise StripeError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=path)
        if number < self.lowest:
            raise StripeError(
                f"This value must be greater than or equal to {self.lowest}.",
                code="parameter_invalid_integer",
                param=path,
            )
        return number


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def read(self, value: FormValue, path: str) -> Json:
        if value not in ("true", "false"):
            raise StripeError(f"Invalid boolean: {value}", param=path)
        return value == "true"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, value: FormValue, path: str) -> Json:
        if not isinstance(value, str) or value not in self.words:
            raise StripeError(f"Invalid {path}: must be one of {', '.join(self.words)}", param=path)
        return value


@dataclass(frozen=True, slots=True)
class Texts:
    """A list of texts."""

    def read(self, value: FormValue, path: str) -> Json:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise StripeError("Invalid array", param=path)
        return [str(item) for item in value]


@dataclass(frozen=True, slots=True)
class Metadata:
    """Up to fifty pairs; an empty value removes its pair, an empty text instead of pairs removes all."""

    def read(self, value: FormValue, path: str) -> Json:
        if value == "":
            return ""
        if not isinstance(value, dict):
            raise StripeError("Invalid hash", param=path)
        pairs: Document = {}
        for name, content in value.items():
            if len(name) > 40:
                raise StripeError("Metadata keys can have up to 40 characters", param=path)
            pairs[name] = Text(500).read(content, f"{path}[{name}]")
        if len(pairs) > 50:
            raise StripeError("Metadata can have up to 50 keys", param=path)
        return pairs


@dataclass(frozen=True, slots=True)
class Free:
    """A hash of anything: only the sandbox's own switches take one."""

    def read(self, value: FormValue, path: str) -> Json:
        if not isinstance(value, dict):
            raise StripeError("Invalid hash", param=path)
        return {name: _plain(child) for name, child in value.items()}


def _plain(value: FormValue) -> Json:
    match value:
        case dict():
            return {name: _plain(child) for name, child in value.items()}
        case list():
            return [_plain(child) for child in value]
        case "true" | "false":
            return value == "true"
        case _:
            return int(value) if value.lstrip("-").isdigit() else value


@dataclass(frozen=True, slots=True)
class Nested:
    """A hash with a shape of its own."""

    shape: "Shape"

    def read(self, value: FormValue, path: str) -> Json:
        if not isinstance(value, dict):
            raise StripeError("Invalid hash", param=path)
        return self.shape.read(value, path)


@dataclass(frozen=True, slots=True)
class Shape:
    """The parameters of a call. `expand` is always among them."""

    optional: Mapping[str, Kind] = field(default_factory=dict)
    required: Mapping[str, Kind] = field(default_factory=dict)

    def read(self, form: Form, path: str = "") -> Document:
        known = {**self.optional, **self.required}
        values: Document = {}
        for name, value in form.items():
            full = f"{path}[{name}]" if path else name
            kind = known.get(name) or (Texts() if name == "expand" and not path else None)
            if kind is None:
                raise StripeError(f"Received unknown parameter: {full}", code="parameter_unknown", param=full)
            values[name] = kind.read(value, full)
        for name in self.required:
            if values.get(name) in (None, ""):
                full = f"{path}[{name}]" if path else name
                raise StripeError(f"Missing required param: {full}.", code="parameter_missing", param=full)
        return values


class Params:
    """Values that passed their shape, read back by type."""

    def __init__(self, values: Document) -> None:
        self._values = values

    def has(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str) -> str:
        return str(self._values[name])

    def maybe_text(self, name: str) -> str | None:
        """An empty text counts as not given: it is how Stripe unsets a field."""
        value = self._values.get(name)
        return value if isinstance(value, str) and value else None

    def text_or(self, name: str, current: str | None) -> str | None:
        """The text after an update: what was given, nothing where an empty text was given, else what was there."""
        return self.maybe_text(name) if self.has(name) else current

    def maybe_integer(self, name: str) -> int | None:
        value = self._values.get(name)
        return value if isinstance(value, int) else None

    def integer(self, name: str, default: int) -> int:
        value = self.maybe_integer(name)
        return default if value is None else value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self._values.get(name)
        return value if isinstance(value, bool) else default

    def texts(self, name: str) -> list[str]:
        value = self._values.get(name)
        return [str(item) for item in value] if isinstance(value, list) else []

    def nested(self, name: str) -> Document:
        value = self._values.get(name)
        return value if isinstance(value, dict) else {}

    def metadata(self, current: Mapping[str, str] | None = None) -> dict[str, str]:
        """What the metadata is once these parameters are applied."""
        given = self._values.get("metadata")
        if given == "":
            return {}
        merged = dict(current or {})
        for name, value in (given if isinstance(given, dict) else {}).items():
            if value == "":
                merged.pop(name, None)
            else:
                merged[name] = str(value)
        return merged
