"""TCP ports on loopback: whether one is free, which one is, and who holds a taken one."""

import secrets
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"
LOWEST = 12_000
OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LISTEN = "0A"


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen here. Asked without SO_REUSEPORT: with it, gRPC binds a taken port silently."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port nobody listens on at this moment; whoever wants it should bind it soon."""
    (port,) = free_ports(1)
    return port


def free_ports(count: int) -> list[int]:
    """Several, at random from below those that the kernel hands to outgoing connections: one of these could take
    the port between now and its use.
    """
    found: set[int] = set()
    below = _first_outgoing_port()
    while len(found) < count:
        port = LOWEST + secrets.randbelow(below - LOWEST)
        if port not in found and is_free(port):
            found.add(port)
    return list(found)


def _first_outgoing_port() -> int:
    try:
        return int(OUTGOING.read_text().split()[0])
    except OSError:
        return 32_768


def owner_of(port: int) -> int | None:
    """The pid listening on a port, where /proc lets us see it."""
    sockets = _listening_sockets(port)
    if not sockets:
        return None
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and _holds_any(process, sockets):
            return int(process.name)
    return None


def _listening_sockets(port: int) -> set[str]:
    found = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if not table.exists():
            continue
        for line in table.read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                found.add(f"socket:[{fields[9]}]")
    return found


def _holds_any(process: Path, sockets: set[str]) -> bool:
    try:
        return any(str(descriptor.readlink()) in sockets for descriptor in (process / "fd").iterdir())
    except OSError:
        return False
