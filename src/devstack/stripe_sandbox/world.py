"""What a handler may touch: the store, the ledger, the time, and the events that tell the outside what happened."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final, TypeAlias

from devstack.stripe_sandbox.ledger import Ledger
from devstack.stripe_sandbox.params import Params
from devstack.stripe_sandbox.store import Resource, Store
from devstack.stripe_sandbox.values import Document, Json
from server.core.clock import Clock

API_VERSION: Final = "2026-10-28.endive"
DEFAULT_CURRENCY: Final = "usd"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, decoded: what it says, whom it names, and on which account it acts."""

    params: Params
    path: Mapping[str, str]
    account: str
    request_id: str
    idempotency_key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Resource):
    """Something that happened, with the object as it was then."""

    object: ClassVar[str] = "event"
    prefix: ClassVar[str] = "evt_"
    noun: ClassVar[str] = "event"
    hidden: ClassVar[frozenset[str]] = frozenset({"metadata"})
    sparse: ClassVar[frozenset[str]] = frozenset({"account"})

    type: str
    data: Document
    account: str | None = None
    api_version: str = API_VERSION
    pending_webhooks: int = 1
    request: Document = field(default_factory=dict)


class World:
    """The sandbox's state during one request."""

    def __init__(self, store: Store, clock: Clock, base_url: str) -> None:
        self.store = store
        self.ledger = Ledger(store)
        self.base_url = base_url
        self._clock = clock
        self._request: Document = {"id": None, "idempotency_key": None}
        self._deferred: list[Callable[[], object]] = []

    def now(self) -> int:
        return int(self._clock.now().timestamp())

    def show(self, resource: Resource) -> Document:
        return resource.document(self.store)

    def begin(self, request_id: str, idempotency_key: str | None) -> None:
        """Whose request the events of the coming transaction belong to."""
        self._request = {"id": request_id, "idempotency_key": idempotency_key}
        self._deferred.clear()

    def defer(self, step: Callable[[], object]) -> None:
        """Something that the outside does shortly after this request was answered, in a transaction of its own."""
        self._deferred.append(step)

    def take_deferred(self) -> list[Callable[[], object]]:
        taken, self._deferred = self._deferred, []
        return taken

    def emit(self, kind: str, resource: Resource, *, account: str | None = None) -> None:
        self.emit_document(kind, self.show(resource), account=account)

    def emit_document(self, kind: str, document: Document, *, account: str | None = None) -> None:
        """Records an event and queues its webhook."""
        snapshot: Json = json.loads(json.dumps(document))
        event = Event(
            id=self.store.new_id(Event.prefix),
            created=self.now(),
            type=kind,
            data={"object": snapshot},
            account=account,
            request=dict(self._request),
        )
        self.store.save(event)
        self.store.database.execute("insert into delivery (event_id, due) values (?, 0)", (event.id,))


Handler: TypeAlias = Callable[[World, Call], Document]
