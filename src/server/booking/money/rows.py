"""Rows of booking's money, read."""

from server.booking.money.moves import Debt, MoveStatus, RefundPiece, RefundStatus, Transfer, TransferReversal
from server.booking.money.payment import Payment, PaymentStatus
from server.booking.money.port import Purpose, RefundCause
from server.booking.money.settlement import Release
from server.booking.refunds import Balance, Part
from server.core.db import Record


def payment(row: Record) -> Payment:
    return Payment(
        payment_id=row["payment_id"],
        order_id=row["order_id"],
        sequence=row["sequence"],
        purpose=Purpose(row["purpose"]),
        status=PaymentStatus(row["status"]),
        amount_cents=row["amount_cents"],
        currency=row["currency"],
        created_at=row["created_at"],
        payment_method_id=row["payment_method_id"] or "",
        subtotal_cents=row["subtotal_cents"],
        tip_cents=row["tip_cents"],
        captured_cents=row["captured_cents"],
        refunded_cents=row["refunded_cents"],
        withdrawn_cents=row["withdrawn_cents"],
        reinstated_cents=row["reinstated_cents"],
        intent_id=row["stripe_payment_intent_id"] or "",
        charge_id=row["stripe_charge_id"] or "",
        capture_before=row["capture_before"],
        failure_code=row["failure_code"] or "",
        given_up_at=row["given_up_at"],
        late=row["late"],
    )


def balance(row: Record | None) -> Balance:
    """An order of which nothing was captured has an empty one."""
    if row is None:
        return Balance()
    return Balance(
        charged_cents=row["charged_cents"],
        refunded_cents=row["refunded_cents"],
        subtotal_cents=row["subtotal_cents"],
        subtotal_returned_cents=row["subtotal_returned_cents"],
        fee=Part(row["fee_cents"], row["fee_returned_cents"], row["fee_forfeited_cents"]),
        credit=Part(row["credit_cents"], row["credit_returned_cents"], row["credit_forfeited_cents"]),
        tax=Part(row["tax_cents"], row["tax_returned_cents"], row["tax_forfeited_cents"]),
        commission=Part(row["commission_cents"], row["commission_returned_cents"]),
        tip_cents=row["tip_cents"],
        tip_returned_cents=row["tip_returned_cents"],
        withdrawn_cents=row["withdrawn_cents"],
        reinstated_cents=row["reinstated_cents"],
        transferred_cents=row["transferred_cents"],
        reversed_cents=row["reversed_cents"],
    )


def release(row: Record | None) -> Release:
    return Release() if row is None else Release(row["released_subtotal_cents"], row["released_from"])


def refund(row: Record) -> RefundPiece:
    return RefundPiece(
        refund_id=row["refund_id"],
        refund_set_id=row["refund_set_id"],
        order_id=row["order_id"],
        payment_id=row["payment_id"],
        charge_id=row["stripe_charge_id"],
        cause=RefundCause(row["cause"]),
        cause_id=row["cause_id"],
        status=RefundStatus(row["status"]),
        amount_cents=row["amount_cents"],
        subtotal_cents=row["subtotal_cents"],
        fee_cents=row["platform_fee_cents"],
        tax_cents=row["tax_cents"],
        tip_cents=row["tip_cents"],
        credit_cents=row["credit_cents"],
        commission_cents=row["commission_cents"],
        fee_refundable=row["fee_refundable"],
        currency=row["currency"],
        created_at=row["created_at"],
        attempts=row["attempts"],
        processor_id=row["stripe_refund_id"] or "",
        failure_reason=row["failure_reason"] or "",
        reply_kind=row["reply_kind"] or "",
    )


def transfer(row: Record) -> Transfer:
    return Transfer(
        transfer_id=row["transfer_id"],
        order_id=row["order_id"],
        payment_id=row["payment_id"],
        charge_id=row["stripe_charge_id"],
        provider_user_id=row["provider_user_id"],
        status=MoveStatus(row["status"]),
        amount_cents=row["amount_cents"],
        reversed_cents=row["reversed_cents"],
        currency=row["currency"],
        created_at=row["created_at"],
        processor_id=row["stripe_transfer_id"] or "",
        settled_at=row["settled_at"],
    )


def reversal(row: Record) -> TransferReversal:
    return TransferReversal(
        reversal_id=row["reversal_id"],
        transfer_id=row["transfer_id"],
        status=MoveStatus(row["status"]),
        amount_cents=row["amount_cents"],
        created_at=row["created_at"],
        debt_id=row["debt_id"] or "",
    )


def debt(row: Record) -> Debt:
    return Debt(
        debt_id=row["debt_id"],
        order_id=row["order_id"],
        provider_user_id=row["provider_user_id"],
        amount_cents=row["amount_cents"],
        paid_cents=row["paid_cents"],
        forgiven_cents=row["forgiven_cents"],
        collecting_cents=row["collecting_cents"],
        currency=row["currency"],
    )
