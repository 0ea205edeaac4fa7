"""Sees on which devices people call who are logged in."""

from collections.abc import Callable

from server.core.call import Role
from server.core.grpc.exchange import Exchange, Proceed
from server.core.grpc.methods import Method

DEVICE_HEADER = "x-device"
LONGEST_DEVICE = 256


class DeviceLayer:
    """Tells of every call of a person that names its device, as events name theirs."""

    def __init__(self, saw: Callable[[str, str], None]) -> None:
        self._saw = saw

    def around(self, method: Method, proceed: Proceed) -> Proceed:
        async def serve(exchange: Exchange) -> bytes | None:
            device = exchange.metadata.get(DEVICE_HEADER)
            actor = exchange.actor
            if device and len(device) <= LONGEST_DEVICE and actor is not None and actor.has(Role.USER):
                self._saw(actor.user_id, device)
            return await proceed(exchange)

        return serve
