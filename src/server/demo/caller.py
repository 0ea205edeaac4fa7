"""How a story calls: over a socket, as whoever the story is about, with tokens of the development key."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

import grpc

from server.config import Settings
from server.core.call import Role
from server.core.clock import SystemClock
from server.core.grpc.auth import Expected, issue_development_token

A_WHILE = timedelta(hours=1)
Metadata: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Caller:
    """A channel to the server, and tokens for it."""

    settings: Settings
    channel: grpc.aio.Channel

    def as_(self, user_id: str, *roles: Role) -> Metadata:
        """The metadata of that person's calls."""
        token = issue_development_token(
            self.settings.jwt_key.get_secret_value(),
            Expected(self.settings.jwt_issuer, self.settings.jwt_audience),
            subject=user_id,
            roles=roles or (Role.USER,),
            now=SystemClock().now(),
            lifetime=A_WHILE,
        )
        return (("authorization", f"Bearer {token}"),)


@asynccontextmanager
async def caller(settings: Settings) -> AsyncIterator[Caller]:
    """Connects for as long as the story lasts."""
    async with grpc.aio.insecure_channel(settings.grpc_address) as channel:
        yield Caller(settings, channel)
