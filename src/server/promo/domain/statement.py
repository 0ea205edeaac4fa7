"""A month of a campaign's budget, as it is shown to whoever pays."""

import csv
import io
from dataclasses import dataclass
from datetime import date

from server.promo.domain.funds import Funds
from server.promo.domain.ledger import EntryKind


@dataclass(frozen=True, slots=True)
class StatementRow:
    """What moved on one day for one reason."""

    day: date
    kind: EntryKind
    entries: int
    funds: Funds


@dataclass(frozen=True, slots=True)
class Statement:
    """Opening balance, what moved, closing balance: the ledger's own sums."""

    campaign_id: str
    month: date
    opening: Funds
    rows: tuple[StatementRow, ...]

    @property
    def closing(self) -> Funds:
        return Funds(
            self.opening.promo_cents + sum(row.funds.promo_cents for row in self.rows),
            self.opening.cash_cents + sum(row.funds.cash_cents for row in self.rows),
        )


def month_after(month: date) -> date:
    """The first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def as_csv(statement: Statement) -> str:
    """The statement for a spreadsheet, amounts in cents."""
    text = io.StringIO()
    sheet = csv.writer(text, lineterminator="\r\n")
    sheet.writerow(["day", "kind", "entries", "promo_cents", "cash_cents", "amount_cents"])
    sheet.writerow(_line(statement.month.isoformat(), "opening_balance", "", statement.opening))
    for row in statement.rows:
        sheet.writerow(_line(row.day.isoformat(), row.kind.value, str(row.entries), row.funds))
    sheet.writerow(_line("", "closing_balance", "", statement.closing))
    return text.getvalue()


def _line(day: str, kind: str, entries: str, funds: Funds) -> list[str]:
    return [day, kind, entries, str(funds.promo_cents), str(funds.cash_cents), str(funds.total_cents)]
