"""The token that `make up` prints."""

from collections.abc import Mapping
from datetime import timedelta

from devstack.state import State
from server.core.call import Role
from server.core.clock import SystemClock
from server.core.grpc.auth import Expected, issue_development_token
from server.core.ids import SystemIds

LIFETIME = timedelta(hours=12)


def development_token(environment: Mapping[str, str], state: State) -> str:
    """For one user who stays the same, so that what they made yesterday is still theirs; empty where JWKS decides."""
    key = environment.get("CALLSHEET_JWT_KEY")
    if not key:
        return ""
    clock = SystemClock()
    return issue_development_token(
        key,
        Expected(environment["CALLSHEET_JWT_ISSUER"], environment["CALLSHEET_JWT_AUDIENCE"]),
        subject=state.secret("development-user", lambda: SystemIds(clock).new("usr")),
        roles=(Role.USER, Role.ADMIN),
        now=clock.now(),
        lifetime=LIFETIME,
    )
