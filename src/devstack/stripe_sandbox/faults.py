"""What goes wrong on demand. A fault waits for a matching request, and then loses it or its answer."""

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Final

from devstack.stripe_sandbox.store import Store

SETTING: Final = "faults"


class Fault(StrEnum):
    """At which side of the effect, and what the caller sees."""

    ERROR_BEFORE = "error_before"
    """500, nothing happened; repeats under the same key see the same 500."""
    ERROR_AFTER = "error_after"
    """500 although it happened; repeats under the same key see the same 500."""
    UNAVAILABLE = "unavailable"
    """503, nothing happened and nothing is remembered."""
    RATE_LIMIT = "rate_limit"
    """429, nothing happened and nothing is remembered."""
    KEY_IN_USE = "key_in_use"
    """409: another request with this key is running."""
    DROP_BEFORE = "drop_before"
    """The connection is cut, nothing happened."""
    DROP_AFTER = "drop_after"
    """The connection is cut after it happened."""
    HANG_BEFORE = "hang_before"
    """No answer comes, nothing happened."""
    HANG_AFTER = "hang_after"
    """No answer comes although it happened."""


@dataclass(frozen=True, slots=True)
class ArmedFault:
    """A fault for requests of one method and one route's path; it lets `skip` of them pass and strikes `times`."""

    method: str
    path: str
    fault: Fault
    times: int = 1
    skip: int = 0


def armed(store: Store) -> list[ArmedFault]:
    found = json.loads(store.setting(SETTING, "[]"))
    return [ArmedFault(**{**one, "fault": Fault(one["fault"])}) for one in found]


def arm(store: Store, faults: list[ArmedFault]) -> None:
    store.set(SETTING, json.dumps([asdict(fault) for fault in faults]))


def strike(store: Store, method: str, path: str) -> Fault | None:
    """The fault that this request meets, counted down."""
    faults = armed(store)
    for index, fault in enumerate(faults):
        if fault.method != method or fault.path != path:
            continue
        if fault.skip:
            faults[index] = replace(fault, skip=fault.skip - 1)
            arm(store, faults)
            return None
        remaining = [] if fault.times <= 1 else [replace(fault, times=fault.times - 1)]
        arm(store, faults[:index] + remaining + faults[index + 1 :])
        return fault.fault
    return None
