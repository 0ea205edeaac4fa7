"""Money. A balance transaction is written once; a balance is what they sum to."""

from dataclasses import dataclass
from typing import Final

from devstack.stripe_sandbox.errors import no_such
from devstack.stripe_sandbox.store import Store
from devstack.stripe_sandbox.values import Document, Json

PLATFORM: Final = "platform"
DISPUTE_FEE: Final = 1500
PENDING_SECONDS: Final = 2 * 24 * 3600

_SELECT = """
select seq, id, account, currency, amount, fee, kind, source, created, available_on, description
from balance_transaction
"""

_CATEGORIES = {
    "adjustment": "dispute",
    "payment": "charge",
    "payment_refund": "refund",
    "transfer_refund": "transfer_reversal",
    "refund_failure": "refund_failure",
}


def processing_fee(amount: int) -> int:
    """What the processor keeps of a card payment: 2.9 % and thirty cents."""
    return (amount * 290 + 5000) // 10_000 + 30


@dataclass(frozen=True, slots=True)
class BalanceTransaction:
    """One movement on one account. `net` is what the balance changes by."""

    seq: int
    id: str
    account: str
    currency: str
    amount: int
    fee: int
    kind: str
    source: str
    created: int
    available_on: int
    description: str

    @property
    def net(self) -> int:
        return self.amount - self.fee

    def document(self, pending: bool) -> Document:
        details: list[Json] = []
        if self.fee:
            details.append(
                {
                    "amount": self.fee,
                    "application": None,
                    "currency": self.currency,
                    "description": self.description or "Stripe processing fees",
                    "type": "stripe_fee",
                }
            )
        return {
            "object": "balance_transaction",
            "id": self.id,
            "amount": self.amount,
            "available_on": self.available_on,
            "balance_type": "payments",
            "created": self.created,
            "currency": self.currency,
            "description": self.description or None,
            "exchange_rate": None,
            "fee": self.fee,
            "fee_details": details,
            "net": self.net,
            "reporting_category": _CATEGORIES.get(self.kind, self.kind),
            "source": self.source,
            "status": "pending" if pending else "available",
            "type": self.kind,
        }


class Ledger:
    """The list of all movements and the balances that follow from it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def post(
        self,
        account: str,
        kind: str,
        source: str,
        currency: str,
        amount: int,
        *,
        now: int,
        fee: int = 0,
        available_on: int | None = None,
        description: str = "",
    ) -> str:
        identifier = self._store.new_id("txn_")
        self._store.database.execute(
            "insert into balance_transaction (id, account, currency, amount, fee, kind, source, created, available_on,"
            " description) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                identifier,
                account,
                currency,
                amount,
                fee,
                kind,
                source,
                now,
                now if available_on is None else available_on,
                description,
            ),
        )
        return identifier

    def get(self, identifier: str) -> BalanceTransaction:
        row = self._store.database.execute(_SELECT + "where id = ?", (identifier,)).fetchone()
        if row is None:
            raise no_such("balance transaction", identifier, "id")
        return BalanceTransaction(*row)

    def of_account(self, account: str) -> list[BalanceTransaction]:
        """The movements of one account, the newest first."""
        rows = self._store.database.execute(_SELECT + "where account = ? order by seq desc", (account,))
        return [BalanceTransaction(*row) for row in rows]

    def accounts(self) -> list[str]:
        return [row[0] for row in self._store.database.execute("select distinct account from balance_transaction")]

    def is_pending(self, transaction: BalanceTransaction, now: int) -> bool:
        """Card payments wait two days, unless everything up to here was settled by hand."""
        return transaction.available_on > now and transaction.seq > int(self._store.setting("settled_through", "0"))

    def settle(self) -> None:
        """Makes available what is pending now."""
        newest = self._store.database.execute("select coalesce(max(seq), 0) from balance_transaction").fetchone()[0]
        self._store.set("settled_through", str(newest))

    def balance(self, account: str, currency: str, now: int) -> tuple[int, int]:
        """Available and pending cents."""
        available = pending = 0
        for transaction in self.of_account(account):
            if transaction.currency != currency:
                continue
            if self.is_pending(transaction, now):
                pending += transaction.net
            else:
                available += transaction.net
        return available, pending

    def show(self, transaction: BalanceTransaction, now: int) -> Document:
        return transaction.document(self.is_pending(transaction, now))
