"""Impression tokens: what was shown, to whom, where and at which price, signed by whoever showed it.

A token travels to the viewer's device and comes back with the impression and the click. It binds campaign, impression,
listing, slot, price, surface, role, city, query, viewer, how often the viewer was served today, and the time of issue,
so that nothing has to be looked up to know what a click costs, and nothing of it can be changed or used elsewhere.

Its text is base64url without padding of

    version (1) · key id (1) · issue time (8), price (4), slot (2), served today (2), surface (1)
    · campaign, impression, viewer, listing, role, city, query hash as lines of UTF-8
    · the first 16 bytes of HMAC-SHA256 over all of that

Reading one costs four microseconds, of which the MAC is one; ids stand there as text, since turning 128 bits into text
would cost as much again.

The first key signs and every key verifies. A key has to stay for as long as events may name tokens that it signed:
seven days, which is how old an event may be.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from struct import Struct
from types import MappingProxyType
from typing import NamedTuple

from server.core.ids import is_id
from server.promo.domain.campaign import Surface

VERSION = 1
LIFETIME_MS = 2 * 60 * 60 * 1000
CLOCKS_APART_MS = 60 * 1000
"""Servers' clocks may differ: a token from a little later than now is one of a server that is ahead."""

KEY_BYTES = 32
LARGEST_PRICE_CENTS = 2**31 - 1
LARGEST_TEXT = 200
LONGEST_TOKEN = 1500

CAMPAIGN = "pcmp"
IMPRESSION = "pimp"

_MAC_BYTES = 16
_BLOCK_BYTES = 64
_HEAD = Struct(">BBQIHHB")
_SEPARATOR = "\n"
_LARGEST_COUNT = 2**16 - 1
_SURFACES: Mapping[Surface, int] = MappingProxyType({Surface.PEOPLE_SEARCH: 1, Surface.STUDIO_SEARCH: 2})
_BY_CODE = MappingProxyType({code: surface for surface, code in _SURFACES.items()})
_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")
"""The digits of base64url as those of base64, and what only base64 has as none."""


class TokenState(StrEnum):
    """What an event's token turned out to be. Only a valid one can be charged for."""

    VALID = "valid"
    MISSING = "missing"
    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown_key"
    FORGED = "forged"
    FOREIGN = "foreign"
    """Signed by us, for another campaign or another impression."""
    EXPIRED = "expired"
    """Signed by us more than two hours before its event was received, or after it."""


class ImpressionToken(NamedTuple):
    """What a token says. A tuple, because one is made for each event that comes in."""

    issued_at_ms: int
    price_cents: int
    slot: int
    served_today: int
    surface: Surface
    campaign_id: str
    impression_id: str
    viewer_hash: str
    """As `ViewerHashes.viewer` makes it; empty where nothing is known of the viewer."""
    listing_id: str
    role: str
    city: str
    query_hash: str


class Checked(NamedTuple):
    """A token's state, and what it says where that was signed by us."""

    state: TokenState
    token: ImpressionToken | None


_MISSING = Checked(TokenState.MISSING, None)
_MALFORMED = Checked(TokenState.MALFORMED, None)
_UNKNOWN_KEY = Checked(TokenState.UNKNOWN_KEY, None)
_FORGED = Checked(TokenState.FORGED, None)


class TokenKeys:
    """The keys by their ids, 1 to 255; the first signs."""

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        if not keys:
            raise ValueError("at least one key is needed")
        if any(not 1 <= key_id <= 255 for key_id in keys):
            raise ValueError("ids of keys are 1 to 255")
        if any(len(key) < KEY_BYTES for key in keys.values()):
            raise ValueError(f"a key has at least {KEY_BYTES} bytes")
        self.by_id = MappingProxyType(dict(keys))
        self.signing_id = next(iter(keys))

    @classmethod
    def parse(cls, text: str) -> "TokenKeys":
        """`2:<base64>,1:<base64>`; ValueError says what is wrong with it, and never what it is."""
        keys: dict[int, bytes] = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            number, _, encoded = part.partition(":")
            if not (number.isascii() and number.isdigit()):
                raise ValueError("each key is written as its number, a colon, and its bytes in base64")
            try:
                key = base64.b64decode(encoded, altchars=b"-_", validate=True)
            except binascii.Error:
                raise ValueError(f"key {number} is not base64") from None
            if keys.setdefault(int(number), key) is not key:
                raise ValueError(f"key {number} stands there twice")
        return cls(keys)


