"""Payout holds: money that is kept back until a case is settled, at most until the hold expires."""
