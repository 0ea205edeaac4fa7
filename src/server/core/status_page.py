"""The small HTTP port beside every process: `/healthz` for whoever restarts it, `/metrics` for Prometheus."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

Checks = Callable[[], dict[str, bool]]


@contextmanager
def status_page(host: str, port: int, registry: CollectorRegistry, checks: Checks) -> Iterator[int]:
    """Serves the page from a thread of its own while the block runs, so that a busy event loop still answers; tells the
    port.
    """

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, CONTENT_TYPE_LATEST, generate_latest(registry))
            elif self.path == "/healthz":
                found = checks()
                body = json.dumps({"healthy": all(found.values()), "checks": found}).encode()
                self._answer(200 if all(found.values()) else 503, "application/json", body)
            else:
                self._answer(404, "text/plain; charset=utf-8", b"try /healthz or /metrics\n")

        def _answer(self, code: int, content_type: str, body: bytes) -> None:
            self.send_response(code)
            self.send_header("content-type", content_type)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
            """Scrapes every few seconds are no news."""

    server = ThreadingHTTPServer((host, port), Page)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="status-page", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
