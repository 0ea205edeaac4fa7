"""Which bookings a provider accepts without being asked.

Owns booking.autoaccept_rule. Invariant: a rule belongs to one service profile, and is seen by its owner and staff only.
"""
