"""An order's money: protobuf and domain, in both directions."""

from callsheet.booking.v1 import payment_pb2 as pb
from server.booking import convert as orders
from server.booking.money.moves import RefundStatus
from server.booking.money.onboarding import BeginOnboarding, OnboardingLink
from server.booking.money.payment import Payment, PaymentStatus
from server.booking.money.port import Purpose
from server.booking.money.reading import Earnings, GetPayment, ListEarnings, PaymentView, Receipt, ReceiptRefund
from server.core.call import Actor
from server.core.grpc.proto import EnumMap, timestamp

PURPOSES = EnumMap(pb.PaymentPurpose, Purpose, "PAYMENT_PURPOSE_", pb.PaymentPurpose.ValueType)
PAYMENTS = EnumMap(pb.PaymentStatus, PaymentStatus, "PAYMENT_STATUS_", pb.PaymentStatus.ValueType)
REFUNDS = EnumMap(pb.RefundStatus, RefundStatus, "REFUND_STATUS_", pb.RefundStatus.ValueType)


def get_payment(request: pb.GetPaymentRequest, actor: Actor) -> GetPayment:
    return GetPayment(actor, request.order_id, request.payment_id)


def get_earnings(request: pb.GetEarningsRequest, actor: Actor) -> ListEarnings:
    return ListEarnings(actor, request.page_size, request.page_token)


def begin_onboarding(request: pb.CreatePayoutOnboardingRequest, actor: Actor) -> BeginOnboarding:
    return BeginOnboarding(actor, request.country, request.refresh_url, request.return_url)


def get_payment_response(view: PaymentView) -> pb.GetPaymentResponse:
    answer = pb.GetPaymentResponse(payment=_payment(view.payment), client_secret=view.client_secret)
    if view.next_action is not None:
        answer.next_action.type = view.next_action.type
        answer.next_action.redirect_url = view.next_action.redirect_url or ""
    return answer


def get_receipt_response(receipt: Receipt) -> pb.GetReceiptResponse:
    balance, late = receipt.balance, receipt.late_cents
    refunded = balance.refunded_cents - receipt.late_returned_cents
    return pb.GetReceiptResponse(
        order_id=receipt.order.order_id,
        currency=receipt.order.price.currency,
        line_items=map(orders.line_item, receipt.order.line_items),
        subtotal_cents=balance.subtotal_cents,
        platform_fee_cents=balance.fee.amount_cents,
        credit_cents=balance.credit.amount_cents,
        tax_cents=balance.tax.amount_cents,
        tip_cents=balance.tip_cents - late,
        charged_cents=balance.charged_cents - late,
        refunded_cents=refunded,
        paid_cents=balance.charged_cents - late - refunded,
        payments=map(_payment, receipt.payments),
        refunds=map(_refund, receipt.refunds),
    )


def get_earnings_response(earnings: Earnings) -> pb.GetEarningsResponse:
    return pb.GetEarningsResponse(
        months=[
            pb.MonthEarnings(
                month=month.month,
                currency=month.currency,
                transferred_cents=month.transferred_cents,
                reversed_cents=month.reversed_cents,
                net_cents=month.transferred_cents - month.reversed_cents,
                transfers=month.transfers,
            )
            for month in earnings.page.items
        ],
        next_page_token=earnings.page.next_token,
        time_zone=earnings.time_zone,
    )


def onboarding_response(link: OnboardingLink) -> pb.CreatePayoutOnboardingResponse:
    return pb.CreatePayoutOnboardingResponse(
        account_id=link.account_id, url=link.url, expires_at=timestamp(link.expires_at)
    )


def _payment(payment: Payment) -> pb.Payment:
    return pb.Payment(
        payment_id=payment.payment_id,
        order_id=payment.order_id,
        purpose=PURPOSES.number(payment.purpose),
        status=PAYMENTS.number(payment.status),
        amount_cents=payment.amount_cents,
        captured_cents=payment.captured_cents,
        refunded_cents=payment.refunded_cents,
        currency=payment.currency,
        failure_code=payment.failure_code,
    )


def _refund(one: ReceiptRefund) -> pb.ReceiptRefund:
    return pb.ReceiptRefund(
        refund_set_id=one.refund_set_id,
        amount_cents=one.refund.cash_cents,
        subtotal_cents=one.refund.subtotal_cents,
        platform_fee_cents=one.refund.fee_cents,
        tax_cents=one.refund.tax_cents,
        tip_cents=one.refund.tip_cents,
        credit_cents=one.refund.credit_cents,
        status=REFUNDS.number(one.status),
        created_at=timestamp(one.created_at),
    )
