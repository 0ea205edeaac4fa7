"""Object storage as the rest of the server knows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Upload:
    """Exactly what may be uploaded; anything else does not match the link's signature."""

    key: str
    mime: str
    length: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class UploadLink:
    """Where to PUT the bytes, and the headers that go with them."""

    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sample:
    """What was found in an object: measured from its bytes, not taken from anybody's word."""

    version_id: str
    length: int
    sha256: bytes
    head: bytes
    tail: bytes
    is_text: bool


class ObjectStorage(Protocol):
    """Every call raises DependencyDown where the storage does not answer."""

    async def upload_link(self, upload: Upload, lifetime: timedelta) -> UploadLink: ...
    async def download_link(self, key: str, version_id: str, file_name: str, mime: str, lifetime: timedelta) -> str: ...

    async def sample(self, key: str, longest: int) -> Sample | None:
        """Reads an object, at most that many bytes and one; None where there is none."""
        ...

    async def copy_locked(
        self, source: str, source_version: str, target: str, *, until: datetime, legal_hold: bool
    ) -> str:
        """Copies a version to where nobody can change or delete it until then; gives the copy's version.

        A copy that is there already is the one, and gets the hold: whoever died after making it is not to leave two.
        """
        ...

    async def hold(self, key: str, version_id: str, *, on: bool) -> None:
        """Sets or lifts the legal hold of a version."""
        ...

    async def delete(self, key: str) -> None:
        """Removes an object that is not locked, and every version of it; none is fine too."""
        ...
