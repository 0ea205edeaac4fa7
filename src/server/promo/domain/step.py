"""One step in the life of an advertiser, a payment, a withdrawal or a claim."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Step:
    """What happened; its sequence is the version that it made. Nobody's own doing has no actor."""

    subject_id: str
    sequence: int
    event: StrEnum
    from_status: StrEnum | None
    to_status: StrEnum
    actor_user_id: str | None
    created_at: datetime
