"""Identifiers: a prefix that says what a thing is, and a UUIDv7 in base32 that says when it was made.

`ord_01jd3x…` sorts by time, so inserts append to their index and a range of ids is a range of time. The text after the
prefix is the 26 characters of a TypeID.
"""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from server.core.clock import Clock

ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
SUFFIX_LENGTH: Final = 26
_DIGITS: Final = bytes(
    b"0123456789abcdefghijklmnopqrstuv"[ALPHABET.index(chr(code))] if chr(code) in ALPHABET else ord("!")
    for code in range(256)
)
"""Our digits as those that `int` reads, and everything else as what it refuses."""
_TIME_DIGITS: Final = 10
_OF_VERSION_7: Final = ALPHABET[0b01110:0b10000]
_PAIRS: Final = [high + low for high in ALPHABET for low in ALPHABET]
_SHIFTS: Final = range(120, -1, -10)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Ids(Protocol):
    """Makes identifiers that were never made before."""

    def new(self, prefix: str) -> str: ...


class SystemIds:
    """Identifiers from the clock and the operating system's randomness."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def new(self, prefix: str) -> str:
        return f"{prefix}_{encode(uuid7(self._clock.now(), secrets.randbits(74)))}"


class SequentialIds:
    """Identifiers that a test can foresee in order: same clock, counted instead of random."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._count = 0

    def new(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}_{encode(uuid7(self._clock.now(), self._count))}"


def uuid7(at: datetime, random_bits: int) -> UUID:
    """A UUIDv7 of that millisecond; `random_bits` are the 74 bits that the format leaves free."""
    milliseconds = (at - _EPOCH) // timedelta(milliseconds=1)
    high, low = random_bits >> 62 & 0xFFF, random_bits & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def encode(value: UUID) -> str:
    """128 bits as 26 characters of base32, five bits each, the first holding the upper three."""
    return encode_number(value.int)


def encode_number(number: int) -> str:
    """The same, of a number below 2**128."""
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])


def decode(suffix: str) -> UUID:
    """The UUID behind 26 characters; ValueError where they are not such a text."""
    return UUID(int=number_of(suffix))


def number_of(suffix: str) -> int:
    """The 128 bits behind 26 characters; ValueError where they are not such a text."""
    if len(suffix) != SUFFIX_LENGTH or suffix[0] > "7" or not suffix.isascii():
        raise ValueError("not the base32 text of a UUID")
    try:
        return int(suffix.encode().translate(_DIGITS), 32)
    except ValueError:
        raise ValueError("not the base32 text of a UUID") from None


def milliseconds_of(suffix: str) -> int | None:
    """The millisecond since 1970 in 26 characters that are such a text; None where it is of no UUIDv7. It costs less
    than the whole number: the first ten characters are the time, and the next begins with the version.
    """
    if suffix[_TIME_DIGITS] not in _OF_VERSION_7:
        return None
    return int(suffix[:_TIME_DIGITS].encode().translate(_DIGITS), 32)


def id_time(identifier: str) -> datetime:
    """The millisecond an identifier of ours was made; ValueError where it carries none."""
    uuid = decode(identifier.rpartition("_")[2])
    if uuid.version != 7:
        raise ValueError("carries no time")
    return _EPOCH + timedelta(milliseconds=uuid.int >> 80)


def first_of(prefix: str, at: datetime) -> str:
    """The smallest identifier of that kind and millisecond: ranges of identifiers are ranges of time."""
    return f"{prefix}_{encode(uuid7(at, 0))}"


def is_id(prefix: str, text: str) -> bool:
    """Whether a text is an identifier of that kind, as opposed to something a stranger made up."""
    head, _, suffix = text.rpartition("_")
    if head != prefix:
        return False
    try:
        decode(suffix)
    except ValueError:
        return False
    return True
