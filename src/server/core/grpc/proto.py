"""Small translations between protobuf and Python that every slice needs."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from google.protobuf.timestamp_pb2 import Timestamp

from server.core.errors import FieldInvalid, Violation

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ProtoEnum(Protocol):
    """A generated enum, as far as its names and numbers go."""

    def items(self) -> Iterable[tuple[str, int]]: ...


Member = TypeVar("Member", bound=StrEnum)
Number = TypeVar("Number", bound=int)


class EnumMap(Generic[Member, Number]):
    """A StrEnum and its proto enum, matched by name: `PREFIX_NAME` is the member whose value is `name`.

    Building one fails where either side has a value that the other has not, so a mapping is total or there is none. The
    unspecified number stands for no member, or for the default where one is given.
    """

    def __init__(
        self, proto: ProtoEnum, members: type[Member], prefix: str, number: type[Number], default: Member | None = None
    ) -> None:
        by_name = {member.value.upper(): member for member in members}
        numbers = {name.removeprefix(prefix): value for name, value in proto.items()}
        unspecified = numbers.pop("UNSPECIFIED")
        if numbers.keys() != by_name.keys():
            raise ValueError(f"{members.__name__} and its proto enum differ: {numbers.keys() ^ by_name.keys()}")
        self._numbers: dict[Member, Number] = {by_name[name]: number(value) for name, value in numbers.items()}
        self._members: dict[int, Member] = {value: by_name[name] for name, value in numbers.items()}
        if default is not None:
            self._members[unspecified] = default

    def number(self, member: Member) -> Number:
        return self._numbers[member]

    def member(self, number: int) -> Member:
        """The member behind a number; validation has refused numbers that have none."""
        return self._members[number]


def instant(message: Timestamp, field: str) -> datetime:
    """A timestamp as an instant in UTC; one outside the years that PostgreSQL and Python share breaks the field's
    rule.
    """
    try:
        return message.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise FieldInvalid(Violation(field, "must be between the years 1 and 9999")) from None


def timestamp(at: datetime) -> Timestamp:
    """An instant as a timestamp. By arithmetic, because an answer may carry a thousand of them."""
    since = at - _EPOCH
    return Timestamp(seconds=since.days * 86_400 + since.seconds, nanos=since.microseconds * 1000)
