"""Sees every statement of a server under test: how many a transaction ran, and in which order it took locks."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from server.core.call import current_call
from server.core.locks import LOCK_ORDER

_TAKES = [
    (re.compile(pattern, re.IGNORECASE), rank)
    for rank, patterns in enumerate(LOCK_ORDER.values())
    for pattern in patterns
]
_NAMES = list(LOCK_ORDER)
BUDGETS: dict[str, int] = tomllib.loads((Path(__file__).parent / "budgets.toml").read_text())["statements"]


@dataclass(slots=True)
class TransactionLog:
    """The statements of one transaction, or of one loan of a connection."""

    path: str
    """The RPC, `package.Service/Method`; empty outside of one."""
    statements: list[str] = field(default_factory=list)
    in_transaction: bool = False

    def begun(self) -> None:
        self.in_transaction = True

    def statement(self, sql: str) -> None:
        self.statements.append(sql)

    def ended(self) -> None:
        """Nothing more comes; the log keeps what there was."""


class StatementLog:
    """All transactions of a server, by the method whose call they were part of."""

    def __init__(self) -> None:
        self._transactions: list[TransactionLog] = []

    def transaction(self) -> TransactionLog:
        call = current_call()
        log = TransactionLog(call.method.lstrip("/") if call else "")
        self._transactions.append(log)
        return log

    def forget(self) -> None:
        self._transactions.clear()

    def count(self, method: str) -> int:
        """How many statements the calls of a method ran since the log was last emptied."""
        return sum(len(log.statements) for log in self._transactions if log.path.endswith(f"/{method}"))

    def containing(self, text: str) -> int:
        """How many statements with this text ran since the log was last emptied, whoever ran them."""
        return sum(text in sql for log in self._transactions for sql in log.statements)

    def assert_budgets(self) -> None:
        """No transaction of an RPC runs more statements than it declares: however much it handles, it asks once."""
        for log in self._transactions:
            if log.path in BUDGETS:
                count, most = len(log.statements), BUDGETS[log.path]
                ran = "\n".join(log.statements)
                assert count <= most, f"{log.path}: {count} statements, {most} declared:\n{ran}"

    def assert_lock_order(self) -> None:
        """No transaction takes a lock that stands earlier in the order than one it holds."""
        for log in self._transactions:
            if log.in_transaction:
                highest = 0
                for sql in log.statements:
                    rank = _rank(sql)
                    if rank is None:
                        continue
                    assert rank >= highest, (
                        f"{log.path}: takes {_NAMES[rank]} after {_NAMES[highest]}, against the lock order: {sql}"
                    )
                    highest = rank


def _rank(sql: str) -> int | None:
    return next((rank for pattern, rank in _TAKES if pattern.search(sql)), None)
