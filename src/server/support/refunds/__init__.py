"""Refunds that support decides on: proposed by one person, approved by another, paid by Booking.

Owns `support_refund` and `refund_limit`. Amounts come from Booking's arithmetic and are reserved on its guarded
balance; a row here mirrors what became of that, and moves its case.
"""
