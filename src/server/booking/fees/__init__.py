"""What the platform takes, by city and from a date on.

Owns booking.fee_policy. Invariant: a policy is never changed; a later one replaces it, and orders keep their own.
"""
