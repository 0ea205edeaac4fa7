"""What happens around a call: who calls, the fault it meets, its stored answer, its parameters, its one transaction."""

from dataclasses import dataclass
from typing import Final

from devstack.stripe_sandbox import faults, replays
from devstack.stripe_sandbox.errors import StripeError, api_error, key_in_use, rate_limited, unauthorized
from devstack.stripe_sandbox.expanding import expand
from devstack.stripe_sandbox.faults import Fault
from devstack.stripe_sandbox.ledger import PLATFORM
from devstack.stripe_sandbox.params import Params
from devstack.stripe_sandbox.replays import Answer
from devstack.stripe_sandbox.resources.accounts import Account
from devstack.stripe_sandbox.routes import Route
from devstack.stripe_sandbox.values import Document, Form
from devstack.stripe_sandbox.world import Call, World

CONTROL: Final = "/_sandbox/"

_REFUSALS = {
    Fault.UNAVAILABLE: StripeError("Stripe is temporarily unavailable.", status=503, kind="api_error"),
    Fault.RATE_LIMIT: rate_limited(),
    Fault.KEY_IN_USE: key_in_use(),
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came in, its body decoded."""

    request_id: str
    method: str
    path: str
    names: dict[str, str]
    form: Form
    authorization: str
    account: str
    idempotency_key: str | None


class Pipeline:
    """Answers requests, each in one transaction of the store."""

    def __init__(self, world: World) -> None:
        self._world = world

    def meet_fault(self, route: Route, request: Request) -> Fault | None:
        """The fault that waits for this request; calls below `/_sandbox/` never meet one."""
        if request.path.startswith(CONTROL):
            return None
        with self._world.store.transaction():
            return faults.strike(self._world.store, route.method, route.path)

    def answer(self, route: Route, request: Request, fault: Fault | None) -> Answer:
        """Runs the call, or gives back what was answered before; then lets the outside do what it does next."""
        try:
            self._authenticate(request)
            if fault in _REFUSALS:
                raise _REFUSALS[fault]
            answer = self._once(route, request, fault)
        except StripeError as refusal:
            answer = Answer(refusal.status, refusal.document(request.request_id))
        for step in self._world.take_deferred():
            self._world.begin(request.request_id, None)
            with self._world.store.transaction():
                step()
        return answer

    def _authenticate(self, request: Request) -> None:
        if request.path.startswith(CONTROL):
            return
        scheme, _, key = request.authorization.partition(" ")
        if scheme != "Bearer" or not key:
            raise unauthorized("You did not provide an API key. Provide it as a Bearer token.")
        if not key.startswith("sk_test_"):
            raise unauthorized(
                f"Invalid API Key provided: {key[:8]}***. The sandbox takes keys that begin with sk_test_."
            )
        if request.account != PLATFORM:
            self._world.store.get(Account, request.account, "account")

    def _once(self, route: Route, request: Request, fault: Fault | None) -> Answer:
        """The stored answer under the request's key, or a new one that is stored with its effect."""
        world, key = self._world, request.idempotency_key if route.method != "GET" else None
        print_ = replays.fingerprint(request.method, request.path, request.form)
        if key is not None:
            replayed = replays.find(world.store, request.account, key, print_, world.now())
            if replayed is not None:
                return replayed
        params = Params(route.shape.read(request.form))
        call = Call(params, request.names, request.account, request.request_id, key)
        world.begin(request.request_id, key)
        with world.store.transaction():
            answer = self._run(route, call, fault)
            if key is not None:
                replays.keep(world.store, request.account, key, print_, answer, request.request_id, world.now())
        return answer

    def _run(self, route: Route, call: Call, fault: Fault | None) -> Answer:
        failed = Answer(500, api_error().document(call.request_id), {"Stripe-Should-Retry": "false"})
        if fault is Fault.ERROR_BEFORE:
            return failed
        try:
            answer = Answer(200, self._effect(route, call))
        except StripeError as refusal:
            answer = Answer(refusal.status, refusal.document(call.request_id))
        return failed if fault is Fault.ERROR_AFTER else answer

    def _effect(self, route: Route, call: Call) -> Document:
        """The handler's document; what it did is undone when it refuses, unless the refusal is itself a result."""
        recorded: StripeError | None = None
        document: Document = {}
        with self._world.store.savepoint():
            try:
                document = expand(self._world, route.handler(self._world, call), call.params.texts("expand"))
            except StripeError as refusal:
                if not refusal.keeps_effects:
                    raise
                recorded = refusal
        if recorded is not None:
            raise recorded
        return document
