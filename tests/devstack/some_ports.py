"""The configured ports, all of them free."""

from devstack.ports import free_ports

NAMES = ("GRPC", "HTTP", "METRICS", "WORKER_METRICS", "STREAM_METRICS")


def some_ports() -> dict[str, str]:
    """As the environment names them."""
    ports = free_ports(len(NAMES))
    return {f"CALLSHEET_{name}_PORT": str(port) for name, port in zip(NAMES, ports, strict=True)}
