"""Keyset pages and the tokens that continue them.

A token binds the position to the caller, the method and the filter, so that a page can be continued by nobody else and
for nothing else. It is base64url of: version, key id, time of issue, position, MAC.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from server.core.clock import Clock
from server.core.errors import PageTokenInvalid

VERSION = 1
LIFETIME = timedelta(hours=24)
DEFAULT_SIZE = 50
LARGEST_SIZE = 200
Item = TypeVar("Item")
_MAC_BYTES = 16


def page_size(asked: int) -> int:
    """0 means the default; more than the largest means the largest."""
    return min(asked, LARGEST_SIZE) if asked > 0 else DEFAULT_SIZE


@dataclass(frozen=True, slots=True)
class Listing:
    """What is being paged through: the method, by whom, and with which filter."""

    method: str
    principal: str
    filters: Mapping[str, object]

    def digest(self) -> bytes:
        text = json.dumps([self.method, self.principal, self.filters], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).digest()


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items, and the token for the next ones; empty where there are none."""

    items: list[Item]
    next_token: str


class PageTokens:
    """Issues and checks tokens. The first key signs; the others, still in circulation, only verify."""

    def __init__(self, keys: Mapping[int, bytes], clock: Clock) -> None:
        if not keys:
            raise ValueError("at least one page token key is needed")
        self._keys = dict(keys)
        self._signing_key = next(iter(self._keys))
        self._clock = clock

    def issue(self, listing: Listing, position: Sequence[str]) -> str:
        """A token that continues the listing after that position."""
        issued_at = int(self._clock.now().timestamp())
        body = json.dumps([VERSION, self._signing_key, issued_at, *position], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._mac(self._signing_key, listing, body) + body).rstrip(b"=").decode()

    def position(self, listing: Listing, token: str, length: int) -> tuple[str, ...] | None:
        """Where to go on; None for an empty token. Anything but a token of this listing is PAGE_TOKEN_INVALID."""
        if not token:
            return None
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
            version, key_id, issued_at, *position = json.loads(body)
        except (ValueError, TypeError, RecursionError):
            raise PageTokenInvalid from None
        if version != VERSION or not isinstance(key_id, int) or key_id not in self._keys:
            raise PageTokenInvalid
        if not hmac.compare_digest(mac, self._mac(key_id, listing, body)):
            raise PageTokenInvalid
        if datetime.fromtimestamp(issued_at, UTC) + LIFETIME < self._clock.now() or len(position) != length:
            raise PageTokenInvalid
        return tuple(position)

    def page(
        self, listing: Listing, found: Sequence[Item], size: int, key: Callable[[Item], Sequence[str]]
    ) -> Page[Item]:
        """The first `size` of what was found; whoever asks for one more than that learns whether there is a next
        page.
        """
        items = list(found[:size])
        more = len(found) > size
        return Page(items, self.issue(listing, key(items[-1])) if more else "")

    def _mac(self, key_id: int, listing: Listing, body: bytes) -> bytes:
        return hmac.digest(self._keys[key_id], listing.digest() + body, "sha256")[:_MAC_BYTES]
