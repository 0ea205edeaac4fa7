"""The processor behind Stripe's SDK."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.adapters.stripe.calling import ANSWER_SECONDS
from server.adapters.stripe.changing import Changing
from server.adapters.stripe.port import PaymentProcessor
from server.adapters.stripe.reading import Reading
from server.adapters.stripe.searching import Searching


class StripeProcessor(Changing, Reading, Searching):
    """Every call of the port. It belongs to the event loop that it was first used on."""


@asynccontextmanager
async def connect(
    api_key: str, *, api_base: str = "", answer_seconds: float = ANSWER_SECONDS
) -> AsyncIterator[PaymentProcessor]:
    """The processor for the block; without `api_base` it is Stripe itself."""
    processor = StripeProcessor(api_key, api_base=api_base, answer_seconds=answer_seconds)
    try:
        yield processor
    finally:
        await processor.close()
