"""The call that is being answered: who asks, until when, and under which correlation id.

Layers set it around the handler; everything below reads it. Jobs set one of their own, so that what a job does carries
the correlation id of the call that caused it.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from server.core.errors import TokenMissing


class Role(StrEnum):
    """What a token may claim."""

    USER = "user"
    AGENT = "agent"
    FINANCE = "finance"
    ADMIN = "admin"
    SERVICE = "service"


STAFF = frozenset({Role.AGENT, Role.FINANCE, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `service` names the service that acts on a user's behalf, which is written to the audit trail."""

    user_id: str
    roles: frozenset[Role]
    service: str | None = None

    def has(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)

    @property
    def sees_everybody(self) -> bool:
        """Staff and services may name any person; a service on somebody's behalf sees what that person sees."""
        return self.has(Role.SERVICE, *STAFF)


@dataclass(frozen=True, slots=True)
class Call:
    """What is known of a call before anybody is authenticated."""

    method: str
    correlation_id: str
    deadline: float
    """In seconds of the event loop's clock."""
    client_set_deadline: bool = False
    idempotency_key: str = ""
    traceparent: str = ""

    def remaining(self) -> float:
        return max(0.0, self.deadline - asyncio.get_running_loop().time())


_call: ContextVar[Call | None] = ContextVar("call", default=None)
_actor: ContextVar[Actor | None] = ContextVar("actor", default=None)


def current_call() -> Call | None:
    """The call being answered; None outside of one."""
    return _call.get()


def correlation_id() -> str:
    """The id under which logs, events and jobs of one call are found; empty outside of a call."""
    call = _call.get()
    return call.correlation_id if call else ""


def current_actor() -> Actor:
    """Who calls. A method that admits anonymous callers asks `actor_or_none` instead."""
    actor = _actor.get()
    if actor is None:
        raise TokenMissing
    return actor


def actor_or_none() -> Actor | None:
    return _actor.get()


def enter(call: Call) -> None:
    """Makes this the current call for the rest of the task."""
    _call.set(call)


def act_as(actor: Actor | None) -> None:
    """Makes this the current actor for the rest of the task."""
    _actor.set(actor)


@contextmanager
def answering(call: Call) -> Iterator[None]:
    """Makes this the current call for the block."""
    token = _call.set(call)
    try:
        yield
    finally:
        _call.reset(token)
