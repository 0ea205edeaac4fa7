"""What other slices may ask of the directory inside their transaction."""

from typing import Protocol

from server.core.db import Tx
from server.directory.domain import UserProfile


class People(Protocol):
    """Reads people; begins and commits nothing."""

    async def get(self, tx: Tx, user_id: str) -> UserProfile | None: ...


class Addresses(Protocol):
    """Opens addresses, for whoever hands mail to a mail server and for nobody else."""

    async def email(self, tx: Tx, user_id: str) -> str:
        """The address; NotFound where there is no such person, or not any more."""
        ...


class Forgets(Protocol):
    """Keeps something about people that no column of the register names, and lets go of it when they are erased."""

    async def forget(self, tx: Tx, user_id: str) -> None: ...


class Mailboxes(Protocol):
    """Tells mailboxes apart without telling what they are."""

    def mailbox_hash(self, email: str) -> bytes:
        """Equal for two addresses of one mailbox, and for nobody else to compute."""
        ...

    async def mailbox_of(self, tx: Tx, user_id: str) -> bytes:
        """The same of a person's own address; NotFound where there is no such person, or not any more."""
        ...
