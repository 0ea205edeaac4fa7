"""What a developer sees: progress while things start, then what runs where and a call to paste."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from devstack.configuration import Configuration
from devstack.embedded import Part
from devstack.ports import LOOPBACK

NAME_WIDTH = 9


class Progress:
    """Says what is being waited for, where there is a terminal, and what is done, with the seconds it took."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._waiting: list[str] = []
        self._status: Status = console.status("")

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[None]:
        began = time.monotonic()
        self._waiting.append(name)
        self._show()
        try:
            yield
            self._console.print(f"[green]✓[/] {escape(name)} [dim]{time.monotonic() - began:.1f} s[/]")
        finally:
            self._waiting.remove(name)
            self._show()

    def _show(self) -> None:
        if self._waiting:
            self._status.update(f"[dim]waiting for[/] {escape(', '.join(self._waiting))}")
            self._status.start()
        else:
            self._status.stop()


def remark(console: Console, text: str) -> None:
    console.print(f"[yellow]![/] {escape(text)}", soft_wrap=True)


def problem(console: Console, text: str) -> None:
    console.print(f"[red]{escape(text)}[/]", soft_wrap=True)


def summary(
    console: Console,
    configuration: Configuration,
    parts: Sequence[Part],
    *,
    with_gateway: bool,
    token: str,
    took: float,
) -> None:
    """One line for each thing that runs, then calls that work as they stand."""
    console.print(f"\n[bold]Callsheet runs[/] [dim](ready in {took:.1f} s; Ctrl-C stops it)[/]\n")
    for name, where in _places(configuration, parts, with_gateway=with_gateway).items():
        console.print(f"  [cyan]{name:<{NAME_WIDTH}}[/] {escape(where)}", soft_wrap=True, highlight=False)
    console.print(f"  [cyan]{'data':<{NAME_WIDTH}}[/] {escape(str(configuration.state))}\n", soft_wrap=True)
    for line in _calls(configuration, token, with_gateway=with_gateway):
        console.print(escape(line), soft_wrap=True, highlight=False)
    console.print()


def _places(configuration: Configuration, parts: Sequence[Part], *, with_gateway: bool) -> Mapping[str, str]:
    http = f"http://{LOOPBACK}:{configuration.http.number}"
    own = {
        "server": f"gRPC on {LOOPBACK}:{configuration.grpc.number}, {_status(configuration.server_metrics.number)}",
        "worker": _status(configuration.worker_metrics.number),
        "stream": _status(configuration.stream_metrics.number),
    }
    gateway = {"gateway": f"{http}, documentation {http}/docs"} if with_gateway else {}
    return gateway | own | {part.name: part.where for part in parts}


def _status(port: int) -> str:
    return f"health and metrics on http://{LOOPBACK}:{port}/metrics"


def _calls(configuration: Configuration, token: str, *, with_gateway: bool) -> list[str]:
    if not token:
        return ["Tokens come from CALLSHEET_JWKS_URL; none is made here."]
    target = f"{LOOPBACK}:{configuration.grpc.number}"
    bearer = '-H "authorization: Bearer $TOKEN"'
    curl = f"curl {bearer} http://{LOOPBACK}:{configuration.http.number}/v1/orders"
    grpcurl = f"grpcurl -plaintext {bearer} -d '{{}}' {target} callsheet.booking.v1.BookingService/ListOrders"
    return [f"export TOKEN={token}", *([curl] if with_gateway else []), grpcurl]
