"""What is known of a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.core.clock import is_zone
from server.core.errors import FieldInvalid, Violation


class UserKind(StrEnum):
    """A side of the marketplace."""

    BUYER = "buyer"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class UserUpsert:
    """A profile as the account system knows it."""

    user_id: str
    email: str
    kinds: frozenset[UserKind]
    time_zone: str
    locale: str
    nsfw_preference: int


@dataclass(frozen=True, slots=True)
class UserProfile:
    """A profile as the slices may know it."""

    user_id: str
    kinds: frozenset[UserKind]
    time_zone: str
    locale: str
    nsfw_preference: int
    erased: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ExportSection:
    """What one table holds about a person."""

    name: str
    rows: Sequence[Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Export:
    """Everything that is stored about a person, of one snapshot."""

    user_id: str
    exported_at: datetime
    sections: Sequence[ExportSection]


def check_batch(users: Sequence[UserUpsert]) -> None:
    """What the proto's rules cannot say: zones exist, and each user is named once."""
    violations = [
        Violation(f"users[{index}].time_zone", "must be an IANA zone, such as Europe/Berlin")
        for index, user in enumerate(users)
        if not is_zone(user.time_zone)
    ]
    seen: set[str] = set()
    for index, user in enumerate(users):
        if user.user_id in seen:
            violations.append(Violation(f"users[{index}].user_id", "must not be named twice"))
        seen.add(user.user_id)
    if violations:
        raise FieldInvalid(*violations)
