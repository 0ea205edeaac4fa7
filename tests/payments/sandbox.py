"""A sandbox in this test's event loop, its switches, and the adapter pointed at it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import aiohttp

from devstack.stripe_sandbox.app import Options, serving
from server.adapters.stripe import objects, requests
from server.adapters.stripe.client import StripeProcessor
from server.core.clock import Clock

API_KEY = "sk_test_sandbox"


@dataclass(frozen=True, slots=True)
class Switches:
    """What no call of the API can do: the cardholder's, the bank's and the network's side."""

    address: str
    session: aiohttp.ClientSession

    async def post(self, path: str, /, **body: object) -> Mapping[str, Any]:
        async with self.session.post(f"{self.address}/_sandbox/{path}", json=body) as response:
            answer: Mapping[str, Any] = await response.json()
            assert response.status == 200, answer
            return answer

    async def get(self, path: str) -> Mapping[str, Any]:
        async with self.session.get(f"{self.address}/_sandbox/{path}") as response:
            answer: Mapping[str, Any] = await response.json()
            return answer

    async def fault(self, fault: str, path: str, *, method: str = "POST", times: int = 1, skip: int = 0) -> None:
        await self.post("faults", fault=fault, method=method, path=path, times=times, skip=skip)

    async def ledger(self) -> Mapping[str, Any]:
        accounts: Mapping[str, Any] = (await self.get("ledger"))["accounts"]
        return accounts

    async def movements(self, account: str = "platform") -> list[tuple[str, int]]:
        """Kind and amount of every movement of one account, the oldest first."""
        posted = (await self.ledger()).get(account, {"balance_transactions": []})["balance_transactions"]
        return [(one["type"], one["amount"]) for one in posted]


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox with everything a test needs to use it."""

    address: str
    processor: StripeProcessor
    switches: Switches

    async def raw(
        self, method: str, path: str, form: str = "", *, key: str | None = None, api_key: str = API_KEY
    ) -> tuple[int, Mapping[str, Any], Mapping[str, str]]:
        """A request past the SDK: status, document and headers."""
        headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/x-www-form-urlencoded"}
        if key is not None:
            headers["Idempotency-Key"] = key
        async with self.switches.session.request(
            method, f"{self.address}{path}", data=form, headers=headers
        ) as response:
            return response.status, await response.json(), response.headers


@asynccontextmanager
async def running_sandbox(
    *, answer_seconds: float = 10.0, clock: Clock | None = None, **options: str
) -> AsyncIterator[Sandbox]:
    async with serving(Options(**options), clock) as address, aiohttp.ClientSession() as session:  # type: ignore[arg-type]  # texts only
        processor = StripeProcessor(API_KEY, api_base=address, answer_seconds=answer_seconds)
        try:
            yield Sandbox(address, processor, Switches(address, session))
        finally:
            await processor.close()


class Keys:
    """Idempotency keys that no other call of the test has."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def __call__(self) -> str:
        return f"test:{next(self._numbers)}"


async def paid(
    processor: StripeProcessor, key: str, amount_cents: int = 10_000, *, card: str = "pm_card_visa", **more: Any
) -> tuple[objects.PaymentIntent, objects.Charge]:
    """A payment made with a test card, and its charge."""
    request = requests.CreatePaymentIntent(
        amount_cents=amount_cents, currency="usd", payment_method_id=card, confirm=True, **more
    )
    intent = await processor.create_payment_intent(request, key=key)
    assert intent.latest_charge is not None
    return intent, intent.latest_charge


async def payable(sandbox: Sandbox, key: str) -> objects.Account:
    """A connected account that went through onboarding."""
    account = await sandbox.processor.create_account(requests.CreateAccount(country="US"), key=key)
    await sandbox.switches.post(f"accounts/{account.id}/onboard")
    return await sandbox.processor.account(account.id)
