"""What is kept of a viewer: hashes with a key, so that equal ones can be told and nobody can try addresses.

A hash is 96 bits as 16 characters of base64url. The key is derived from the pepper for this use alone.
"""

import base64
import hmac
from hashlib import blake2b
from ipaddress import IPv4Address, IPv6Address

HASH_LENGTH = 16
_HASH_BYTES = 12
_PURPOSE = b"promo.viewers"
_KINDS = (b"user", b"device", b"agent", b"address", b"network")
_V4_NETWORK_BITS = 8
_V6_NETWORK_BITS = 64


class ViewerHashes:
    """Hashes of viewers, devices, agents and addresses. The kind is part of what is hashed, so that hashes of different
    kinds never meet. Each kind's hash is begun once: to go on from a copy saves a third of the time.
    """

    def __init__(self, pepper: bytes) -> None:
        key = hmac.digest(pepper, _PURPOSE, "sha256")
        self._begun = {kind: blake2b(digest_size=_HASH_BYTES, key=key, person=kind) for kind in _KINDS}

    def viewer(self, user_id: str, device: str) -> str:
        """Who looks: the person where there is one, else their device; empty where neither is known."""
        if user_id:
            return self._of(b"user", user_id)
        return self.device(device)

    def device(self, fingerprint: str) -> str:
        """The device as the client recognises it; empty where it does not."""
        return self._of(b"device", fingerprint) if fingerprint else ""

    def agent(self, user_agent: str) -> str:
        return self._of(b"agent", user_agent)

    def address(self, address: IPv4Address | IPv6Address) -> str:
        return self._of(b"address", str(address))

    def network(self, address: IPv4Address | IPv6Address) -> str:
        """The /24 or /64 that an address is in: who changes addresses seldom changes that."""
        bits = _V4_NETWORK_BITS if isinstance(address, IPv4Address) else _V6_NETWORK_BITS
        return self._of(b"network", f"{address.version}:{int(address) >> bits}")

    def _of(self, kind: bytes, text: str) -> str:
        digest = self._begun[kind].copy()
        digest.update(text.encode())
        return base64.urlsafe_b64encode(digest.digest()).decode()
