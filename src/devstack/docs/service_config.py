"""The gRPC service config that clients are to use: deadlines and retries, from what the protos say of each method."""

import json

from devstack.docs.api import Api, Method

# A server answers a read well within this or is in trouble; a caller should not wait longer for it.
READ_TIMEOUT = "5s"
# The server's own default deadline.
WRITE_TIMEOUT = "10s"
# More are not allowed: gRPC counts five at most.
MAX_ATTEMPTS = 5
# A server that stops resets the calls it had received and not begun; the caller, who cancelled nothing, sees CANCELLED.
RETRIED = ["UNAVAILABLE", "CANCELLED"]
RETRY: dict[str, object] = {
    "maxAttempts": MAX_ATTEMPTS,
    "initialBackoff": "0.1s",
    "maxBackoff": "2s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": RETRIED,
}


def render(api: Api) -> str:
    """`docs/grpc_service_config.json`. Streams have no timeout; their client reconnects from where it was."""
    methods = [
        {"name": [{"service": service.name, "method": method.name}], **_policy(method)}
        for service in api.services
        for method in service.methods
        if _policy(method)
    ]
    config = {
        "loadBalancingConfig": [{"round_robin": {}}],
        "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.1},
        "methodConfig": methods,
    }
    return json.dumps(config, indent=2) + "\n"


def _policy(method: Method) -> dict[str, object]:
    if method.client_streams or method.server_streams:
        return {}
    timeout = {"timeout": READ_TIMEOUT if method.reads_only else WRITE_TIMEOUT}
    return timeout | ({"retryPolicy": RETRY} if method.repeatable else {})
