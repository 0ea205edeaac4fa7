"""Who moves orders."""

from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """Which party of an order somebody is."""

    BUYER = "buyer"
    PROVIDER = "provider"

    @property
    def other(self) -> "Side":
        return Side.PROVIDER if self is Side.BUYER else Side.BUYER


class ActorKind(StrEnum):
    """In which capacity somebody moved an order."""

    BUYER = "buyer"
    PROVIDER = "provider"
    AGENT = "agent"
    FINANCE = "finance"
    ADMIN = "admin"
    SERVICE = "service"
    SYSTEM = "system"
    PROCESSOR = "processor"


@dataclass(frozen=True, slots=True)
class By:
    """Who moved an order: a party, somebody of the staff, the processor, or the system on nobody's behalf."""

    kind: ActorKind
    user_id: str | None = None

    @staticmethod
    def side(side: Side, user_id: str) -> "By":
        """A party."""
        return By(ActorKind(side.value), user_id)


SYSTEM = By(ActorKind.SYSTEM)
PROCESSOR = By(ActorKind.PROCESSOR)
