"""Writes the pages of `docs/` that the code itself can tell: errors, jobs, state machines, RPCs, retry policy.

The pages are committed, for readers without a checkout; an architecture test writes them again in memory and compares.
"""
