"""Whether a file is what it was promised to be. Pure: it decides about a sample that somebody else took.

The name of a type proves nothing. A file must begin and end as its type does, so that nothing hangs behind it, and must
not be an archive at the same time: a reader of archives looks at the end of a file and finds what a viewer never shows.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

LONGEST = 25 * 1024 * 1024
_END_OF_ARCHIVE = b"PK\x05\x06"
_SPACE = b" \t\r\n\x00"


class Mime(StrEnum):
    """What may be evidence: pictures, documents and text that open without running anything."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    PDF = "application/pdf"
    TEXT = "text/plain"


class Bytes(Protocol):
    """What was measured of a file."""

    @property
    def length(self) -> int: ...
    @property
    def sha256(self) -> bytes: ...
    @property
    def head(self) -> bytes: ...
    @property
    def tail(self) -> bytes: ...
    @property
    def is_text(self) -> bool: ...


def problem_with(found: Bytes, mime: Mime, length: int, sha256: bytes) -> str | None:
    """What is wrong with a file that was promised to be that; None where nothing is."""
    if found.length != length:
        return "has another length than was promised"
    if found.sha256 != sha256:
        return "has another SHA-256 than was promised"
    if not _SHAPES[mime](found):
        return f"is not {mime} by its content"
    if _END_OF_ARCHIVE in found.tail:
        return "is an archive too"
    return None


def _is_jpeg(found: Bytes) -> bool:
    return found.head.startswith(b"\xff\xd8\xff") and found.tail.endswith(b"\xff\xd9")


def _is_png(found: Bytes) -> bool:
    return found.head.startswith(b"\x89PNG\r\n\x1a\n") and found.tail.endswith(b"IEND\xaeB`\x82")


def _is_webp(found: Bytes) -> bool:
    head = found.head
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP" and int.from_bytes(head[4:8], "little") + 8 == found.length


def _is_pdf(found: Bytes) -> bool:
    return found.head.startswith(b"%PDF-") and found.tail.rstrip(_SPACE).endswith(b"%%EOF")


def _is_text(found: Bytes) -> bool:
    return found.is_text


_SHAPES: Mapping[Mime, Callable[[Bytes], bool]] = MappingProxyType(
    {Mime.JPEG: _is_jpeg, Mime.PNG: _is_png, Mime.WEBP: _is_webp, Mime.PDF: _is_pdf, Mime.TEXT: _is_text}
)
