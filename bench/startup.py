"""How long a newcomer waits: `make up` in a fresh clone with cold caches, and a second time in the same clone."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from bench.report import console, result
from devstack.ports import free_ports
from devstack.program import tail

ROOT = Path(__file__).parents[1]
READY = "Callsheet runs"
LONGEST_SECONDS = 900.0
KEPT_VARIABLES = ("HOME", "PATH", "LANG", "GOPROXY", "GOFLAGS", "SSL_CERT_FILE")


def main() -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as directory:
        clone, caches = Path(directory, "fresh clone"), Path(directory, "caches")
        subprocess.run(("git", "clone", "--quiet", str(ROOT), str(clone)), check=True)
        environment = newcomer(caches)
        for name in ("cold", "warm"):
            seconds = time_to_ready(clone, environment, Path(directory, f"{name}.log"))
            console.print(f"{name}: {seconds:.1f} s from `make up` to ready")
            result(f"startup.{name}", seconds, "s")
        subprocess.run(("make", "reset"), cwd=clone, env=dict(environment), check=True)


def newcomer(caches: Path) -> Mapping[str, str]:
    """The environment of somebody who never built this before: nothing cached, ports of their own."""
    grpc, http, server, worker, stream = free_ports(5)
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    kept |= {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    return kept | {
        "PIP_NO_CACHE_DIR": "1",
        "GOCACHE": str(caches / "build"),
        "GOMODCACHE": str(caches / "modules"),
        # Go protects downloaded modules even from being deleted by their owner.
        "GOFLAGS": f"{kept.get('GOFLAGS', '')} -modcacherw".strip(),
        "CALLSHEET_GRPC_PORT": str(grpc),
        "CALLSHEET_HTTP_PORT": str(http),
        "CALLSHEET_METRICS_PORT": str(server),
        "CALLSHEET_WORKER_METRICS_PORT": str(worker),
        "CALLSHEET_STREAM_METRICS_PORT": str(stream),
    }


def time_to_ready(clone: Path, environment: Mapping[str, str], log: Path) -> float:
    """From the command to the moment when all is healthy; then stops it again."""
    began = time.monotonic()
    with log.open("wb") as output:
        up = subprocess.Popen(
            ("make", "up"),
            cwd=clone,
            env=dict(environment),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        while READY not in log.read_text(errors="replace"):
            if up.poll() is not None or time.monotonic() - began > LONGEST_SECONDS:
                raise SystemExit(f"`make up` did not become ready:\n{tail(log)}")
            time.sleep(0.05)
        return time.monotonic() - began
    finally:
        if up.poll() is None:
            os.killpg(up.pid, signal.SIGINT)
        up.wait()


if __name__ == "__main__":
    main()
