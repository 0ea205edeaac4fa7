"""A confirmed booking is moved to another time, when both sides agree.

Owns booking.reschedule. Invariants: one proposal waits for an answer at most; the old slot is given up and the new one
taken in one step; what the move costs more or less is an adjustment of the order.
"""
