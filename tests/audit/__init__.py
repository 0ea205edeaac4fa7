"""Audits of money on real parts."""
