"""How personal data is kept: encrypted to be read again, hashed with a key to be compared."""

import hmac
import os
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_VERSION = b"\x01"


class Sealed:
    """AES-256-GCM with a random nonce. The owner's id is authenticated with the text, so that a ciphertext moved to
    another row does not open there.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, text: str, owner: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, text.encode(), owner.encode())

    def open(self, sealed: bytes, owner: str) -> str:
        """The text; ValueError where it was sealed with another key, for another owner, or was changed."""
        body = sealed[len(_VERSION) :]
        try:
            return self._cipher.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], owner.encode()).decode()
        except InvalidTag as error:
            raise ValueError("does not open with this key for this owner") from error


class KeyedHash:
    """Equal texts give equal hashes, and nobody without the pepper can try texts."""

    def __init__(self, pepper: bytes) -> None:
        self._pepper = pepper

    def of(self, purpose: str, text: str) -> bytes:
        """The purpose keeps hashes of different kinds apart."""
        return hmac.digest(self._pepper, f"{purpose}\x00{text}".encode(), "sha256")


def normal_email(email: str) -> str:
    """The form in which two spellings of one address are equal: composed characters, no outer space, lower case."""
    return unicodedata.normalize("NFC", email).strip().lower()


_IGNORES_DOTS = frozenset({"gmail.com", "googlemail.com"})
_SAME_HOUSE = {"googlemail.com": "gmail.com"}


def one_mailbox(email: str) -> str:
    """The form in which two addresses of one mailbox are equal: without a tag after a plus, and without dots where the
    provider ignores them. Elsewhere a dot makes another person.
    """
    local, _, domain = normal_email(email).rpartition("@")
    local = local.partition("+")[0]
    if domain in _IGNORES_DOTS:
        local = local.replace(".", "")
    return f"{local}@{_SAME_HOUSE.get(domain, domain)}"
