"""Debts on the wire."""

from callsheet.promo.v1 import debt_pb2 as pb
from server.core.call import Actor
from server.core.grpc.proto import EnumMap, timestamp
from server.core.pagination import Page
from server.promo.debts.usecases import ListDebts, ProposeSettlement
from server.promo.domain.debt import Debt, Settlement, SettlementMethod, SettlementStatus

METHODS = EnumMap(pb.SettlementMethod, SettlementMethod, "SETTLEMENT_METHOD_", pb.SettlementMethod.ValueType)
STATUSES = EnumMap(pb.SettlementStatus, SettlementStatus, "SETTLEMENT_STATUS_", pb.SettlementStatus.ValueType)


def list_debts(request: pb.ListDebtsRequest, actor: Actor) -> ListDebts:
    return ListDebts(
        actor=actor, campaign_id=request.campaign_id, page_size=request.page_size, page_token=request.page_token
    )


def propose_settlement(request: pb.ProposeDebtSettlementRequest, actor: Actor) -> ProposeSettlement:
    return ProposeSettlement(
        actor=actor,
        topup_id=request.topup_id,
        method=METHODS.member(request.method),
        amount_cents=request.amount_cents,
        adjustment_id=request.adjustment_id,
        reason=request.reason,
    )


def list_debts_response(page: Page[Debt]) -> pb.ListDebtsResponse:
    return pb.ListDebtsResponse(debts=map(_debt, page.items), next_page_token=page.next_token)


def propose_settlement_response(settlement: Settlement) -> pb.ProposeDebtSettlementResponse:
    return pb.ProposeDebtSettlementResponse(settlement=_settlement(settlement))


def approve_settlement_response(settlement: Settlement) -> pb.ApproveDebtSettlementResponse:
    return pb.ApproveDebtSettlementResponse(settlement=_settlement(settlement))


def _debt(debt: Debt) -> pb.Debt:
    return pb.Debt(
        topup_id=debt.topup_id,
        campaign_id=debt.campaign_id,
        taken_cents=debt.taken_cents,
        returned_cents=debt.returned_cents,
        settled_cents=debt.settled_cents,
        owed_cents=debt.owed_cents,
        settlements=map(_settlement, debt.settlements),
    )


def _settlement(settlement: Settlement) -> pb.DebtSettlement:
    return pb.DebtSettlement(
        settlement_id=settlement.settlement_id,
        topup_id=settlement.topup_id,
        method=METHODS.number(settlement.method),
        amount_cents=settlement.amount_cents,
        adjustment_id=settlement.adjustment_id or "",
        reason=settlement.reason,
        status=STATUSES.number(settlement.status),
        proposed_by=settlement.proposed_by,
        proposed_at=timestamp(settlement.proposed_at),
        approved_by=settlement.approved_by or "",
        approved_at=timestamp(settlement.approved_at) if settlement.approved_at else None,
    )
