"""Budgets on a server, or on a cluster, that speaks the Redis protocol.

Three keys belong to a campaign and lie in one hash slot: a hash of where its view stands and what was spent, a hash of
the claims that are not settled, and their offsets. Scripts change them together. They expire after eight days without a
click; then the campaign is loaded again.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from typing import TypeAlias, cast

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisClusterException, RedisError

from server.adapters.budgets.errors import BudgetsDown
from server.adapters.budgets.port import Answer, Claim, Claimed, HeldClaim, Limits, Outcome, Spent, Step, View

CONNECTIONS = 16
CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 5.0
DAYS_KEPT = timedelta(days=7)
"""No click falls on an older budget day: its token expired long ago."""

_ANSWERS = (Answer.CLAIMED, Answer.FENCED, Answer.UNKNOWN, Answer.OLDER, Answer.UNEXPECTED)
_OUTCOMES = (
    Outcome.CHARGED,
    Outcome.CAP_DAILY,
    Outcome.CAP_TOTAL,
    Outcome.NO_BALANCE,
    Outcome.CHARGED_BEFORE,
)

_Argument: TypeAlias = str | int
_Hash: TypeAlias = "Awaitable[dict[bytes, bytes]]"
_Anything: TypeAlias = "Awaitable[object]"
_Client: TypeAlias = "Redis | RedisCluster"


@dataclass(frozen=True, slots=True)
class _Script:
    """A script's text, and the name under which a server knows it once it has run."""

    text: str
    sha: str

    @classmethod
    def named(cls, name: str) -> "_Script":
        text = resources.files("server.adapters.budgets").joinpath(name).read_text(encoding="utf-8")
        return cls(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


@dataclass(frozen=True, slots=True)
class _Call:
    """One run of a script for one campaign."""

    campaign_id: str
    arguments: tuple[_Argument, ...]


class ValkeyBudgets:
    """`Budgets` on one server or on a cluster."""

    def __init__(self, client: _Client) -> None:
        self._client = client
        self._claim = _Script.named("claim.lua")
        self._load = _Script.named("load.lua")
        self._release = _Script.named("release.lua")
        self._at_once = asyncio.Semaphore(CONNECTIONS)

    async def claim(self, claims: Sequence[tuple[Claim, Step]], *, settled: int) -> Sequence[Claimed]:
        answers = await self._run(self._claim, [_claim_call(claim, step, settled) for claim, step in claims])
        return [
            Claimed(claim.campaign_id, _ANSWERS[codes[0]], tuple(_OUTCOMES[code] for code in codes[1:]))
            for (claim, _), codes in zip(claims, cast("list[list[int]]", answers), strict=True)
        ]

    async def load(self, spent: Spent, at: Step) -> bool:
        days = [part for day, cents in spent.by_day.items() for part in (day.isoformat(), cents)]
        arguments = (at.fence, at.sequence, spent.total_cents, *days)
        (answer,) = await self._run(self._load, [_Call(spent.campaign_id, arguments)])
        return answer == 1

    async def views(self, campaign_ids: Sequence[str]) -> Mapping[str, View]:
        with _failures():
            await self._know_the_slots()
            found = await asyncio.gather(*(self._hash(_keys(campaign)[0]) for campaign in campaign_ids))
        pairs = zip(campaign_ids, found, strict=True)
        return {campaign: _view(campaign, fields) for campaign, fields in pairs if fields}

    async def held(self, campaign_id: str) -> Sequence[HeldClaim]:
        with _failures():
            await self._know_the_slots()
            found = await self._hash(_keys(campaign_id)[1])
        claims = [_held(key.decode(), value.decode()) for key, value in found.items()]
        return sorted(claims, key=lambda claim: (claim.offset, claim.row))

    async def release(self, campaign_id: str, claim: HeldClaim) -> bool:
        arguments = (claim.key, _listed(claim), claim.price_cents, claim.budget_day.isoformat())
        (answer,) = await self._run(self._release, [_Call(campaign_id, arguments)])
        return answer == 1

    async def check(self) -> None:
        with _failures():
            await cast("_Anything", self._client.ping())

    async def _run(self, script: _Script, calls: Sequence[_Call]) -> list[object]:
        """Runs a script for each campaign, all of them in one round trip where there is one server."""
        with _failures():
            if isinstance(self._client, Redis):
                return await self._piped(self._client, script, calls)
            await self._know_the_slots()
            return list(await asyncio.gather(*(self._alone(script, call) for call in calls)))

    async def _know_the_slots(self) -> None:
        """A cluster's client that does not know yet, or any more, which server has what asks any of them."""
        if isinstance(self._client, RedisCluster):
            _ = await self._client.initialize()

    async def _piped(self, client: Redis, script: _Script, calls: Sequence[_Call]) -> list[object]:
        async with client.pipeline(transaction=False) as pipe:
            for call in calls:
                pipe.execute_command("EVALSHA", script.sha, 3, *_keys(call.campaign_id), *call.arguments)
            answers: list[object] = await pipe.execute(raise_on_error=False)
        for place, answer in enumerate(answers):
            if isinstance(answer, NoScriptError):
                # It did not run. It is known from now on.
                answers[place] = await self._whole(script, calls[place])
            elif isinstance(answer, Exception):
                raise answer
        return answers

    async def _alone(self, script: _Script, call: _Call) -> object:
        keys = _keys(call.campaign_id)
        async with self._at_once:
            try:
                return await cast("_Anything", self._client.evalsha(script.sha, 3, *keys, *call.arguments))
            except NoScriptError:
                return await self._whole(script, call)

    async def _whole(self, script: _Script, call: _Call) -> object:
        return await cast("_Anything", self._client.eval(script.text, 3, *_keys(call.campaign_id), *call.arguments))

    async def _hash(self, key: str) -> dict[bytes, bytes]:
        async with self._at_once:
            return await cast("_Hash", self._client.hgetall(key))


@asynccontextmanager
async def valkey_budgets(url: str, *, cluster: bool) -> AsyncIterator[ValkeyBudgets]:
    """Opens the budgets and closes them again. It does not wait for a server: a call that finds none says so.

    The client tries nothing twice by itself: a claim whose answer was lost has moved the view on.
    """
    client = _cluster(url) if cluster else _server(url)
    try:
        yield ValkeyBudgets(client)
    finally:
        await client.aclose()


def _server(url: str) -> Redis:
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=CONNECT_SECONDS,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    return Redis.from_pool(pool)


def _cluster(url: str) -> RedisCluster:
    return RedisCluster.from_url(
        url,
        max_connections=CONNECTIONS,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
        reinitialize_steps=0,  # A slot that moved is noted. To begin anew would hang up on whoever else is asking.
    )


def _keys(campaign_id: str) -> tuple[str, str, str]:
    tag = f"budget:{{{campaign_id}}}"
    return f"{tag}:view", f"{tag}:claims", f"{tag}:offsets"


def _claim_call(claim: Claim, step: Step, settled: int) -> _Call:
    limits = claim.limits
    oldest = min((click.budget_day for click in claim.clicks), default=date.min + DAYS_KEPT) - DAYS_KEPT
    clicks = (
        part
        for click in claim.clicks
        for part in (click.key, click.price_cents, click.budget_day.isoformat(), click.offset, click.row)
    )
    return _Call(claim.campaign_id, (*step, *_amounts(limits), settled, oldest.isoformat(), *clicks))


def _amounts(limits: Limits) -> tuple[_Argument, ...]:
    total = "" if limits.total_cents is None else limits.total_cents
    return limits.version, limits.daily_cents, total, limits.balance_cents


def _view(campaign_id: str, fields: Mapping[bytes, bytes]) -> View:
    numbers = {name.decode(): int(value) for name, value in fields.items()}
    days = {
        date.fromisoformat(name.removeprefix("day:")): cents
        for name, cents in numbers.items()
        if name.startswith("day:")
    }
    at = Step(numbers["fence"], numbers["sequence"])
    return View(campaign_id, at, numbers["limits"], Spent(campaign_id, numbers["total"], days))


def _held(key: str, listed: str) -> HeldClaim:
    offset, row, price, day = listed.split(":")
    return HeldClaim(key, int(offset), int(row), int(price), date.fromisoformat(day))


def _listed(claim: HeldClaim) -> str:
    """A claim as the script lists it."""
    return f"{claim.offset}:{claim.row}:{claim.price_cents}:{claim.budget_day.isoformat()}"


@contextmanager
def _failures() -> Iterator[None]:
    """Whatever the client says, the budgets cannot be used."""
    try:
        yield
    except (RedisError, RedisClusterException, OSError) as error:
        raise BudgetsDown from error
    except AttributeError as error:
        # Where a cluster is down, its client hangs up on everybody; who was connecting finds nothing to write to.
        if error.obj is not None:
            raise
        raise BudgetsDown from error
