"""The file behind the sandbox: objects as JSON, and an append-only list of balance transactions.

One request is one transaction. Nothing here knows what the objects mean.
"""

import json
import secrets
import sqlite3
import string
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import ClassVar, Self, TypeVar

from devstack.stripe_sandbox.errors import no_such
from devstack.stripe_sandbox.values import Document

_LETTERS = string.ascii_letters + string.digits

_SCHEMA = """
create table if not exists object (
    seq integer primary key autoincrement, kind text not null, id text not null unique, body text not null
);
create index if not exists object_by_kind on object (kind, seq);
create table if not exists balance_transaction (
    seq integer primary key autoincrement, id text not null unique, account text not null, currency text not null,
    amount integer not null, fee integer not null, kind text not null, source text not null, created integer not null,
    available_on integer not null, description text not null
);
create trigger if not exists balance_transaction_stays before update on balance_transaction
    begin select raise(abort, 'balance transactions are append-only'); end;
create trigger if not exists balance_transaction_remains before delete on balance_transaction
    begin select raise(abort, 'balance transactions are append-only'); end;
create table if not exists idempotency (
    scope text not null, key text not null, fingerprint text not null, status integer not null, body text not null,
    request_id text not null, created integer not null, primary key (scope, key)
);
create table if not exists delivery (
    seq integer primary key autoincrement, event_id text not null, due real not null,
    attempts integer not null default 0, state text not null default 'pending', answer text not null default ''
);
create table if not exists setting (name text primary key, value text not null);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """An object of the API. Its fields carry the API's names, so that its document is the fields themselves.

    `hidden` fields are never shown, `sparse` ones only when they have a value, `expandable` ones hold ids.
    """

    object: ClassVar[str]
    prefix: ClassVar[str]
    noun: ClassVar[str]
    expandable: ClassVar[frozenset[str]] = frozenset()
    hidden: ClassVar[frozenset[str]] = frozenset()
    sparse: ClassVar[frozenset[str]] = frozenset()

    id: str
    created: int
    livemode: bool = False
    metadata: dict[str, str] = field(default_factory=dict)

    def document(self, store: "Store") -> Document:
        """The object as the API shows it; `store` is for what is shown inside it but kept elsewhere."""
        shown: Document = {"object": self.object, **asdict(self)}
        return {
            name: value
            for name, value in shown.items()
            if name not in self.hidden and (value is not None or name not in self.sparse)
        }

    @classmethod
    def load(cls, body: str) -> Self:
        return cls(**json.loads(body))


R = TypeVar("R", bound=Resource)


class Store:
    """Objects by id, and everything that must survive a restart."""

    def __init__(self, path: str) -> None:
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.execute("pragma journal_mode = wal")
        self.database.execute("pragma synchronous = normal")
        self.database.executescript(_SCHEMA)

    def close(self) -> None:
        self.database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that happens inside stays, or nothing does."""
        self.database.execute("begin immediate")
        try:
            yield
        except BaseException:
            self.database.execute("rollback")
            raise
        self.database.execute("commit")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part of a transaction that is undone alone when it fails."""
        self.database.execute("savepoint part")
        try:
            yield
        except BaseException:
            self.database.execute("rollback to part")
            self.database.execute("release part")
            raise
        self.database.execute("release part")

    @staticmethod
    def new_id(prefix: str) -> str:
        return prefix + "".join(secrets.choice(_LETTERS) for _ in range(24))

    def save(self, resource: Resource) -> None:
        self.database.execute(
            "insert into object (kind, id, body) values (?, ?, ?) on conflict (id) do update set body = excluded.body",
            (resource.object, resource.id, json.dumps(asdict(resource))),
        )

    def find(self, kind: type[R], identifier: str) -> R | None:
        row = self.database.execute(
            "select body from object where kind = ? and id = ?", (kind.object, identifier)
        ).fetchone()
        return None if row is None else kind.load(row[0])

    def get(self, kind: type[R], identifier: str, param: str = "id") -> R:
        """The object, or Stripe's refusal that names the parameter which led here."""
        found = self.find(kind, identifier)
        if found is None:
            raise no_such(kind.noun, identifier, param)
        return found

    def select(self, kind: type[R], where: Mapping[str, str]) -> list[R]:
        """Objects whose fields have these values, the newest first."""
        clauses = "".join(f" and json_extract(body, '$.{name}') = ?" for name in where)
        rows = self.database.execute(
            f"select body from object where kind = ?{clauses} order by seq desc",  # noqa: S608  names are ours
            (kind.object, *where.values()),
        )
        return [kind.load(row[0]) for row in rows]

    def setting(self, name: str, default: str = "") -> str:
        row = self.database.execute("select value from setting where name = ?", (name,)).fetchone()
        return default if row is None else str(row[0])

    def set(self, name: str, value: str) -> None:
        self.database.execute(
            "insert into setting values (?, ?) on conflict (name) do update set value = excluded.value", (name, value)
        )
