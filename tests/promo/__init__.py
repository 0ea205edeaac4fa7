"""Promo below its RPCs, on a real database."""
