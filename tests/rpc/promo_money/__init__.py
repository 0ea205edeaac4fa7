"""Promo's payments: what comes in, what is taken back, what is left, and what is told of it."""