class _Mac:
    """The MACs of one key: HMAC-SHA256 as RFC 2104 writes it, begun once. Both of its hashes start with a block that is
    the key's alone; going on from copies of these takes half the time of `hmac.digest`, which hashes them each time.
    """

    def __init__(self, key: bytes) -> None:
        padded = (key if len(key) <= _BLOCK_BYTES else sha256(key).digest()).ljust(_BLOCK_BYTES, b"\0")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in padded))

    def of(self, body: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(body)
        outer.update(inner.digest())
        return outer.digest()[:_MAC_BYTES]


class TokenSigner:
    """Issues tokens with the first of the keys."""

    def __init__(self, keys: TokenKeys) -> None:
        self._key_id = keys.signing_id
        self._mac = _Mac(keys.by_id[keys.signing_id])

    def sign(self, token: ImpressionToken) -> str:
        """The token's text; ValueError for what a token cannot hold."""
        texts = _texts(token)
        if any(_SEPARATOR in text or len(text) > LARGEST_TEXT for text in texts):
            raise ValueError(f"a token's texts are single lines of at most {LARGEST_TEXT} characters")
        if not is_id(CAMPAIGN, token.campaign_id) or not is_id(IMPRESSION, token.impression_id):
            raise ValueError("a token names a campaign and an impression by their ids")
        if not 0 < token.price_cents <= LARGEST_PRICE_CENTS:
            raise ValueError("a token's price is a positive amount")
        head = _HEAD.pack(
            VERSION,
            self._key_id,
            token.issued_at_ms,
            token.price_cents,
            min(token.slot, _LARGEST_COUNT),
            min(token.served_today, _LARGEST_COUNT),
            _SURFACES[token.surface],
        )
        body = head + _SEPARATOR.join(texts).encode()
        return base64.urlsafe_b64encode(body + self._mac.of(body)).rstrip(b"=").decode()


class TokenVerifier:
    """Tells what a token is. Whatever text it is given, it answers."""

    def __init__(self, keys: TokenKeys) -> None:
        self._macs = {key_id: _Mac(key) for key_id, key in keys.by_id.items()}

    def verify(self, text: str, *, campaign_id: str, impression_id: str, received_at_ms: int) -> Checked:
        """The state of the token that came with an event of that campaign and impression at that time."""
        checked = self.read(text)
        token = checked.token
        if token is None:
            return checked
        if token.campaign_id != campaign_id or token.impression_id != impression_id:
            return Checked(TokenState.FOREIGN, token)
        if not -CLOCKS_APART_MS <= received_at_ms - token.issued_at_ms <= LIFETIME_MS:
            return Checked(TokenState.EXPIRED, token)
        return checked

    def read(self, text: str) -> Checked:
        """What the token says, if one of our keys signed it; neither its age nor its event is looked at."""
        if not text:
            return _MISSING
        raw = _raw(text)
        if len(raw) < _HEAD.size + _MAC_BYTES or raw[0] != VERSION:
            return _MALFORMED
        mac = self._macs.get(raw[1])
        if mac is None:
            return _UNKNOWN_KEY
        body = raw[:-_MAC_BYTES]
        if not hmac.compare_digest(mac.of(body), raw[-_MAC_BYTES:]):
            return _FORGED
        return Checked(TokenState.VALID, _token(body))


def _raw(text: str) -> bytes:
    """The bytes behind a token's text; none where it is not base64url without padding."""
    if len(text) > LONGEST_TOKEN:
        return b""
    try:
        encoded = text.encode("ascii").translate(_STANDARD)
        return binascii.a2b_base64(encoded + b"=" * (-len(encoded) % 4), strict_mode=True)
    except ValueError:
        return b""


def _texts(token: ImpressionToken) -> tuple[str, ...]:
    return (
        token.campaign_id,
        token.impression_id,
        token.viewer_hash,
        token.listing_id,
        token.role,
        token.city,
        token.query_hash,
    )


def _token(body: bytes) -> ImpressionToken:
    _, _, issued_at_ms, price_cents, slot, served_today, surface = _HEAD.unpack_from(body)
    texts = body[_HEAD.size :].decode().split(_SEPARATOR)
    return ImpressionToken(issued_at_ms, price_cents, slot, served_today, _BY_CODE[surface], *texts)
