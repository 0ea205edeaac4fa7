"""Withdrawals on the wire."""

from callsheet.promo.v1 import withdrawal_pb2 as pb
from server.core.call import Actor
from server.core.grpc.proto import EnumMap, timestamp
from server.promo.domain import withdrawal as withdrawals
from server.promo.withdrawals.usecases import WithdrawBalance

STATUSES = EnumMap(
    pb.WithdrawalStatus, withdrawals.WithdrawalStatus, "WITHDRAWAL_STATUS_", pb.WithdrawalStatus.ValueType
)
PARTS = EnumMap(
    pb.WithdrawalPartStatus, withdrawals.PartStatus, "WITHDRAWAL_PART_STATUS_", pb.WithdrawalPartStatus.ValueType
)


def withdraw_balance(request: pb.WithdrawBalanceRequest, actor: Actor) -> WithdrawBalance:
    return WithdrawBalance(actor=actor, campaign_id=request.campaign_id, amount_cents=request.amount_cents)


def withdraw_balance_response(withdrawal: withdrawals.Withdrawal) -> pb.WithdrawBalanceResponse:
    return pb.WithdrawBalanceResponse(withdrawal=_withdrawal(withdrawal))


def get_withdrawal_response(withdrawal: withdrawals.Withdrawal) -> pb.GetWithdrawalResponse:
    return pb.GetWithdrawalResponse(withdrawal=_withdrawal(withdrawal))


def _withdrawal(withdrawal: withdrawals.Withdrawal) -> pb.Withdrawal:
    return pb.Withdrawal(
        withdrawal_id=withdrawal.withdrawal_id,
        campaign_id=withdrawal.campaign_id,
        amount_cents=withdrawal.amount_cents,
        status=STATUSES.number(withdrawal.status),
        parts=map(_part, withdrawal.parts),
        version=withdrawal.version,
        created_at=timestamp(withdrawal.created_at),
        updated_at=timestamp(withdrawal.updated_at),
    )


def _part(part: withdrawals.WithdrawalPart) -> pb.WithdrawalPart:
    return pb.WithdrawalPart(
        topup_id=part.topup_id,
        amount_cents=part.amount_cents,
        status=PARTS.number(part.status),
        failure_code=part.failure_code or "",
    )
