"""Who calls: a bearer token, or a client certificate that names a service.

Tokens are HS256 with a development key, or signed by a key of the configured JWKS. A token that verified once is
remembered until it expires, because verifying costs more than the rest of the layers together.
"""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import jwt

from server.core.call import Actor, Role
from server.core.clock import Clock
from server.core.errors import (
    DelegationForbidden,
    DependencyDown,
    RoleRequired,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
)
from server.core.grpc.methods import Method

DELEGATION_HEADER = "x-on-behalf-of"
REMEMBERED_TOKENS = 10_000
_SPIFFE = re.compile(r"spiffe://callsheet/svc/([a-z0-9-]{1,40})")
_PERSON = re.compile(r"usr_[0-9a-z]{1,60}")
_SUBJECT = re.compile(r"(usr|svc)_[0-9a-z-]{1,60}")


class Verifier(Protocol):
    """Checks a token's signature and tells its claims; raises what `jwt` raises."""

    async def claims(self, token: str) -> Mapping[str, object]: ...


@dataclass(frozen=True, slots=True)
class Expected:
    """Who must have issued a token, and for whom."""

    issuer: str
    audience: str


class SharedKeyVerifier:
    """HS256 with one key: for development and tests."""

    def __init__(self, key: str, expected: Expected) -> None:
        self._key = key
        self._expected = expected

    async def claims(self, token: str) -> Mapping[str, object]:
        return _decoded(token, self._key, ["HS256"], self._expected)


class KeySetVerifier:
    """Asymmetric keys published at a URL, fetched when a key id is new and cached for five minutes."""

    def __init__(self, url: str, expected: Expected) -> None:
        self._keys = jwt.PyJWKClient(url, cache_jwk_set=True, lifespan=300, timeout=3)
        self._expected = expected

    async def claims(self, token: str) -> Mapping[str, object]:
        try:
            key = await asyncio.to_thread(self._keys.get_signing_key_from_jwt, token)
        except jwt.PyJWKClientConnectionError as error:
            raise DependencyDown("jwks") from error
        except jwt.PyJWKClientError as error:
            raise TokenInvalid from error
        return _decoded(token, key, ["RS256", "ES256", "EdDSA"], self._expected)


class Authenticator:
    """Turns what a call brings along into an actor, or into nobody."""

    def __init__(self, verifier: Verifier, clock: Clock) -> None:
        self._verifier = verifier
        self._clock = clock
        self._remembered: OrderedDict[str, tuple[datetime, Actor]] = OrderedDict()

    async def actor(self, metadata: Mapping[str, str], certificate: Mapping[str, Iterable[bytes]]) -> Actor | None:
        """Who calls; None where neither token nor certificate came. A certificate stands before a token."""
        actor = _by_certificate(certificate) or await self._by_token(metadata.get("authorization", ""))
        delegated = metadata.get(DELEGATION_HEADER)
        return actor if delegated is None else _on_behalf_of(actor, delegated)

    async def _by_token(self, header: str) -> Actor | None:
        if not header:
            return None
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise TokenInvalid
        now = self._clock.now()
        remembered = self._remembered.get(token)
        if remembered is not None and remembered[0] > now:
            return remembered[1]
        try:
            claims = await self._verifier.claims(token)
        except jwt.ExpiredSignatureError as error:
            raise TokenExpired from error
        except jwt.PyJWTError as error:
            raise TokenInvalid from error
        expires_at, actor = _expiry(claims), _actor(claims)
        if expires_at <= now:
            raise TokenExpired
        self._remember(token, expires_at, actor)
        return actor

    def _remember(self, token: str, expires_at: datetime, actor: Actor) -> None:
        self._remembered[token] = (expires_at, actor)
        self._remembered.move_to_end(token)
        while len(self._remembered) > REMEMBERED_TOKENS:
            self._remembered.popitem(last=False)


def check_roles(method: Method, actor: Actor | None) -> None:
    """Admits anonymous callers where the method does, and otherwise those with one of its roles."""
    if actor is None:
        if not method.anonymous:
            raise TokenMissing
        return
    if not method.anonymous and actor.roles.isdisjoint(method.roles):
        raise RoleRequired(sorted(method.roles))


def issue_development_token(
    key: str, expected: Expected, *, subject: str, roles: Iterable[Role], now: datetime, lifetime: timedelta
) -> str:
    """A token as the account system would issue it, signed with the development key."""
    claims = {
        "iss": expected.issuer,
        "aud": expected.audience,
        "sub": subject,
        "roles": sorted(roles),
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
    }
    return jwt.encode(claims, key, algorithm="HS256")


def _decoded(token: str, key: "str | jwt.PyJWK", algorithms: list[str], expected: Expected) -> Mapping[str, object]:
    return jwt.decode(
        token,
        key,
        algorithms=algorithms,
        issuer=expected.issuer,
        audience=expected.audience,
        options={"require": ["exp", "sub", "iss", "aud"], "verify_exp": False},
    )


def _expiry(claims: Mapping[str, object]) -> datetime:
    expires = claims["exp"]
    if not isinstance(expires, int | float) or not 0 <= expires < 2**40:
        raise TokenInvalid
    return datetime.fromtimestamp(expires, UTC)


def _actor(claims: Mapping[str, object]) -> Actor:
    subject, roles = claims["sub"], claims.get("roles", [])
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject) or not isinstance(roles, list):
        raise TokenInvalid
    known = {role.value for role in Role}
    return Actor(subject, frozenset(Role(role) for role in roles if role in known))


def _by_certificate(certificate: Mapping[str, Iterable[bytes]]) -> Actor | None:
    for name in certificate.get("x509_subject_alternative_name", ()):
        match = _SPIFFE.fullmatch(name.decode("utf-8", "replace"))
        if match:
            return Actor(f"svc_{match[1]}", frozenset({Role.SERVICE}))
    return None


def _on_behalf_of(actor: Actor | None, delegated: str) -> Actor:
    """A service that names a person acts with that person's rights, and both names are kept."""
    if actor is None or not actor.has(Role.SERVICE) or not _PERSON.fullmatch(delegated):
        raise DelegationForbidden
    return Actor(delegated, frozenset({Role.USER}), service=actor.user_id)
