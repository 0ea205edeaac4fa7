"""One call through the SDK: bounded in time, under our key, its failure translated."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, TypeAlias, TypeVar

import aiohttp
import stripe
from stripe import RequestOptions

from server.adapters.stripe.documents import Document, children, flag, text
from server.adapters.stripe.failures import OutcomeUnknown
from server.adapters.stripe.translation import failure_of

Answer = TypeVar("Answer", bound=stripe.StripeObject)
Fetch: TypeAlias = Callable[[str | None], Awaitable[Document]]

ANSWER_SECONDS: Final = 20.0
CONNECT_SECONDS: Final = 5.0
PAGE: Final = 100
CLOCK_SKEW: Final = timedelta(minutes=5)


class Caller:
    """Holds the SDK's client. The SDK's own retries are off: whoever stored the call decides when to ask again."""

    def __init__(self, api_key: str, *, api_base: str = "", answer_seconds: float = ANSWER_SECONDS) -> None:
        stripe.enable_telemetry = False
        timeout = aiohttp.ClientTimeout(total=answer_seconds, sock_connect=CONNECT_SECONDS)
        self._http = stripe.AIOHTTPClient(timeout=timeout)
        self._v1 = stripe.StripeClient(
            api_key,
            base_addresses={"api": api_base.rstrip("/")} if api_base else {},
            max_network_retries=0,
            http_client=self._http,
        ).v1

    async def close(self) -> None:
        """Closes the connections; calls under way fail with an unknown outcome."""
        await self._http.close_async()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped

    @staticmethod
    def _under(key: str) -> RequestOptions:
        return {"idempotency_key": key}

    @staticmethod
    def _on(account_id: str | None) -> RequestOptions:
        return {"stripe_account": account_id} if account_id else {}

    async def _document(self, call: Awaitable[Answer]) -> Document:
        """The answer as plain data. The SDK leaves failures while the body arrives untranslated; they come here too."""
        try:
            return (await call).to_dict()
        except stripe.StripeError as error:
            raise failure_of(error) from error
        except (TimeoutError, aiohttp.ClientError) as error:
            raise OutcomeUnknown("no_answer", type(error).__name__) from error

    @staticmethod
    async def _every(fetch: Fetch) -> AsyncIterator[Document]:
        """All entries of a list, page after page."""
        after: str | None = None
        while True:
            page = await fetch(after)
            entries = children(page, "data")
            for entry in entries:
                yield entry
            if not entries or not flag(page, "has_more"):
                return
            after = text(entries[-1], "id")

    @staticmethod
    def _from(since: datetime) -> int:
        """The earliest creation to look at: clocks differ a little."""
        return int((since - CLOCK_SKEW).timestamp())
