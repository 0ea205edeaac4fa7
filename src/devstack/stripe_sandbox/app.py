"""The HTTP server: routes to the pipeline, answers or loses the answer, and lets webhooks out."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from devstack.stripe_sandbox.errors import StripeError, unknown_route
from devstack.stripe_sandbox.faults import Fault
from devstack.stripe_sandbox.forms import decode
from devstack.stripe_sandbox.ledger import PLATFORM
from devstack.stripe_sandbox.pages import Pages
from devstack.stripe_sandbox.pipeline import Pipeline, Request
from devstack.stripe_sandbox.replays import Answer
from devstack.stripe_sandbox.routes import API, SWITCHES, Route
from devstack.stripe_sandbox.store import Store
from devstack.stripe_sandbox.values import Form, FormValue, Json
from devstack.stripe_sandbox.webhooks import Deliverer, Policy
from devstack.stripe_sandbox.world import API_VERSION, World
from server.core.clock import Clock, SystemClock

LARGEST_BODY: Final = 1 << 20
LONGEST_HANG: Final = 600.0
FLUSH_WITHIN: Final = 20.0


@dataclass(frozen=True, slots=True)
class Options:
    """How a sandbox is run. An empty state file keeps everything in memory; port 0 takes any free one."""

    port: int = 0
    host: str = "127.0.0.1"
    state: str = ""
    webhook_url: str = ""
    webhook_secret: str = ""


class Server:
    """One running sandbox."""

    def __init__(self, world: World, deliverer: Deliverer) -> None:
        self._world = world
        self._pipeline = Pipeline(world)
        self._deliverer = deliverer

    def application(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_BODY)
        app.add_routes([web.route(route.method, route.path, self._answering(route)) for route in (*API, *SWITCHES)])
        app.router.add_post("/_sandbox/webhooks/flush", self._flush)
        app.add_routes(Pages(self._world).routes())
        app.router.add_route("*", "/{path:.*}", self._unknown)
        return app

    def _answering(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(http: web.Request) -> web.StreamResponse:
            return await self._answer(route, http)

        return answer

    async def _answer(self, route: Route, http: web.Request) -> web.StreamResponse:
        request_id = self._world.store.new_id("req_")
        try:
            request = await _read(http, request_id)
        except StripeError as refusal:
            return _respond(Answer(refusal.status, refusal.document(request_id)), request_id, None)
        fault = self._pipeline.meet_fault(route, request)
        if fault in (Fault.DROP_BEFORE, Fault.HANG_BEFORE):
            return await _lose(http, fault)
        answer = self._pipeline.answer(route, request, fault)
        await self._deliverer.wake()
        if fault in (Fault.DROP_AFTER, Fault.HANG_AFTER):
            return await _lose(http, fault)
        return _respond(answer, request_id, request.idempotency_key)

    async def _flush(self, http: web.Request) -> web.Response:
        return web.json_response({"pending": await self._deliverer.flush(FLUSH_WITHIN)})

    async def _unknown(self, http: web.Request) -> web.Response:
        request_id = self._world.store.new_id("req_")
        refusal = unknown_route(http.method, http.path)
        return _respond(Answer(refusal.status, refusal.document(request_id)), request_id, None)


async def _read(http: web.Request, request_id: str) -> Request:
    body = await http.text()
    return Request(
        request_id=request_id,
        method=http.method,
        path=http.path,
        names=dict(http.match_info),
        form={**decode(http.query_string), **_decode_body(http.content_type, body)},
        authorization=http.headers.get("Authorization", ""),
        account=http.headers.get("Stripe-Account", PLATFORM),
        idempotency_key=http.headers.get("Idempotency-Key"),
    )


def _decode_body(content_type: str, body: str) -> Form:
    """Forms from the SDK; the switches also take JSON, whose values are read as a form's would be."""
    if content_type != "application/json":
        return decode(body)
    try:
        document = json.loads(body or "{}")
    except json.JSONDecodeError:
        raise StripeError("The body is not JSON.") from None
    if not isinstance(document, dict):
        raise StripeError("The body must be a JSON object.")
    return {name: _as_form(value) for name, value in document.items()}


def _as_form(value: Json) -> FormValue:
    match value:
        case dict():
            return {name: _as_form(child) for name, child in value.items()}
        case list():
            return [_as_form(child) for child in value]
        case bool():
            return "true" if value else "false"
        case None:
            return ""
        case _:
            return str(value)


def _respond(answer: Answer, request_id: str, key: str | None) -> web.Response:
    headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION, **answer.headers}
    if key is not None:
        headers["Idempotency-Key"] = key
    return web.json_response(answer.document, status=answer.status, headers=headers)


async def _lose(http: web.Request, fault: Fault | None) -> web.StreamResponse:
    """The answer never arrives: the connection is cut, or stays silent until the caller gives up."""
    if fault in (Fault.HANG_BEFORE, Fault.HANG_AFTER):
        await asyncio.sleep(LONGEST_HANG)
    if http.transport is not None:
        http.transport.abort()
    return web.Response(status=499)


@asynccontextmanager
async def serving(options: Options, clock: Clock | None = None) -> AsyncIterator[str]:
    """Runs a sandbox for the block and tells its address."""
    store = Store(options.state or ":memory:")
    clock = clock or SystemClock()
    world = World(store, clock, "")
    if options.webhook_url:
        with store.transaction():
            policy = Policy.read(store)
            Policy(options.webhook_url, options.webhook_secret, policy.paused, policy.copies, policy.order).write(store)
    deliverer = Deliverer(store, clock)
    runner = web.AppRunner(
        Server(world, deliverer).application(), handler_cancellation=True, shutdown_timeout=1.0, access_log=None
    )
    await runner.setup()
    delivering = asyncio.create_task(deliverer.run())
    try:
        site = web.TCPSite(runner, options.host, options.port, reuse_port=False)
        await site.start()
        port = runner.addresses[0][1]
        world.base_url = f"http://{options.host}:{port}"
        yield world.base_url
    finally:
        delivering.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await delivering
        await runner.cleanup()
        store.close()
