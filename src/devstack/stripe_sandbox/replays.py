"""Idempotency keys: the first answer under a key is the only one, for a day."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from devstack.stripe_sandbox.errors import idempotency_mismatch
from devstack.stripe_sandbox.store import Store
from devstack.stripe_sandbox.values import Document, Form

KEPT_SECONDS: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a status, a document and what the headers add."""

    status: int
    document: Document
    headers: Mapping[str, str] = field(default_factory=dict)


def fingerprint(method: str, path: str, form: Form) -> str:
    """Equal for requests that ask for the same."""
    return sha256(json.dumps([method, path, form], sort_keys=True).encode()).hexdigest()


def find(store: Store, scope: str, key: str, print_: str, now: int) -> Answer | None:
    """The stored answer, marked as a replay; a refusal where the key was first used for something else."""
    row = store.database.execute(
        "select fingerprint, status, body, request_id from idempotency where scope = ? and key = ? and created > ?",
        (scope, key, now - KEPT_SECONDS),
    ).fetchone()
    if row is None:
        return None
    stored, status, body, request_id = row
    if stored != print_:
        raise idempotency_mismatch(key)
    return Answer(status, json.loads(body), {"Idempotent-Replayed": "true", "Original-Request": request_id})


def keep(store: Store, scope: str, key: str, print_: str, answer: Answer, request_id: str, now: int) -> None:
    store.database.execute(
        "insert or replace into idempotency (scope, key, fingerprint, status, body, request_id, created)"
        " values (?, ?, ?, ?, ?, ?, ?)",
        (scope, key, print_, answer.status, json.dumps(answer.document), request_id, now),
    )


def forget(store: Store) -> None:
    """As if a day had passed."""
    store.database.execute("delete from idempotency")
