"""The token that ends a kind of mail: whoever has the mail may show it, and nobody can make one up."""

import base64
import hmac

from server.core.secrecy import KeyedHash
from server.growth.errors import UnsubscribeTokenInvalid
from server.growth.notifications.domain import Subscription

_MAC_BYTES = 16


class UnsubscribeTokens:
    """Issues and reads tokens. They do not expire: a mail is opened years later."""

    def __init__(self, hashes: KeyedHash) -> None:
        self._hashes = hashes

    def issue(self, subscription: Subscription) -> str:
        body = f"{subscription.topic}:{subscription.user_id}"
        return base64.urlsafe_b64encode(self._mac(body) + body.encode()).rstrip(b"=").decode()

    def read(self, token: str) -> Subscription:
        """What a token ends; UnsubscribeTokenInvalid where it is not one of ours."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            body = raw[_MAC_BYTES:].decode()
        except ValueError:
            raise UnsubscribeTokenInvalid from None
        topic, _, user_id = body.partition(":")
        if not hmac.compare_digest(raw[:_MAC_BYTES], self._mac(body)):
            raise UnsubscribeTokenInvalid
        return Subscription(user_id, topic)

    def _mac(self, body: str) -> bytes:
        return self._hashes.of("unsubscribe", body)[:_MAC_BYTES]
