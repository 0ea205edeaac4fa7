"""Money on the wire."""

from datetime import date

from callsheet.promo.v1 import adjustment_pb2
from callsheet.promo.v1 import budget_pb2 as pb
from server.core.call import Actor
from server.core.errors import FieldInvalid, Violation
from server.core.grpc.proto import EnumMap, timestamp
from server.core.pagination import Page
from server.promo.domain import ledger
from server.promo.domain.adjustment import Adjustment, AdjustmentStatus
from server.promo.domain.charging import Charging
from server.promo.domain.funds import Funds
from server.promo.domain.statement import Statement, StatementRow, as_csv
from server.promo.money.adjustments import ProposeAdjustment
from server.promo.money.usecases import Budget, GrantCredit, ListEntries

KINDS = EnumMap(pb.BudgetEntryKind, ledger.EntryKind, "BUDGET_ENTRY_KIND_", pb.BudgetEntryKind.ValueType)
SOURCES = EnumMap(pb.CreditSource, ledger.CreditSource, "CREDIT_SOURCE_", pb.CreditSource.ValueType)

CHARGING = EnumMap(pb.Charging, Charging, "CHARGING_", pb.Charging.ValueType)

ADJUSTMENTS = EnumMap(
    adjustment_pb2.AdjustmentStatus,
    AdjustmentStatus,
    "ADJUSTMENT_STATUS_",
    adjustment_pb2.AdjustmentStatus.ValueType,
)


def grant_credit(request: pb.GrantCreditRequest) -> GrantCredit:
    return GrantCredit(
        campaign_id=request.campaign_id,
        amount_cents=request.amount_cents,
        source=SOURCES.member(request.source),
        reason=request.reason,
    )


def propose_adjustment(request: adjustment_pb2.ProposeAdjustmentRequest, actor: Actor) -> ProposeAdjustment:
    return ProposeAdjustment(
        actor=actor,
        campaign_id=request.campaign_id,
        funds=Funds(request.promo_cents, request.cash_cents),
        reason=request.reason,
    )


def list_entries(request: pb.ListBudgetEntriesRequest, actor: Actor) -> ListEntries:
    return ListEntries(
        actor=actor,
        campaign_id=request.campaign_id,
        page_size=request.page_size,
        page_token=request.page_token,
    )


def month(request: pb.GetStatementRequest) -> date:
    try:
        return date.fromisoformat(f"{request.month}-01")
    except ValueError:
        raise FieldInvalid(Violation("month", "must be a month of the calendar, such as 2026-05")) from None


def grant_credit_response(entry: ledger.Entry) -> pb.GrantCreditResponse:
    return pb.GrantCreditResponse(entry=_entry(entry))


def propose_adjustment_response(adjustment: Adjustment) -> adjustment_pb2.ProposeAdjustmentResponse:
    return adjustment_pb2.ProposeAdjustmentResponse(adjustment=_adjustment(adjustment))


def approve_adjustment_response(adjustment: Adjustment) -> adjustment_pb2.ApproveAdjustmentResponse:
    return adjustment_pb2.ApproveAdjustmentResponse(adjustment=_adjustment(adjustment))


def get_budget_response(budget: Budget) -> pb.GetBudgetResponse:
    return pb.GetBudgetResponse(budget=budget_message(budget))


def budget_message(budget: Budget) -> pb.Budget:
    campaign = budget.campaign
    terms = campaign.terms.budget
    return pb.Budget(
        campaign_id=campaign.campaign_id,
        balance_cents=campaign.balance_cents,
        balance_promo_cents=campaign.funded.promo_cents + campaign.spent.promo_cents,
        balance_cash_cents=campaign.funded.cash_cents + campaign.spent.cash_cents,
        funded_cents=campaign.funded.total_cents,
        spent_cents=-campaign.spent.total_cents,
        budget_day=budget.today.isoformat(),
        spent_today_cents=budget.spent_today_cents,
        daily_budget_cents=terms.daily_cents,
        total_budget_cents=terms.total_cents or 0,
        spent_on_clicks_cents=campaign.clicked_cents - campaign.restored_cents,
        owed_cents=budget.owed_cents,
        charging=CHARGING.number(budget.charging),
    )


def list_entries_response(page: Page[ledger.Entry]) -> pb.ListBudgetEntriesResponse:
    return pb.ListBudgetEntriesResponse(entries=map(_entry, page.items), next_page_token=page.next_token)


def get_statement_response(statement: Statement) -> pb.GetStatementResponse:
    return pb.GetStatementResponse(
        opening_balance_cents=statement.opening.total_cents,
        rows=map(_row, statement.rows),
        closing_balance_cents=statement.closing.total_cents,
        csv=as_csv(statement),
    )


def _row(row: StatementRow) -> pb.StatementRow:
    return pb.StatementRow(
        day=row.day.isoformat(),
        kind=KINDS.number(row.kind),
        entries=row.entries,
        amount_cents=row.funds.total_cents,
        promo_cents=row.funds.promo_cents,
        cash_cents=row.funds.cash_cents,
    )


def _entry(entry: ledger.Entry) -> pb.BudgetEntry:
    movement = entry.link.movement
    return pb.BudgetEntry(
        entry_id=movement.entry_id,
        campaign_id=movement.campaign_id,
        kind=KINDS.number(movement.kind),
        amount_cents=movement.funds.total_cents,
        promo_cents=movement.funds.promo_cents,
        cash_cents=movement.funds.cash_cents,
        reason=movement.reason,
        credit_source=(
            SOURCES.number(movement.credit_source) if movement.credit_source else pb.CREDIT_SOURCE_UNSPECIFIED
        ),
        reverses_entry_id=movement.reverses_entry_id or "",
        budget_day=movement.budget_day.isoformat() if movement.budget_day else "",
        sequence=entry.link.sequence,
        hash=entry.link.hash.hex(),
        created_at=timestamp(entry.created_at),
    )


def _adjustment(adjustment: Adjustment) -> adjustment_pb2.Adjustment:
    return adjustment_pb2.Adjustment(
        adjustment_id=adjustment.adjustment_id,
        campaign_id=adjustment.campaign_id,
        promo_cents=adjustment.funds.promo_cents,
        cash_cents=adjustment.funds.cash_cents,
        reason=adjustment.reason,
        status=ADJUSTMENTS.number(adjustment.status),
        proposed_by=adjustment.proposed_by,
        proposed_at=timestamp(adjustment.proposed_at),
        approved_by=adjustment.approved_by or "",
        approved_at=timestamp(adjustment.approved_at) if adjustment.approved_at else None,
    )
